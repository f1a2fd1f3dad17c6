"""Topics: names made alike, synonyms resolved, new ones made as people use them."""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from peerqa.database import insert_once
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import (
    Follow,
    Member,
    Question,
    QuestionTopic,
    Skill,
    Topic,
    TopicKeeper,
    TopicSynonym,
)
from peerqa.models.references import columns_to
from peerqa.permissions import visible_to

MAX_TOPICS = 5
MAX_TOPIC_NAME = 40


def read_topic_names(text: str) -> list[str]:
    """Split what was typed, at commas, into names like "label-printer"; each once, in order.

    Raises:
        Invalid: too many, or a name without a letter, or too long.
    """
    names = [topic_name(part) for part in text.split(",") if part.strip()]
    names = list(dict.fromkeys(names))
    if len(names) > MAX_TOPICS:
        raise Invalid(N_("Choose at most %(most)s topics."), field="topics", most=MAX_TOPICS)
    return names


def topic_name(text: str) -> str:
    """Make one name: lower case, words joined by hyphens.

    Raises:
        Invalid: nothing is left of it, or too much.
    """
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    name = "".join(sign if _is_in_names(sign) else "-" for sign in name)
    name = re.sub("-+", "-", name).strip("-.")
    if not any(sign.isalnum() for sign in name) or len(name) > MAX_TOPIC_NAME:
        raise Invalid(
            N_("A topic is a word or a few, with at most %(most)s letters: “%(text)s” is not."),
            field="topics",
            most=MAX_TOPIC_NAME,
            text=text.strip()[:60],
        )
    return name


def _is_in_names(sign: str) -> bool:
    """Letters, digits, the marks that vowels are in many scripts, and C++, C#, node.js."""
    return sign.isalnum() or sign in "+#." or unicodedata.category(sign).startswith("M")


def make_topics(session: Session, organization_id: int, names: Sequence[str]) -> list[Topic]:
    """Return the topics of these names; a synonym gives its topic, a new name a new topic."""
    if not names:
        return []
    synonyms = session.execute(
        select(TopicSynonym.name, Topic.name)
        .join(TopicSynonym.topic)
        .where(TopicSynonym.organization_id == organization_id, TopicSynonym.name.in_(names))
    )
    canonical = {synonym: name for synonym, name in synonyms}
    wanted = list(dict.fromkeys(canonical.get(name, name) for name in names))
    found = _topics_by_name(session, organization_id, wanted)
    for name in sorted(wanted):  # in one order everywhere: else two would wait for each other
        if name not in found:
            insert_once(session, Topic, organization_id=organization_id, name=name, about="")
    if len(found) < len(wanted):
        found = _topics_by_name(session, organization_id, wanted)
    return [found[name] for name in wanted]


def _topics_by_name(
    session: Session, organization_id: int, names: Sequence[str]
) -> dict[str, Topic]:
    rows = session.scalars(
        select(Topic).where(Topic.organization_id == organization_id, Topic.name.in_(names))
    )
    return {topic.name: topic for topic in rows}


def add_synonym(session: Session, *, topic: Topic, name: str) -> None:
    """Let another name stand for the topic; harmless twice.

    A topic of that name gives its questions and its other names to this one. A name that stands
    for another topic stays there.
    """
    name, organization_id = topic_name(name), topic.organization_id
    insert_once(
        session, TopicSynonym, organization_id=organization_id, topic_id=topic.id, name=name
    )
    former = _topics_by_name(session, organization_id, [name]).get(name)
    if former is None or former is topic or get_topic(session, organization_id, name) is not topic:
        return
    absorb(session, former=former, into=topic)


def absorb(session: Session, *, former: Topic, into: Topic) -> None:
    """Give all that is about one topic to another, and delete the one.

    Its name and its other names stand for the other from now on. Whatever refers to a topic is
    found by its foreign keys; what may refer to each topic once, and refers to both, refers to the
    other already.
    """
    for row, thing in (
        (QuestionTopic, QuestionTopic.question_id),
        (Follow, Follow.member_id),
        (TopicKeeper, TopicKeeper.member_id),
        (Skill, Skill.member_id),
    ):
        have_both = select(thing).where(row.topic_id == into.id)
        session.execute(delete(row).where(row.topic_id == former.id, thing.in_(have_both)))
    for column in columns_to("topic.id"):
        session.execute(
            update(column.table).where(column == former.id).values({column.name: into.id})
        )
    insert_once(
        session, TopicSynonym, organization_id=into.organization_id, topic_id=into.id,
        name=former.name,
    )  # fmt: skip
    session.execute(delete(Topic).where(Topic.id == former.id))
    session.expunge(former)
    session.expire_all()  # the topics of questions, the topic of synonyms


def get_topic(session: Session, organization_id: int, name: str) -> Topic:
    """Return a topic by its name or a synonym.

    Raises:
        NotFound: there is none.
    """
    synonym = session.scalars(
        select(TopicSynonym).where(
            TopicSynonym.organization_id == organization_id, TopicSynonym.name == name
        )
    ).one_or_none()
    if synonym is not None:  # first, as when a question is asked
        return synonym.topic
    topic = _topics_by_name(session, organization_id, [name]).get(name)
    if topic is None:
        raise NotFound(N_("There is no topic of this name."), topic=name)
    return topic


def get_visible_topic(session: Session, member: Member, name: str | int) -> Topic:
    """Return a topic by its name, a synonym or its id, when the member may see a question about it.

    Raises:
        NotFound: there is none; a topic of closed spaces alone is not known to others.
    """
    topic = (
        get_topic(session, member.organization_id, name)
        if isinstance(name, str)
        else session.get(Topic, name)
    )
    if topic is None or topic.organization_id != member.organization_id:
        raise NotFound(N_("There is no topic of this name."), topic=name)
    seen = (
        select(QuestionTopic.topic_id)
        .join(Question, Question.id == QuestionTopic.question_id)
        .where(QuestionTopic.topic_id == topic.id, visible_to(member, with_guides=True))
    )
    if session.scalar(seen.limit(1)) is None:
        raise NotFound(N_("There is no topic of this name."), topic=name)
    return topic


def list_topics(
    session: Session, member: Member, *, limit: int = 50
) -> Sequence[tuple[Topic, int]]:
    """Return the topics with the most questions that the member may see, with their counts."""
    rows = session.execute(
        select(Topic, func.count())
        .join(QuestionTopic, QuestionTopic.topic_id == Topic.id)
        .join(Question, Question.id == QuestionTopic.question_id)
        .where(visible_to(member))
        .group_by(Topic.id)
        .order_by(func.count().desc(), Topic.name)
        .limit(limit)
    )
    return [(topic, count) for topic, count in rows]
