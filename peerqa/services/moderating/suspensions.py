"""Suspending a member: until a day or until it is lifted, with a reason that they read.

The gate refuses a suspended member everything with one sentence: why, until when, whom to ask. What
they wrote stays, and it ends by itself. An admin suspends others, so one admin is always left; two
who suspend each other take turns, and the second is refused.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from peerqa.database import hold
from peerqa.errors import N_, Conflict, Invalid, NotAllowed
from peerqa.models import Member, Membership, Space
from peerqa.models.space import Role, Visibility
from peerqa.services import audit
from peerqa.services.admin.admins import refuse_others
from peerqa.services.moderating.kept_out import is_active, is_suspended
from peerqa.services.moderating.rulings import read_why

LONGEST = timedelta(days=3660)


class Suspended(NotAllowed):
    """The member is kept out."""

    code = "suspended"


def other_stewards(member: Member, at: datetime) -> Select[int]:
    """Return a query for who else keeps spaces and can act there, to be narrowed to spaces."""
    return (
        select(Membership.id)
        .join(Member, Member.id == Membership.member_id)
        .where(
            Membership.member_id != member.id,
            Membership.role == Role.STEWARD,
            is_active(at),
        )
        .limit(1)
    )


def refuse_only_steward(session: Session, member: Member, *, at: datetime) -> None:
    """Keep out nobody without whom a closed space has no steward; the organization is held.

    An admin may not know the space, so the sentence names none.

    Raises:
        Conflict: with what to do first.
    """
    theirs = aliased(Membership)
    others = other_stewards(member, at).where(Membership.space_id == theirs.space_id)
    alone = (
        select(theirs.id)
        .join(Space, Space.id == theirs.space_id)
        .where(
            theirs.member_id == member.id,
            theirs.role == Role.STEWARD,
            Space.visibility == Visibility.SPACE,
            ~others.correlate(theirs).exists(),
        )
    )
    if session.scalar(alone.limit(1)) is not None:
        raise Conflict(
            N_(
                "%(name)s is the only steward of a closed space. They must make somebody else a "
                "steward there first; if they cannot, whoever runs PeerQA can sign in for them "
                "with a link of “peerqa admin link”."
            ),
            name=member.name,
        )


def sentence_for(member: Member) -> str:
    """Return what a suspended member is told; its values are in context_for()."""
    if member.suspended_until is None:
        return N_(
            "You are suspended until an admin lifts it. The reason: “%(why)s”. If you think that "
            "this is wrong, ask an admin of %(organization)s."
        )
    return N_(
        "You are suspended until %(until)s. The reason: “%(why)s”. If you think that this is "
        "wrong, ask an admin of %(organization)s."
    )


def context_for(member: Member) -> dict[str, str]:
    """Return what stands in the sentence."""
    until = member.suspended_until
    return {
        "why": member.suspended_why,
        "until": f"{until:%Y-%m-%d %H:%M} UTC" if until else "",
        "organization": member.organization.called,
    }


def refuse_suspended(member: Member, *, at: datetime) -> None:
    """Let nobody in who is suspended.

    Raises:
        Suspended: with why, until when, and whom to ask.
    """
    if is_suspended(member, at=at):
        raise Suspended(sentence_for(member), **context_for(member))


def suspend(
    session: Session, *, member: Member, by: Member, why: str, until: datetime | None, at: datetime
) -> None:
    """Keep a member out; a second time the reason and the end are the new ones.

    Args:
        until: None: until it is lifted.

    Raises:
        NotAllowed: the person is no admin, or is suspended themself.
        Conflict: it is oneself, somebody who came with an import, or a closed space's only steward.
        Invalid: there is no reason, or the end is past or years away.
    """
    if member.id == by.id:
        raise Conflict(N_("You cannot suspend yourself. Another admin can."))
    why = read_why(why)
    if until is not None and not at < until <= at + LONGEST:
        raise Invalid(N_("Choose a day in the future, ten years away at most."), field="until")
    _take_turns(session, member, by, at=at)
    if member.is_placeholder or member.inactive_at is not None:
        raise Conflict(N_("%(name)s cannot sign in as it is."), name=member.name)
    refuse_only_steward(session, member, at=at)
    member.suspended_at, member.suspended_until, member.suspended_why = at, until, why
    audit.record(
        session, "member.suspended", by=by, thing=member, why=why, at=at,
        until=until.isoformat() if until else None,
    )  # fmt: skip


def lift(session: Session, *, member: Member, by: Member, at: datetime) -> None:
    """Let a member in again; harmless twice."""
    _take_turns(session, member, by, at=at)
    if not is_suspended(member, at=at):
        return
    member.suspended_at, member.suspended_until, member.suspended_why = None, None, ""
    audit.record(session, "member.unsuspended", by=by, thing=member, at=at)


def _take_turns(session: Session, member: Member, by: Member, *, at: datetime) -> None:
    """Hold the organization, as who gives and takes roles does, and read both as they are now."""
    if member.organization_id != by.organization_id:
        raise NotAllowed(N_("Only admins can do this."))
    hold(session, member.organization)
    hold(session, member)  # two accounts that become one do not, once this is known
    for each in (member, by):
        session.refresh(each, ["is_admin", "inactive_at", "suspended_at", "suspended_until"])
    refuse_others(by)
    refuse_suspended(by, at=at)
