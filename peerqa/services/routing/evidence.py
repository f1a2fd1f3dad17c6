"""What the tables say of who might know: answers and guides near a question, skills, passes.

Only what everybody may read counts, and beside it what stands in the question's own space: that
somebody knows much about what is talked of in a closed space is nobody's to see from outside.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Subquery, and_, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from peerqa.models import (
    Answer,
    Guide,
    Invitation,
    Member,
    Question,
    QuestionTopic,
    Skill,
    Topic,
    TopicKeeper,
)
from peerqa.models.space import Visibility
from peerqa.permissions import visible_in
from peerqa.services.routing.scoring import NOT_MINE, SAID_SO, Evidence, Standing, Why, score
from peerqa.services.routing.states import PassReason
from peerqa.services.upkeep.standings import is_retired, is_vouched_for

FEWEST_SIMILARITY = 0.35  # of what somebody asked once: they know what became of it
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
    thread, shared = aliased(Question, flat=True), _shared_topics(question, near)
    rows = session.execute(
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
            Answer.question_id.in_(list(near)),
            Answer.deleted_at.is_(None),
            Answer.author_id.is_not(None),
            thread.author_id.is_distinct_from(Answer.author_id),
            ~is_retired(Answer.id),
            visible_in(question.organization_id, readable(question), thread=thread),
        )
    )
    return [
        Evidence(
            author_id, near[question_id], (at - made).total_seconds() / DAY_SECONDS,
            is_accepted=bool(accepted), is_verified=bool(verified), helped=max(0, helped),
            topic=topic or "",
            has_same_asker=asker_id is not None and asker_id == question.author_id,
        )
        for author_id, question_id, made, accepted, helped, verified, topic, asker_id in rows
        if author_id is not None
    ]  # fmt: skip


def _shared_topics(question: Question, near: Mapping[int, float]) -> Subquery:
    """Name a topic that each near question shares with this one; the first, of several."""
    return (
        select(QuestionTopic.question_id, func.min(Topic.name).label("name"))
        .join(Topic, Topic.id == QuestionTopic.topic_id)
        .where(
            QuestionTopic.topic_id.in_([topic.id for topic in question.topics]),
            QuestionTopic.question_id.in_(list(near)),
        )
        .group_by(QuestionTopic.question_id)
        .subquery()
    )


def _guides(
    session: Session, question: Question, near: Mapping[int, float], *, at: datetime
) -> list[Evidence]:
    rows = session.execute(
        select(Guide.author_id, Guide.id, Guide.created_at).where(
            Guide.id.in_(list(near)),
            Guide.author_id.is_not(None),
            ~is_retired(Guide.id),
            visible_in(
                question.organization_id, readable(question), thread=Guide, with_guides=True
            ),
        )
    )
    return [
        Evidence(
            author_id, near[guide_id], (at - made).total_seconds() / DAY_SECONDS, is_guide=True
        )
        for author_id, guide_id, made in rows
        if author_id is not None
    ]


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
    close = [each for each, similarity in near.items() if similarity >= FEWEST_SIMILARITY]
    rows = session.scalars(
        select(Question.author_id)
        .join(Member, Member.id == Question.author_id)
        .where(
            Question.id.in_(close),
            Question.answer_count > 0,
            visible_in(question.organization_id, readable(question)),
        )
        .distinct()
    )
    return [author_id for author_id in rows if author_id is not None]
