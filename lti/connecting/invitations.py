"""Invitations: an address with which one LMS registers itself, once, for one organization.

An invitation is claimed while the LMS is asked, so that of two at once one registers; it is given
back when nothing came of it. A claim of a process that was killed ends by itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.orm import Session, joinedload

from lti.models import Invitation, Platform
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import Organization
from peerqa.secrets import hash_token, new_token

INVITATION_DAYS = 7
MOST_LISTED = 50
CLAIMED = timedelta(minutes=2)  # longer than any registration takes


class InvitationExpired(Invalid):
    """The invitation was used, is too old, or never was one."""

    code = "invitation-expired"
    status = 410


def make_invitation(session: Session, organization: Organization, at: datetime) -> str:
    """Invite one LMS; returns the token, which is stored as a hash only."""
    token = new_token()
    session.add(
        Invitation(
            organization=organization,
            token_hash=hash_token(token),
            created_at=at,
            expires_at=at + timedelta(days=INVITATION_DAYS),
        )
    )
    session.flush()
    return token


def find_invitation(session: Session, token: str, at: datetime) -> Invitation:
    """Return an invitation that can still be used.

    Raises:
        InvitationExpired: there is none, which looks the same as one that was used.
    """
    found = session.scalars(
        select(Invitation)
        .where(Invitation.token_hash == hash_token(token), *_usable(at))
        .options(joinedload(Invitation.organization))
    ).one_or_none()
    if found is None:
        raise InvitationExpired(
            N_(
                "This registration address was used already, or is too old. "
                "Ask an admin of PeerQA for a new one."
            )
        )
    return found


def list_open(session: Session, organization_id: int, at: datetime) -> Sequence[Invitation]:
    """Return the organization's invitations that somebody could still use, the newest first."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.organization_id == organization_id, *_usable(at))
        .order_by(Invitation.id.desc())
        .limit(MOST_LISTED)
    ).all()


def withdraw(session: Session, organization_id: int, invitation_id: int, at: datetime) -> None:
    """End an invitation of the organization; harmless twice, and one that was used stays so.

    Raises:
        NotFound: there is none with this id.
    """
    ended = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.organization_id == organization_id)
        .values(expires_at=case((Invitation.expires_at > at, at), else_=Invitation.expires_at))
        .execution_options(synchronize_session="fetch")
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise NotFound(N_("There is no such registration address here."), invitation=invitation_id)


def claim_invitation(session: Session, token: str, at: datetime) -> Invitation:
    """Take an invitation while the LMS is asked; of two at once one gets it.

    Raises:
        InvitationExpired: it cannot be used, or another one has it.
    """
    invitation = find_invitation(session, token, at)
    taken = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, *_usable(at))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise InvitationExpired(N_("This registration address is being used at this moment."))
    session.refresh(invitation)
    return invitation


def consume_invitation(session: Session, invitation: Invitation, platform: Platform) -> None:
    """Say which registration the invitation became; from now on nobody can use it."""
    invitation.platform_id = platform.id
    session.flush()


def release_invitation(session: Session, invitation: Invitation) -> None:
    """Give an invitation back, since nothing was registered."""
    session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.platform_id.is_(None))
        .values(used_at=None)
    )


def _usable(at: datetime) -> tuple[ColumnElement[bool], ...]:
    is_free = or_(
        Invitation.used_at.is_(None),
        and_(Invitation.platform_id.is_(None), Invitation.used_at < at - CLAIMED),
    )
    return (Invitation.expires_at > at, is_free)


def invitation_address(address: str, token: str) -> str:
    """Return what the admin of the LMS pastes there.

    Args:
        address: of this installation, without a slash at the end.
    """
    return f"{address}/lti/register?invitation={token}"
