"""Who is gone from a course: marked, never deleted; and their space without them.

Somebody who came by LMSs alone, and is in no course of theirs any more, becomes inactive at the
instant at which they left (accounts.wake() knows them by it); a launch or a roster brings them
back.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from lti.models import Account, Context, Enrolment
from lti.people.enrolment import give_role, role_in
from peerqa.models import Member, Space
from peerqa.models.space import Role
from peerqa.permissions import is_steward
from peerqa.services import members


def leave(
    session: Session, enrolments: Iterable[Enrolment], *, rules: dict[str, Role], at: datetime
) -> None:
    """Mark that these people are in the course no more.

    Args:
        rules: what the organization makes of roles.
    """
    for enrolment in enrolments:
        enrolment.left_at = at
        session.flush()
        member, space = enrolment.account.member, enrolment.context.space
        if is_in_a_course_of(session, member, space):
            role = role_in(session, member, space, rules)
            give_role(session, member, space, role, at=at)
        else:
            if is_steward(member, space.id):
                give_role(session, member, space, Role.LEARNER, at=at)
            members.leave_space(session, member=member, space=space)
        if member.inactive_at is None and _came_by_lms_alone(session, member):
            _close_if_gone(session, member, at=at)


def is_in_a_course_of(session: Session, member: Member, space: Space) -> bool:
    """Whether a course that is this space has the member."""
    enrolled = (
        exists()
        .where(
            Enrolment.account_id == Account.id,
            Enrolment.context_id == Context.id,
            Context.space_id == space.id,
            Account.member_id == member.id,
            Enrolment.left_at.is_(None),
        )
        .correlate(None)
    )
    return bool(session.scalar(select(enrolled)))


def _close_if_gone(session: Session, member: Member, *, at: datetime) -> None:
    anywhere = exists().where(
        Enrolment.account_id == Account.id,
        Account.member_id == member.id,
        Enrolment.left_at.is_(None),
    )
    if not session.scalar(select(anywhere)):
        members.close(session, member=member, at=at)


def _came_by_lms_alone(session: Session, member: Member) -> bool:
    """Whether nobody made this member here, and no admin is shut out by leaving a course."""
    first = session.scalar(
        select(func.min(Account.created_at)).where(Account.member_id == member.id)
    )
    return not member.is_admin and first is not None and first <= member.created_at
