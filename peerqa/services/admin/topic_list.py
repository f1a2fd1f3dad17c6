"""The list of topics that admins see, with counts and other names.

A topic that only questions of closed spaces are about is not known to an admin who is not in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from peerqa.database import one_line
from peerqa.errors import N_, NotFound
from peerqa.models import Member, Question, QuestionTopic, Topic, TopicSynonym
from peerqa.models.space import Visibility
from peerqa.permissions import spaces_of, visible_to
from peerqa.services.admin.admins import refuse_others

SHOWN = 50


@dataclass(frozen=True)
class Listed:
    """One page of topics with the questions that the reader sees, and the next page's beginning."""

    rows: Sequence[tuple[Topic, int]]
    synonyms: Mapping[int, Sequence[str]]
    next_id: int | None


def list_page(
    session: Session,
    reader: Member,
    *,
    typed: str = "",
    only_unused: bool = False,
    after: int | None = None,
    limit: int = SHOWN,
) -> Listed:
    """Return the topics that the reader may know of, by name.

    Args:
        typed: a part of the name, or of another name.
    """
    refuse_others(reader)
    count = _count(reader)
    query = select(Topic, count).where(known_to(reader)).order_by(Topic.name).limit(limit + 1)
    if typed := one_line(typed)[:100].lower():
        alike = select(TopicSynonym.topic_id).where(
            TopicSynonym.name.contains(typed, autoescape=True)
        )
        query = query.where(or_(Topic.name.contains(typed, autoescape=True), Topic.id.in_(alike)))
    if only_unused:
        query = query.where(count == 0)
    if after is not None:
        last = select(Topic.name).where(
            Topic.id == after, Topic.organization_id == reader.organization_id
        )
        query = query.where(Topic.name > last.scalar_subquery())
    found = [(topic, number) for topic, number in session.execute(query)]
    shown = found[:limit]
    next_id = shown[-1][0].id if len(found) > limit else None
    return Listed(shown, read_synonyms(session, [topic.id for topic, _ in shown]), next_id)


def get_topic(session: Session, reader: Member, topic_id: int) -> tuple[Topic, int]:
    """Return a topic and how many questions the reader sees about it.

    Raises:
        NotFound: there is none that they may know of.
    """
    refuse_others(reader)
    found = session.execute(
        select(Topic, _count(reader)).where(Topic.id == topic_id, known_to(reader))
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no topic of this name."), topic=topic_id)
    return found[0], found[1]


def read_synonyms(session: Session, topic_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the other names of topics, by id."""
    rows = session.execute(
        select(TopicSynonym.topic_id, TopicSynonym.name)
        .where(TopicSynonym.topic_id.in_(topic_ids))
        .order_by(TopicSynonym.name)
    )
    names: dict[int, list[str]] = {}
    for topic_id, name in rows:
        names.setdefault(topic_id, []).append(name)
    return names


def _count(reader: Member) -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(QuestionTopic)
        .join(Question, Question.id == QuestionTopic.question_id)
        .where(QuestionTopic.topic_id == Topic.id, visible_to(reader))
        .correlate(Topic)
        .scalar_subquery()
    )


def known_to(reader: Member) -> ColumnElement[bool]:
    """The topics that the reader may know of, as a condition.

    They are of what the reader may see, or might have seen before it was deleted; or of nothing.
    """
    about = QuestionTopic.topic_id == Topic.id
    in_reach = or_(
        Question.visibility == Visibility.ORGANIZATION, Question.space_id.in_(spaces_of(reader))
    )
    seen = exists().where(about, Question.id == QuestionTopic.question_id, in_reach)
    unused = not_(exists().where(about))
    return (Topic.organization_id == reader.organization_id) & or_(seen, unused)
