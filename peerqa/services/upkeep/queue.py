"""The review queue as its keepers see it, and handing an item to somebody else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.models import Answer, Member, Question, Review, Space
from peerqa.permissions import kept_spaces, visible_to
from peerqa.services import notifications
from peerqa.services.answering.stand_in import hold_thread
from peerqa.services.upkeep.reviews import list_choices
from peerqa.services.upkeep.risk import Due
from peerqa.services.upkeep.standings import is_retired

PAGE_OF_REVIEWS = 10  # about ten minutes


@dataclass(frozen=True)
class Queue:
    """A page of the queue, the riskiest first."""

    rows: Sequence[Review]
    others: Mapping[int, Sequence[Member]]  # by answer: who else may have it
    left: int  # items behind these


def list_queue(
    session: Session, member: Member, *, at: datetime, everything: bool = False
) -> Queue:
    """Return what the member should look at.

    Args:
        everything: what others have too, in the spaces that the member keeps; all that an admin
            may see.
    """
    thread = aliased(Question, flat=True)
    conditions = _due_to(member, thread)
    if not everything:
        conditions.append(Review.keeper_id == member.id)
    elif not member.is_admin:
        kept = thread.space_id.in_(kept_spaces(member))
        conditions.append(or_(Review.keeper_id == member.id, kept))
    query = (
        select(Review).join(Review.answer).join(Answer.question.of_type(thread)).where(*conditions)
    )
    asked = contains_eager(Review.answer).contains_eager(Answer.question.of_type(thread))
    rows = session.scalars(
        query.options(
            asked.selectinload(thread.topics),
            asked.joinedload(thread.space),
            asked.joinedload(thread.mask),
            contains_eager(Review.answer).joinedload(Answer.author),
            contains_eager(Review.answer).joinedload(Answer.standing),
            joinedload(Review.keeper),
        )
        .order_by(Review.risk.desc(), Review.answer_id)
        .limit(PAGE_OF_REVIEWS)
    ).all()
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    others = list_others(session, rows, at=at)
    return Queue(rows, others, count - len(rows))


def _due_to(member: Member, thread: type[Question]) -> list[ColumnElement[bool]]:
    """Return what holds of answers that the member may see and somebody can still act on."""
    return [
        visible_to(member, thread=thread),
        Answer.deleted_at.is_(None),
        ~is_retired(Answer.id),
        ~is_retired(thread.id),
        exists().where(Space.id == thread.space_id, Space.archived_at.is_(None)),
    ]


def list_others(
    session: Session, rows: Sequence[Review], *, at: datetime
) -> dict[int, list[Member]]:
    """Return who else may have each item, by name."""
    choices = list_choices(session, [_as_due(row.answer) for row in rows], at=at)
    wanted = {each for groups in choices.values() for group in groups for each in group}
    people = _people(session, wanted)
    has_it = {row.answer_id: row.keeper_id for row in rows}
    return {
        answer_id: sorted(
            (people[each] for each in set().union(*groups) if each != has_it.get(answer_id)),
            key=lambda member: (member.name, member.id),
        )
        for answer_id, groups in choices.items()
    }


def _people(session: Session, ids: Collection[int]) -> dict[int, Member]:
    found = session.scalars(select(Member).where(Member.id.in_(ids)))
    return {member.id: member for member in found}


def _as_due(answer: Answer) -> Due:
    question = answer.question
    return Due(answer.id, question.id, question.space_id, question.visibility, 0, "")


def hand_on(
    session: Session, *, answer: Answer, to_id: int | None, by: Member, at: datetime
) -> Member:
    """Give an item of the queue to somebody else, who hears of it; returns who has it now.

    Raises:
        NotAllowed: the person has it not, and keeps neither its space nor one of its topics.
        NotFound: it is not in the queue any more: somebody has looked at it.
        Invalid: the other one cannot act on it.
    """
    hold_thread(session, answer)  # whoever ends the item waits, or has ended it
    row = session.get(Review, answer.id, populate_existing=True, with_for_update={"of": Review})
    groups = list_choices(session, [_as_due(answer)], at=at)[answer.id]
    may_have = set[int]().union(*groups)
    if by.id not in may_have and not by.is_admin:
        raise NotAllowed(N_("Only stewards, and who keeps one of its topics, hand this on."))
    if row is None:
        raise NotFound(
            N_("Somebody has looked at this answer already, so there is nothing to hand on."),
            answer=answer.id,
        )
    if to_id not in may_have:
        raise Invalid(
            N_("Choose a steward of this space, or somebody who keeps one of its topics."),
            field="to",
        )
    (chosen,) = _people(session, [to_id]).values()
    row.keeper_id = chosen.id
    session.flush()
    notifications.notify(session, chosen, reason="handed", post=answer, by=by, at=at)
    return chosen


def count_unkept(session: Session, member: Member) -> int:
    """Return how many items have no keeper, of those that an admin may see."""
    thread = aliased(Question, flat=True)
    query = (
        select(func.count())
        .select_from(Review)
        .join(Answer, Answer.id == Review.answer_id)
        .join(thread, thread.id == Answer.question_id)
        .where(*_due_to(member, thread), Review.keeper_id.is_(None))
    )
    return session.scalar(query) or 0
