"""What the LMS made and decides: its courses as spaces, who is in them, who is an administrator."""

from collections.abc import Collection, Mapping

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.models import Account, Context, Deployment, Enrolment, Platform
from peerqa.services.admin.sources import Sources


class LmsSources(Sources):
    """Answers from the contexts, enrolments and accounts of launches and rosters."""

    def spaces(self, session: Session, space_ids: Collection[int]) -> Mapping[int, str]:
        """Return the platforms' names."""
        if not space_ids:
            return {}
        rows = session.execute(
            select(Context.space_id, Platform.name)
            .join(Deployment, Deployment.id == Context.deployment_id)
            .join(Platform, Platform.id == Deployment.platform_id)
            .where(Context.space_id.in_(space_ids))
            .order_by(Context.id)
        )
        names: dict[int, dict[str, None]] = {}
        for space_id, name in rows:
            names.setdefault(space_id, {})[name] = None
        return {space_id: ", ".join(found) for space_id, found in names.items()}

    def spaces_of(self, session: Session, member_id: int) -> frozenset[int]:
        """Return the spaces of the courses that the member is in."""
        found = (
            select(Context.space_id)
            .join(Enrolment, Enrolment.context_id == Context.id)
            .join(Account, Account.id == Enrolment.account_id)
            .where(Account.member_id == member_id, Enrolment.left_at.is_(None))
        )
        return frozenset(session.scalars(found))

    def members_of(self, session: Session, space_id: int) -> frozenset[int]:
        """Return who is in a course that is the space."""
        found = (
            select(Account.member_id)
            .join(Enrolment, Enrolment.account_id == Account.id)
            .join(Context, Context.id == Enrolment.context_id)
            .where(Context.space_id == space_id, Enrolment.left_at.is_(None))
        )
        return frozenset(session.scalars(found))

    def is_admin(self, session: Session, member_id: int) -> bool:
        """Whether a launch made them an admin."""
        made = select(Account.id).where(
            Account.member_id == member_id, Account.made_admin.is_(True)
        )
        return session.scalar(made.limit(1)) is not None


def install(app: Flask) -> None:
    """Answer for the LMS."""
    app.extensions["peerqa.sources"] = LmsSources()
