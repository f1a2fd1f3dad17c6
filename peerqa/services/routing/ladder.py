"""The ladder: a few who are likely to know, then more, then keepers of its topics, then stewards.

Each rung waits some working hours of those who were asked on it, by their own clocks. A question
that is answered, closed or gone climbs no farther; what nobody can be found for is passed over at
once. A row of `routing` is the place in the queue: two workers at once climb once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from peerqa.database import hold, insert_missing, insert_once
from peerqa.models import Invitation, Membership, Question, QuestionTopic, Routing, TopicKeeper
from peerqa.models.space import Role
from peerqa.services import notifications
from peerqa.services.asking.masks import to_the_hour
from peerqa.services.routing.availability import Available, list_available
from peerqa.services.routing.choosing import Choice, choose
from peerqa.services.routing.scoring import Numbers, Why
from peerqa.services.routing.states import State
from peerqa.services.routing.working_time import after_hours

LONGEST_WAIT = timedelta(days=7)  # for who works on a few days only
MOST_STEWARDS = 3
MOST_DUE = 50  # questions in one go


class Rung(StrEnum):
    """Who is asked, in this order."""

    NOBODY = "nobody"  # yet
    PEOPLE = "people"
    MORE = "more"
    KEEPERS = "keepers"
    STEWARDS = "stewards"


_ORDER = list(Rung)


def begin(session: Session, question: Question) -> None:
    """Put a new question at the foot of the ladder; the worker asks the first people."""
    insert_once(
        session, Routing, question_id=question.id, rung=Rung.NOBODY.value,
        next_at=question.created_at,
    )  # fmt: skip


def list_due(session: Session, *, at: datetime, limit: int = MOST_DUE) -> Sequence[int]:
    """Return the questions that climb now, the longest due first."""
    return session.scalars(
        select(Routing.question_id)
        .where(Routing.next_at <= at)
        .order_by(Routing.next_at, Routing.question_id)
        .limit(limit)
    ).all()


def waits(question: Question, *, at: datetime, fresh_days: int) -> bool:
    """Whether somebody is still to be asked about a question; what is old goes to nobody new."""
    return is_open(question) and question.created_at > at - timedelta(days=fresh_days)


def is_open(question: Question) -> bool:
    """Whether it still waits for its first answer, here and not elsewhere."""
    return (
        question.kind == "question"
        and question.answer_count == 0
        and question.deleted_at is None
        and question.duplicate_of_id is None
        and question.locked_at is None
        and (question.standing is None or question.standing.retired_at is None)
        and question.space.archived_at is None
    )


def climb(
    session: Session,
    question_id: int,
    near: Mapping[int, float],
    *,
    at: datetime,
    numbers: Numbers,
) -> list[Invitation]:
    """Ask the people of the next rung that has any; nobody when it is not due. Harmless twice."""
    question = session.get(Question, question_id)
    row = session.get(Routing, question_id)
    if question is None or row is None:
        return []
    hold(session, question)  # who answers at this moment waits, or is seen
    session.refresh(row)
    if row.next_at is None or row.next_at > at:
        return []
    if not numbers.people or not waits(question, at=at, fresh_days=numbers.fresh_days):
        row.next_at = None
        return []
    if until := _taken_until(session, question_id, at=at):
        row.next_at = until
        return []
    for rung in _ORDER[_ORDER.index(Rung(row.rung)) + 1 :]:
        row.rung = rung.value
        choices, available = _people_of(session, question, rung, near, at=at, numbers=numbers)
        if choices:
            row.next_at = _when_next(question, choices, available, at=at, numbers=numbers)
            return _ask(session, question, choices, at=at)
    row.next_at = None
    return []


def _people_of(
    session: Session,
    question: Question,
    rung: Rung,
    near: Mapping[int, float],
    *,
    at: datetime,
    numbers: Numbers,
) -> tuple[list[Choice], Mapping[int, Available]]:
    if rung in {Rung.PEOPLE, Rung.MORE}:
        asked = session.scalar(
            select(func.count())
            .select_from(Invitation)
            .where(Invitation.question_id == question.id, Invitation.invited_by_id.is_(None))
        )
        return choose(
            session, question=question, near=near, at=at, numbers=numbers,
            count=numbers.people if rung is Rung.PEOPLE else numbers.more, first_slot=asked or 0,
        )  # fmt: skip
    why = Why.KEEPER if rung is Rung.KEEPERS else Why.STEWARD
    ids = _keepers(session, question) if rung is Rung.KEEPERS else _stewards(session, question)
    available = list_available(session, question, ids, at=at, numbers=numbers, has_load=False)
    names = {topic.id: topic.name for topic in question.topics}
    order = sorted(available.values(), key=lambda each: (each.asked_lately, each.member.id))
    choices = [
        Choice(each.member.id, why, name=names.get(ids[each.member.id], ""))
        for each in order[:MOST_STEWARDS]
    ]
    return choices, available


def _keepers(session: Session, question: Question) -> dict[int, int]:
    """Return who keeps a topic of the question, and which."""
    rows = session.execute(
        select(TopicKeeper.member_id, TopicKeeper.topic_id)
        .join(QuestionTopic, QuestionTopic.topic_id == TopicKeeper.topic_id)
        .where(QuestionTopic.question_id == question.id)
    )
    return {member_id: topic_id for member_id, topic_id in rows}


def _stewards(session: Session, question: Question) -> dict[int, int]:
    rows = session.scalars(
        select(Membership.member_id).where(
            Membership.space_id == question.space_id, Membership.role == Role.STEWARD
        )
    )
    return dict.fromkeys(rows, 0)


def _taken_until(session: Session, question_id: int, *, at: datetime) -> datetime | None:
    """Return until when somebody is on it."""
    return session.scalar(
        select(func.max(Invitation.taken_until)).where(
            Invitation.question_id == question_id,
            Invitation.state == State.TAKEN.value,
            Invitation.taken_until > at,
        )
    )


def _when_next(
    question: Question,
    choices: Sequence[Choice],
    available: Mapping[int, Available],
    *,
    at: datetime,
    numbers: Numbers,
) -> datetime:
    """Return when each of them has had the hours; an anonymous question is dated by the hour."""
    at = to_the_hour(at) if question.is_masked else at
    ends = [
        after_hours(at, numbers.wait_hours, available[choice.member_id].work) for choice in choices
    ]
    return min(max(ends), at + LONGEST_WAIT)


def _ask(
    session: Session, question: Question, choices: Sequence[Choice], *, at: datetime
) -> list[Invitation]:
    noted_at = to_the_hour(at) if question.is_masked else at
    ids = insert_missing(
        session,
        Invitation,
        [
            {
                "question_id": question.id, "member_id": each.member_id, "why": each.why.value,
                "why_count": each.count, "why_name": each.name, "created_at": noted_at,
                "state": State.OPEN.value, "pass_reason": "",
            }
            for each in choices
        ],
    )  # fmt: skip
    made = session.scalars(
        select(Invitation).where(Invitation.id.in_(ids)).order_by(Invitation.id)
    ).all()
    notifications.notify_many(
        session, [each.member for each in made], reason="invited", post=question, at=at
    )
    return list(made)


def hurry(session: Session, question_id: int, *, at: datetime) -> None:
    """Let a question climb at once, if it was to climb at all and nobody is left who might answer.

    Everybody on the rung has passed: nobody is waited for.
    """
    left = session.scalar(
        select(func.count())
        .select_from(Invitation)
        .where(
            Invitation.question_id == question_id,
            or_(Invitation.state == State.OPEN.value, Invitation.taken_until > at),
        )
    )
    if not left:
        _move(session, question_id, at)


def put_off(session: Session, question_id: int, *, until: datetime) -> None:
    """Let a question climb no sooner than that: somebody is on it."""
    session.execute(
        update(Routing)
        .where(Routing.question_id == question_id, Routing.next_at < until)
        .values(next_at=until)
    )


def _move(session: Session, question_id: int, at: datetime) -> None:
    session.execute(
        update(Routing)
        .where(Routing.question_id == question_id, Routing.next_at > at)
        .values(next_at=at)
    )


def forget(session: Session, question_ids: Collection[int]) -> None:
    """Remove what is known of these questions, which are removed."""
    for table in (Invitation, Routing):
        session.execute(delete(table).where(table.question_id.in_(question_ids)))
