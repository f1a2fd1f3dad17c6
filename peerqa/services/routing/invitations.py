"""What the one who is asked does: passes, takes it, or answers; and asking a colleague by hand.

An invitation says nothing once the question is answered, closed or gone: nobody has to tidy it up.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from peerqa.database import hold, insert_missing
from peerqa.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Invitation, Member, Question
from peerqa.permissions import is_author, may, reaches, wears_mask
from peerqa.services import notifications
from peerqa.services.asking.masks import blur
from peerqa.services.moderating.kept_out import is_suspended
from peerqa.services.routing import ladder
from peerqa.services.routing.availability import find_availability, is_away, working_time
from peerqa.services.routing.scoring import Numbers, Why
from peerqa.services.routing.states import PassReason, State
from peerqa.services.routing.working_time import after_hours

MOST_BY_HAND = 3  # that one person asks about one question: the fourth is a crowd


def get_own(session: Session, member: Member, question_id: int) -> Invitation:
    """Return what the member was asked.

    Raises:
        NotFound: they were not asked, or may not see the question any more.
    """
    found = session.scalars(
        select(Invitation)
        .where(Invitation.question_id == question_id, Invitation.member_id == member.id)
        .options(joinedload(Invitation.question).joinedload(Question.space))
    ).one_or_none()
    if found is None or not may(member, "see", found.question):
        raise NotFound(N_("You were not asked about this question."), question=question_id)
    return found


def pass_on(session: Session, invitation: Invitation, *, reason: str, at: datetime) -> None:
    """Say that somebody else may know; harmless twice.

    Raises:
        Invalid: there is no such reason.
    """
    if reason not in {each.value for each in PassReason}:
        raise Invalid(N_("Choose why you pass; it helps to ask the right people."), field="reason")
    hold(session, invitation.question)
    invitation.state, invitation.pass_reason = State.PASSED.value, reason
    invitation.taken_until = None
    session.flush()
    ladder.hurry(session, invitation.question_id, at=at)


def take(session: Session, invitation: Invitation, *, at: datetime, numbers: Numbers) -> None:
    """Say "I am on it": nobody else is asked meanwhile, for some of the member's working hours.

    Raises:
        Conflict: it does not wait for an answer any more.
    """
    hold(session, invitation.question)
    if not ladder.is_open(invitation.question):
        raise Conflict(
            N_("This does not wait for an answer any more."), question=invitation.question_id
        )
    member = invitation.member
    work = working_time(member, find_availability(session, member), numbers)
    until = after_hours(at, numbers.take_hours, work)
    invitation.state, invitation.pass_reason = State.TAKEN.value, ""
    invitation.taken_until = until
    session.flush()
    ladder.put_off(session, invitation.question_id, until=until)


def invite(
    session: Session, *, question: Question, member: Member, by: Member, at: datetime
) -> Invitation:
    """Ask a colleague by hand; who is asked already stays so, and hears nothing twice.

    Who asked the question without a name asks without it here too.

    Raises:
        NotAllowed: the person may not see the question.
        Invalid: the colleague cannot be asked, or the person has asked enough of them.
        Conflict: it does not wait for an answer any more.
    """
    if not may(by, "invite", question):
        raise NotAllowed(N_("You cannot ask anybody about this question."), question=question.id)
    hold(session, question)
    if not ladder.is_open(question):
        raise Conflict(N_("This does not wait for an answer any more."), question=question.id)
    _refuse_unreachable(session, question, member, by=by, at=at)
    inviter = None if wears_mask(by, question) else by
    before = select(Invitation).where(
        Invitation.question_id == question.id, Invitation.member_id == member.id
    )
    known = session.scalars(before).one_or_none()
    if known is not None:
        return known
    _refuse_crowd(session, question, inviter)
    insert_missing(
        session,
        Invitation,
        [
            {
                "question_id": question.id, "member_id": member.id, "why": Why.HAND.value,
                "invited_by_id": None if inviter is None else inviter.id, "why_count": 0,
                "why_name": "", "created_at": blur(by, question, at), "state": State.OPEN.value,
                "pass_reason": "",
            }
        ],
    )  # fmt: skip
    notifications.notify(session, member, reason="invited", post=question, by=by, at=at)
    return session.scalars(before).one()


def _refuse_crowd(session: Session, question: Question, inviter: Member | None) -> None:
    mine = Invitation.invited_by_id.is_not_distinct_from(inviter.id if inviter else None)
    count = session.scalar(
        select(func.count())
        .select_from(Invitation)
        .where(Invitation.question_id == question.id, Invitation.why == Why.HAND.value, mine)
    )
    if (count or 0) >= MOST_BY_HAND:
        raise Invalid(
            N_("You have asked %(most)s colleagues about this. Give them some time."),
            field="who",
            most=MOST_BY_HAND,
        )


def _refuse_unreachable(
    session: Session, question: Question, member: Member, *, by: Member, at: datetime
) -> None:
    """Say of somebody who cannot be asked why not, as far as the asking person may know."""
    named = {"name": member.name}
    if member.organization_id != question.organization_id:
        raise Invalid(N_("There is no such person here."), field="who")
    if member.id == by.id:
        raise Invalid(N_("That is you. Answer below, if you know."), field="who")
    if not question.is_masked and is_author(member, question):
        raise Invalid(N_("%(name)s asked this question."), field="who", **named)
    if member.inactive_at is not None or member.is_placeholder or is_suspended(member, at=at):
        raise Invalid(
            N_("%(name)s is not here any more. Choose somebody else."), field="who", **named
        )
    if not reaches(member, question):
        raise Invalid(
            N_("%(name)s is not in this space, and cannot see the question."), field="who", **named
        )
    if is_away(find_availability(session, member), at=at):
        raise Invalid(N_("%(name)s is away. Choose somebody else."), field="who", **named)
