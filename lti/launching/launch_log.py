"""The launch log: who came from where, and why somebody did not. Admins read it; see admin pages.

It holds no token, no name and no claim of a person. The organization is known as far as it was
verified: the registration's until an approved deployment says whose the launch is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from lti.models import Deployment, LaunchRecord, Platform
from peerqa.errors import PeerQAError

ACCEPTED = "accepted"
ANONYMOUS = "anonymous"  # legal, and read-only
LET_IN = frozenset({ACCEPTED, ANONYMOUS})  # every other code is a refusal's
KEPT = timedelta(days=90)
KEPT_OF_STRANGERS = timedelta(days=7)
MOST_OF_ONE = 50_000  # rows of an organization, or of nobody: anybody may make them
AT_ONCE = 2000  # that are deleted in one transaction
_LONGEST = 255


@dataclass
class Attempt:
    """A login or a launch on its way, and what has been verified of it so far."""

    issuer: str = ""
    client_id: str = ""
    deployment_id: str = ""
    place: str = ""
    platform_id: int | None = None
    organization_id: int | None = None
    member_id: int | None = None

    def reach(self, platform: Platform) -> None:
        """It is about this registration."""
        self.issuer, self.client_id = platform.issuer, platform.client_id
        self.platform_id, self.organization_id = platform.id, platform.organization_id

    def enter(self, deployment: Deployment) -> None:
        """It comes from this deployment: the platform's signature says so."""
        self.deployment_id = deployment.deployment_id
        self.organization_id = deployment.organization_id


def record(
    session: Session,
    attempt: Attempt,
    refusal: PeerQAError | None = None,
    *,
    code: str = ACCEPTED,
    at: datetime,
) -> LaunchRecord:
    """Write down how a login or a launch ended.

    Args:
        code: when it was not refused.
    """
    row = LaunchRecord(
        at=at,
        organization_id=attempt.organization_id,
        platform_id=attempt.platform_id,
        member_id=attempt.member_id,
        issuer=attempt.issuer[:_LONGEST],
        client_id=attempt.client_id[:_LONGEST],
        deployment_id=attempt.deployment_id[:_LONGEST],
        place=attempt.place[:_LONGEST],
        code=refusal.code if refusal else code,
        sentence=refusal.sentence if refusal else "",
        context={name: str(value) for name, value in refusal.context.items()} if refusal else {},
    )
    session.add(row)
    session.flush()
    return row


def delete_old(session: Session, *, at: datetime) -> int:
    """Delete some rows that help nobody: old ones, and all but the newest; returns how many."""
    doomed = [
        LaunchRecord.at <= at - KEPT,
        and_(LaunchRecord.organization_id.is_(None), LaunchRecord.at <= at - KEPT_OF_STRANGERS),
    ]
    crowded = select(LaunchRecord.organization_id).group_by(LaunchRecord.organization_id)
    for organization_id in session.scalars(crowded.having(func.count() > MOST_OF_ONE)).all():
        whose = LaunchRecord.organization_id.is_not_distinct_from(organization_id)
        newest = select(LaunchRecord.id).where(whose).order_by(LaunchRecord.id.desc())
        doomed.append(
            and_(whose, LaunchRecord.id <= session.scalar(newest.offset(MOST_OF_ONE).limit(1)))
        )
    some = select(LaunchRecord.id).where(or_(*doomed)).limit(AT_ONCE)
    deleted = session.execute(
        delete(LaunchRecord).where(LaunchRecord.id.in_(some)),
        execution_options={"synchronize_session": False},
    )
    return deleted.rowcount  # type: ignore[attr-defined,no-any-return]  # a CursorResult
