"""What the tables say of who might know: answers and guides near a question, skills, passes.

Only what everybody may read counts, and beside it what stands in the question's own space: that
somebody knows much about what is talked of in a closed space is nobody's to see from outside.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from peerqa.models import (
    Answer,
    Guide,
    Invitation,
    Question,
    QuestionTopic,
    Skill,
    Topic,
    TopicKeeper,
)
from peerqa.models.space import Visibility
from peerqa.permissions import visible_in
from peerqa.services.routing.scoring import ALIKE, NOT_MINE, SAID_SO, Evidence, Standing, Why, score
from peerqa.services.routing.states import PassReason
from peerqa.services.upkeep.standings import is_retired, is_vouched_for

DAY_SECONDS = 86_400.0


def read_standings(
    session: Session,
    question: Question,
    near: Mapping[int, float],
    *,
    at: datetime,
    half_life_days: float,
) -> dict[int, Standing]:
    """Return what is known of every member who may know; some are out of reach, or unavailable.

    Args:
        near: question → similarity, the question itself left out.
    """
    ids = list(near)
    rows = [*_answers(session, question, near, at=at), *_guides(session, question, near, at=at)]
    standings = score(rows, half_life_days=half_life_days)
    for why, member_id, topic in _said(session, question):
        known = standings.setdefault(member_id, Standing())
        known.score += SAID_SO
        known.said, known.topic = why, known.topic or topic
    for member_id, question_id in _passed(session, ids):
        if member_id in standings:
            standings[member_id].score -= NOT_MINE * max(0.0, near[question_id]) ** 2
    for member_id in _askers(session, question, near):
        standings.setdefault(member_id, Standing())
    return standings


def readable(question: Question) -> Collection[int]:
    """Return the spaces whose closed threads count for a question."""
    return [question.space_id] if question.visibility == Visibility.SPACE else []


def _answers(
    session: Session, question: Question, near: Mapping[int, float], *, at: datetime
) -> list[Evidence]:
    topics = [topic.id for topic in question.topics]
    rows = session.execute(_answered(), {**_scope(question, list(near)), "topics": topics})
    return [
        Evidence(
            author_id, near[question_id], (at - made).total_seconds() / DAY_SECONDS,
            is_accepted=bool(accepted), is_verified=bool(verified), helped=max(0, helped),
            topic=topic or "",
            has_same_asker=asker_id is not None and asker_id == question.author_id,
        )
        for author_id, question_id, made, accepted, helped, verified, topic, asker_id in rows
    ]  # fmt: skip


def _scope(question: Question, ids: Sequence[int]) -> dict[str, object]:
    """Return what the statements below leave open; putting one together takes long."""
    return {
        "organization": question.organization_id,
        "spaces": list(readable(question)),
        "near": ids,
    }


def _in_sight(thread: type[Question], *, with_guides: bool = False) -> ColumnElement[bool]:
    organization: BindParameter[int] = bindparam("organization")
    spaces: BindParameter[Sequence[int]] = bindparam("spaces", expanding=True)
    return visible_in(organization, spaces, thread=thread, with_guides=with_guides)


@cache
def _answered() -> Select[int, int, datetime, bool, int, bool, str, int | None]:
    thread = aliased(Question, flat=True)
    near: BindParameter[Sequence[int]] = bindparam("near", expanding=True)
    # of several topics that a near question shares with this one, the first is named
    shared = (
        select(QuestionTopic.question_id, func.min(Topic.name).label("name"))
        .join(Topic, Topic.id == QuestionTopic.topic_id)
        .where(
            QuestionTopic.topic_id.in_(bindparam("topics", expanding=True)),
            QuestionTopic.question_id.in_(near),
        )
        .group_by(QuestionTopic.question_id)
        .subquery()
    )
    return (
        select(
            Answer.author_id,
            Answer.question_id,
            Answer.created_at,
            and_(thread.accepted_id == Answer.id, ~thread.accepted_own),
            Answer.vote_count + Answer.solved_count,
            is_vouched_for(Answer.id),
            shared.c.name,
            thread.author_id,
        )
        .join(thread, thread.id == Answer.question_id)
        .outerjoin(shared, shared.c.question_id == Answer.question_id)
        .where(
            Answer.question_id.in_(near),
            Answer.deleted_at.is_(None),
            Answer.author_id.is_not(None),
            thread.author_id.is_distinct_from(Answer.author_id),
            ~is_retired(Answer.id),
            _in_sight(thread),
        )
    )


def _guides(
    session: Session, question: Question, near: Mapping[int, float], *, at: datetime
) -> list[Evidence]:
    rows = session.execute(_guide_authors(), _scope(question, list(near)))
    return [
        Evidence(
            author_id, near[guide_id], (at - made).total_seconds() / DAY_SECONDS, is_guide=True
        )
        for author_id, guide_id, made in rows
        if author_id is not None
    ]


@cache
def _guide_authors() -> Select[int | None, int, datetime]:
    return select(Guide.author_id, Guide.id, Guide.created_at).where(
        Guide.id.in_(bindparam("near", expanding=True)),
        Guide.author_id.is_not(None),
        ~is_retired(Guide.id),
        _in_sight(Guide, with_guides=True),
    )


def _said(session: Session, question: Question) -> list[tuple[Why, int, str]]:
    """Return who keeps a topic of the question or says that they know it."""
    topics = [topic.id for topic in question.topics]
    if not topics:
        return []
    kinds = [
        select(literal(why.value), table.member_id, Topic.name)
        .join(Topic, Topic.id == table.topic_id)
        .where(table.topic_id.in_(topics))
        for why, table in ((Why.SKILL, Skill), (Why.KEEPER, TopicKeeper))
    ]
    return [(Why(why), member_id, name) for why, member_id, name in session.execute(
        union_all(*kinds)
    )]  # fmt: skip


def _passed(session: Session, ids: Collection[int]) -> list[tuple[int, int]]:
    """Return who said of which of these questions that it is not theirs to know."""
    rows = session.execute(
        select(Invitation.member_id, Invitation.question_id).where(
            Invitation.question_id.in_(ids), Invitation.pass_reason == PassReason.NOT_MINE.value
        )
    )
    return [(member_id, question_id) for member_id, question_id in rows]


def _askers(session: Session, question: Question, near: Mapping[int, float]) -> list[int]:
    """Return who asked something near and got an answer; nobody who asked without a name."""
    close = [each for each, similarity in near.items() if similarity >= ALIKE]
    rows = session.scalars(_asked_near(), _scope(question, close))
    return [author_id for author_id in rows if author_id is not None]


@cache
def _asked_near() -> Select[int | None]:
    return (
        select(Question.author_id)
        .where(
            Question.id.in_(bindparam("near", expanding=True)),
            Question.answer_count > 0,
            Question.author_id.is_not(None),
            _in_sight(Question),
        )
        .distinct()
    )
