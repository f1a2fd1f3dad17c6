"""The review queue: what is due, and the one who looks at it.

Whoever has an item keeps it while they may act on it. Otherwise it goes to a keeper of one of its
topics, else to a steward of its space, of several to the one with the fewest items; all of them
must see the question. Where there is none it stays without a keeper, and admins are told so. The
worker does this when something happens to an answer, and every night for all: so what a colleague
had who left, lost the role or gave it back is somebody else's within the hour.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.database import insert_once
from peerqa.models import Answer, Member, Membership, QuestionTopic, Review, TopicKeeper
from peerqa.models.space import Role, Visibility
from peerqa.services.moderating.kept_out import is_active
from peerqa.services.upkeep.risk import Due, list_due

TOPIC = "review"  # the outbox topic: look at an answer again; its key is the answer's id
Choices = Mapping[int, Sequence[Collection[int]]]  # answer → who may have it, the first group first


def ask_for_review(session: Session, answer_id: int, *, at: datetime) -> None:
    """Have the worker see whether an answer is due, and whose it is."""
    outbox.ask(session, TOPIC, str(answer_id), at=at)


def end_review(session: Session, answer_id: int) -> None:
    """Take an answer out of the queue: somebody has looked at it."""
    session.execute(delete(Review).where(Review.answer_id == answer_id))


def review_answers(
    session: Session, answer_ids: Collection[int], *, days: int, at: datetime
) -> None:
    """Bring the queue up to date for these answers; harmless twice."""
    found = session.execute(
        select(Answer.organization_id, Answer.id).where(Answer.id.in_(answer_ids))
    ).all()
    for organization_id in {row.organization_id for row in found}:
        among = [row.id for row in found if row.organization_id == organization_id]
        due = list_due(session, organization_id, days=days, at=at, among=among)
        session.execute(
            delete(Review).where(
                Review.answer_id.in_(among),
                Review.answer_id.not_in([each.answer_id for each in due]),
            )
        )
        put_in_queue(session, due, at=at)


def review_queued(session: Session, *, days: int, at: datetime) -> None:
    """Bring the queue up to date: what was done or deleted goes, and who left keeps nothing."""
    queued = session.scalars(select(Review.answer_id)).all()
    if queued:
        review_answers(session, queued, days=days, at=at)


def review_all(session: Session, organization_id: int, due: Sequence[Due], *, at: datetime) -> None:
    """Let the queue of an organization be what is due.

    Args:
        due: read before this transaction: it takes a while, and nobody waits for it.
    """
    own = select(Answer.id).where(Answer.organization_id == organization_id)
    session.execute(
        delete(Review)
        .where(
            Review.answer_id.in_(own),
            Review.answer_id.not_in([each.answer_id for each in due]),
        )
        .execution_options(synchronize_session=False)
    )
    put_in_queue(session, due, at=at)


def put_in_queue(session: Session, due: Sequence[Due], *, at: datetime) -> None:
    """Write what is due, each with its keeper."""
    if not due:
        return
    choices = list_choices(session, due, at=at)
    rows = {
        row.answer_id: row
        for row in session.scalars(
            select(Review)
            .where(Review.answer_id.in_([each.answer_id for each in due]))
            .order_by(Review.answer_id)  # of two who do this, none waits for the other
            .with_for_update()  # none of them goes meanwhile
            .execution_options(populate_existing=True)
        )
    }
    loads = _count_loads(session)
    for each in due:
        row = rows.get(each.answer_id)
        keeper_id = _choose(choices[each.answer_id], row.keeper_id if row else None, loads)
        if row is None:
            insert_once(
                session, Review, answer_id=each.answer_id, keeper_id=keeper_id, risk=each.risk,
                reasons=each.reasons, created_at=at,
            )  # fmt: skip
        else:
            row.keeper_id, row.risk, row.reasons = keeper_id, each.risk, each.reasons
    session.flush()


def _choose(
    groups: Sequence[Collection[int]], present: int | None, loads: Counter[int]
) -> int | None:
    if present is not None and any(present in group for group in groups):
        return present
    for group in groups:
        if group:
            chosen = min(group, key=lambda member_id: (loads[member_id], member_id))
            loads[chosen] += 1
            return chosen
    return None


def _count_loads(session: Session) -> Counter[int]:
    rows = session.execute(
        select(Review.keeper_id, func.count())
        .where(Review.keeper_id.is_not(None))
        .group_by(Review.keeper_id)
    )
    return Counter({keeper_id: count for keeper_id, count in rows if keeper_id is not None})


def list_choices(session: Session, due: Sequence[Due], *, at: datetime) -> Choices:
    """Return who may have each item: keepers of its topics, then stewards of its space.

    Nobody who is suspended has one.
    """
    keepers: dict[int, set[int]] = {}
    for question_id, member_id in session.execute(
        select(QuestionTopic.question_id, TopicKeeper.member_id)
        .join(TopicKeeper, TopicKeeper.topic_id == QuestionTopic.topic_id)
        .join(Member, Member.id == TopicKeeper.member_id)
        .where(
            QuestionTopic.question_id.in_({each.question_id for each in due}),
            is_active(at),
        )
    ):
        keepers.setdefault(question_id, set()).add(member_id)
    insiders: dict[int, set[int]] = {}
    stewards: dict[int, set[int]] = {}
    for space_id, member_id, role in session.execute(
        select(Membership.space_id, Membership.member_id, Membership.role)
        .join(Member, Member.id == Membership.member_id)
        .where(
            Membership.space_id.in_({each.space_id for each in due}),
            is_active(at),
        )
    ):
        insiders.setdefault(space_id, set()).add(member_id)
        if role == Role.STEWARD:
            stewards.setdefault(space_id, set()).add(member_id)
    choices: dict[int, Sequence[Collection[int]]] = {}
    for each in due:
        kept = keepers.get(each.question_id, set())
        if each.visibility == Visibility.SPACE:
            kept = kept & insiders.get(each.space_id, set())
        choices[each.answer_id] = (kept, stewards.get(each.space_id, set()))
    return choices
