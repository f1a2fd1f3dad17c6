"""Who can be asked at an instant: here, not away, not asked too often, and able to see it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, load_only

from peerqa.models import Availability, Invitation, Member, Membership, Question
from peerqa.models.space import Visibility
from peerqa.services.moderating.kept_out import is_active
from peerqa.services.preferences import clock_of
from peerqa.services.routing.scoring import Numbers
from peerqa.services.routing.working_time import WEEKDAYS, WorkingTime

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True)
class Available:
    """Somebody who can be asked."""

    member: Member
    work: WorkingTime
    asked_lately: int  # questions in the last 30 days


def list_available(
    session: Session,
    question: Question,
    member_ids: Collection[int],
    *,
    at: datetime,
    numbers: Numbers,
    has_load: bool = True,
) -> dict[int, Available]:
    """Return those of the members who can be asked about a question; two queries.

    Never its asker, who is known for a question that was asked by name; of one without a name
    nobody is left out for having asked it, or else that could be seen.

    Args:
        has_load: leave out who was asked often enough this week.
    """
    rows = session.execute(
        select(Member, Availability)
        .join(Member.organization)
        .outerjoin(Availability, Availability.member_id == Member.id)
        .where(
            Member.id.in_(member_ids),
            Member.organization_id == question.organization_id,
            Member.id != (question.author_id or 0),
            Member.is_placeholder.is_(False),
            is_active(at),
            or_(Availability.is_asked.is_(None), Availability.is_asked),
            ~exists().where(
                Invitation.question_id == question.id, Invitation.member_id == Member.id
            ),
            _sees(question),
        )
        .options(
            load_only(Member.id, Member.name, Member.time_zone, Member.organization_id),
            contains_eager(Member.organization),
        )
    ).all()
    loads = count_loads(session, [member.id for member, _ in rows], at=at)
    found: dict[int, Available] = {}
    for member, chosen in rows:
        week, month = loads.get(member.id, (0, 0))
        most = chosen.most_a_week if chosen and chosen.most_a_week is not None else numbers.per_week
        if is_away(chosen, at=at) or (has_load and week >= most):
            continue
        found[member.id] = Available(member, working_time(member, chosen, numbers), month)
    return found


def _sees(question: Question) -> ColumnElement[bool]:
    if question.visibility == Visibility.ORGANIZATION:
        return true()
    return exists().where(
        Membership.member_id == Member.id, Membership.space_id == question.space_id
    )


def count_loads(
    session: Session, member_ids: Collection[int], *, at: datetime
) -> dict[int, tuple[int, int]]:
    """Return how many questions each was asked in the last week and the last month."""
    in_week = func.count().filter(Invitation.created_at > at - WEEK)
    rows = session.execute(
        select(Invitation.member_id, in_week, func.count())
        .where(
            Invitation.member_id.in_(member_ids),
            Invitation.created_at > at - MONTH,
            Invitation.invited_by_id.is_(None),
        )
        .group_by(Invitation.member_id)
    )
    return {member_id: (week, month) for member_id, week, month in rows}


def is_away(chosen: Availability | None, *, at: datetime) -> bool:
    """Whether the member said that they are not here at this instant."""
    if chosen is None or chosen.away_from is None:
        return False
    return chosen.away_from <= at and (chosen.away_until is None or at < chosen.away_until)


def working_time(member: Member, chosen: Availability | None, numbers: Numbers) -> WorkingTime:
    """Return when a member works: as they chose, else as the settings say, on their clock."""
    days = frozenset(int(day) for day in chosen.works_on) if chosen else frozenset[int]()
    if chosen is None or chosen.works_from is None or chosen.works_until is None:
        hours = (numbers.works_from, numbers.works_until)
    else:
        hours = (chosen.works_from, chosen.works_until)
    return WorkingTime(clock_of(member), *hours, days or WEEKDAYS)


def find_availability(session: Session, member: Member) -> Availability | None:
    """Return what a member chose; None for nothing."""
    return session.get(Availability, member.id)
