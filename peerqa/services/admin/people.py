"""What admins do about members: made admins, invited, let go and let in again.

There is always an admin: whoever takes the role from somebody holds the organization, so that of
two who take it from each other at once, one is refused.
"""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.database import hold, one_line
from peerqa.errors import N_, Conflict, NotAllowed
from peerqa.models import Member, Membership, OneTimeLink, SignIn, Space
from peerqa.models.space import Role, Visibility
from peerqa.permissions import is_steward, may
from peerqa.services import audit, members
from peerqa.services.admin.admins import refuse_others
from peerqa.services.admin.sources import Sources
from peerqa.services.moderating.kept_out import is_active
from peerqa.services.moderating.suspensions import other_stewards, refuse_only_steward

INVITATION_MAIL = "invitation-mail"  # the outbox topic; its key is the member's id
INVITATION_DAYS = 7  # that the link in an invitation works: people are away for a week


def set_admin(
    session: Session, *, member: Member, wanted: bool, by: Member, sources: Sources, at: datetime
) -> None:
    """Make somebody an admin, or one no more. Harmless twice.

    Raises:
        Conflict: nobody would be left, the LMS decides, or they cannot sign in.
    """
    _refuse_others(by, member)
    _hold(session, member, by)
    if member.is_admin == wanted:
        return
    if wanted:
        _refuse_who_is_not_here(member)
    else:
        _refuse_without_admins(session, member, at=at)
        if sources.is_admin(session, member.id):
            raise Conflict(
                N_("%(name)s is an administrator of the LMS. Take the role away there."),
                name=member.name,
            )
    member.is_admin = wanted
    audit.record(session, "admin.given" if wanted else "admin.taken", by=by, thing=member, at=at)


def set_space_role(
    session: Session,
    *,
    member: Member,
    space: Space,
    role: Role | None,
    by: Member,
    sources: Sources,
    at: datetime,
) -> None:
    """Put somebody into a space in this role, or take them out of it. Harmless twice.

    Raises:
        NotAllowed: only stewards of the space and admins do this.
        Conflict: the LMS decides, or they cannot sign in.
    """
    if not may(by, "admit", space) or member.organization_id != by.organization_id:
        raise NotAllowed(N_("Only stewards of the space and admins can do this."))
    if space.id in sources.spaces_of(session, member.id):
        raise Conflict(
            N_("The LMS says what %(name)s is in “%(space)s”. Change it in the course there."),
            name=member.name,
            space=space.name,
        )
    if role is not Role.STEWARD:
        _refuse_without_stewards(session, member, space, at=at)
    before = next((m.role for m in member.memberships if m.space_id == space.id), None)
    if role == before:
        return
    if role is None:
        members.leave_space(session, member=member, space=space)
    else:
        _refuse_who_is_not_here(member)
        members.join_space(session, member=member, space=space, role=role)
    audit.record(
        session, "role.changed", by=by, thing=member, at=at,
        space=space.id, before=before, now=role.value if role else None,
    )  # fmt: skip


def set_department(
    session: Session, *, member: Member, name: str, by: Member, at: datetime
) -> None:
    """Put somebody into a department; an empty name takes them out of theirs.

    Raises:
        Conflict: the LMS decides.
        Invalid: no department can be called so.
    """
    _refuse_others(by, member)
    before = member.department_id
    if one_line(name):
        members.set_department(session, member=member, name=name)
    else:
        members.leave_department(session, member=member)
    if member.department_id != before:
        audit.record(
            session, "member.department", by=by, thing=member, at=at,
            before=before, now=member.department_id,
        )  # fmt: skip


def invite(session: Session, *, name: str, email: str, by: Member, at: datetime) -> Member:
    """Make a member, and have a link mailed that signs them in once.

    Raises:
        Invalid: the name or the address cannot be used, or somebody here has the address.
    """
    _refuse_others(by)
    address = members.read_email(email)
    member = members.create_member(
        session,
        organization=by.organization,
        name=one_line(name) or address.partition("@")[0],
        email=address,
        at=at,
    )
    outbox.ask(session, INVITATION_MAIL, str(member.id), at=at)
    audit.record(session, "member.invited", by=by, thing=member, at=at)
    return member


def invite_again(session: Session, *, member: Member, by: Member, at: datetime) -> None:
    """Have another link mailed.

    Raises:
        Conflict: they have no address, or cannot sign in.
    """
    _refuse_others(by, member)
    _refuse_who_is_not_here(member)
    if member.email is None:
        raise Conflict(N_("%(name)s has no e-mail address here."), name=member.name)
    outbox.ask(session, INVITATION_MAIL, str(member.id), at=at)
    audit.record(session, "member.invited", by=by, thing=member, at=at, again=True)


def deactivate(session: Session, *, member: Member, by: Member, at: datetime) -> None:
    """Let somebody in no more: their browsers are signed out, what they wrote stays.

    Raises:
        Conflict: it is oneself, or nobody would be left as an admin, or as steward somewhere.
    """
    _refuse_others(by, member)
    if member.id == by.id:
        raise Conflict(N_("You cannot shut yourself out. Another admin can."))
    _hold(session, member, by)
    if member.inactive_at is not None:
        return
    if member.is_admin:
        _refuse_without_admins(session, member, at=at)
    refuse_only_steward(session, member, at=at)
    members.close(session, member=member, at=at)
    session.execute(
        update(SignIn)
        .where(SignIn.member_id == member.id, SignIn.ended_at.is_(None))
        .values(ended_at=at)
    )
    session.execute(delete(OneTimeLink).where(OneTimeLink.member_id == member.id))
    audit.record(session, "member.closed", by=by, thing=member, at=at)


def reactivate(session: Session, *, member: Member, by: Member, at: datetime) -> None:
    """Let somebody in again. Harmless for who is active."""
    _refuse_others(by, member)
    if member.inactive_at is None:
        return
    members.reopen(session, member=member)
    audit.record(session, "member.reopened", by=by, thing=member, at=at)


def _hold(session: Session, member: Member, by: Member) -> None:
    """Let nobody else give or take the role meanwhile, and read who has it now."""
    hold(session, member.organization)
    for each in (member, by):
        session.refresh(each, ["is_admin", "inactive_at"])
    _refuse_others(by, member)


def _refuse_others(by: Member, member: Member | None = None) -> None:
    if member is not None and member.organization_id != by.organization_id:
        raise NotAllowed(N_("Only admins can do this."))
    refuse_others(by)


def _refuse_who_is_not_here(member: Member) -> None:
    if member.is_placeholder:
        raise Conflict(
            N_("%(name)s came with an import, and is nobody who can sign in."), name=member.name
        )
    if member.inactive_at is not None:
        raise Conflict(N_("%(name)s has left. Let them in again first."), name=member.name)


def _refuse_without_stewards(
    session: Session, member: Member, space: Space, *, at: datetime
) -> None:
    """Refuse when a closed space would have nobody who could let others in."""
    if space.visibility != Visibility.SPACE or not is_steward(member, space.id):
        return
    hold(session, member.organization)  # as who lets stewards go or suspends them
    if session.scalar(other_stewards(member, at).where(Membership.space_id == space.id)) is None:
        raise Conflict(
            N_("%(name)s is the only steward of “%(space)s”. Make somebody else a steward first."),
            name=member.name,
            space=space.name,
        )


def has_other_admin(session: Session, member: Member, *, at: datetime) -> bool:
    """Whether somebody else administers the member's organization, which is held, and can act."""
    other = select(Member.id).where(
        Member.organization_id == member.organization_id,
        Member.id != member.id,
        Member.is_admin.is_(True),
        is_active(at),
    )
    return session.scalar(other.limit(1)) is not None


def _refuse_without_admins(session: Session, member: Member, *, at: datetime) -> None:
    """Refuse when nobody else administers; the organization is held."""
    if not has_other_admin(session, member, at=at):
        raise Conflict(
            N_("%(name)s is the only admin. Make somebody else an admin first."), name=member.name
        )
