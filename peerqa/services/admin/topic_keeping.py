"""Topics as admins look after them: counted, renamed, joined, given other names, deleted.

A topic that only questions of closed spaces are about is not known to an admin who is not in them.
So a name that such a topic has is free for all that an admin sees: taking it joins the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from peerqa.database import one_line
from peerqa.errors import N_, Conflict, Invalid, NotFound
from peerqa.models import (
    Follow,
    ImportedThing,
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
from peerqa.services import audit, topics
from peerqa.services.admin import topic_list
from peerqa.services.admin.admins import refuse_others
from peerqa.services.topics import topic_name

MAX_ABOUT = 200
MOST_SYNONYMS = 30


@dataclass(frozen=True)
class Joining:
    """What it would do to join two topics."""

    topic: Topic
    into: Topic
    question_count: int  # about the one, that the reader sees
    both_count: int  # of these, about both already
    synonyms: Sequence[str]


def rename(
    session: Session, *, topic: Topic, name: str, about: str, by: Member, at: datetime
) -> None:
    """Call a topic otherwise, and say what it is about; the name it had still leads to it.

    Raises:
        Invalid: no topic can be called so, or it says too much.
        Conflict: another topic is called so.
    """
    refuse_others(by)
    name, about = topic_name(name), one_line(about)
    if len(about) > MAX_ABOUT:
        raise Invalid(N_("Please use at most %(most)s characters."), field="about", most=MAX_ABOUT)
    if name != topic.name:
        _take_name(session, topic, name, by)
        former, topic.name = topic.name, name
        session.flush()
        topics.add_synonym(session, topic=topic, name=former)
    topic.about = about
    audit.record(session, "topic.changed", by=by, thing=topic, at=at)


def add_synonym(session: Session, *, topic: Topic, name: str, by: Member, at: datetime) -> None:
    """Let another name lead to the topic. Harmless twice.

    Raises:
        Invalid: no topic can be called so, or there are too many.
        Conflict: the name is of another topic.
    """
    refuse_others(by)
    name = topic_name(name)
    known = topic_list.read_synonyms(session, [topic.id]).get(topic.id, [])
    if name == topic.name or name in known:
        return
    if len(known) >= MOST_SYNONYMS:
        raise Invalid(
            N_("A topic has at most %(most)s other names."), field="topics", most=MOST_SYNONYMS
        )
    _take_name(session, topic, name, by)
    topics.add_synonym(session, topic=topic, name=name)
    audit.record(session, "topic.changed", by=by, thing=topic, at=at)


def remove_synonym(session: Session, *, topic: Topic, name: str, by: Member, at: datetime) -> None:
    """Let a name lead nowhere any more. Harmless twice."""
    refuse_others(by)
    session.execute(
        delete(TopicSynonym).where(TopicSynonym.topic_id == topic.id, TopicSynonym.name == name)
    )
    audit.record(session, "topic.changed", by=by, thing=topic, at=at)


def plan_joining(session: Session, reader: Member, topic_id: int, name: str) -> Joining:
    """Return what it would do to join a topic to the one of this name.

    Raises:
        NotFound: one of them is not there.
        Conflict: they are one already; so nothing ever goes in a circle.
    """
    topic, count = topic_list.get_topic(session, reader, topic_id)
    try:
        into, _ = topic_list.get_topic(
            session,
            reader,
            topics.get_topic(session, reader.organization_id, topic_name(name)).id,
        )
    except NotFound:
        raise Invalid(
            N_("There is no topic “%(name)s”."), field="into", name=one_line(name)[:60]
        ) from None
    if into.id == topic.id:
        raise Conflict(
            N_("“%(name)s” leads to “%(topic)s” already, so the two cannot be joined."),
            name=one_line(name)[:60],
            topic=topic.name,
            field="into",
        )
    both = select(QuestionTopic.question_id).where(QuestionTopic.topic_id == into.id)
    both_count = session.scalar(
        select(func.count())
        .select_from(QuestionTopic)
        .join(Question, Question.id == QuestionTopic.question_id)
        .where(
            QuestionTopic.topic_id == topic.id,
            QuestionTopic.question_id.in_(both),
            visible_to(reader),
        )
    )
    names = topic_list.read_synonyms(session, [topic.id]).get(topic.id, [])
    return Joining(topic, into, count, both_count or 0, names)


def join(session: Session, *, topic_id: int, name: str, by: Member, at: datetime) -> Topic:
    """Join a topic to the one of this name; returns that one.

    Of two that join each other at once, one does; the other hears that they are one.

    Raises:
        NotFound: one of them is not there, or not any more.
        Conflict: they are one already.
    """
    refuse_others(by)
    session.execute(  # in one order everywhere: else two would wait for each other
        select(Topic.id)
        .where(Topic.organization_id == by.organization_id)
        .order_by(Topic.id)
        .with_for_update()
    )
    plan = plan_joining(session, by, topic_id, name)
    former = plan.topic.id
    _join(session, former=plan.topic, into=plan.into)
    audit.record(session, "topic.joined", by=by, thing=plan.into, at=at, former=former)
    return plan.into


def delete_topic(session: Session, *, topic: Topic, by: Member, at: datetime) -> None:
    """Delete a topic that no question is about.

    Raises:
        Conflict: one is.
    """
    refuse_others(by)
    used = (
        select(QuestionTopic.topic_id)
        .join(Question, Question.id == QuestionTopic.question_id)
        .where(QuestionTopic.topic_id == topic.id, Question.deleted_at.is_(None))
    )
    if session.scalar(used.limit(1)) is not None:
        raise Conflict(
            N_("Questions are about “%(topic)s”. Join it to another topic instead."),
            topic=topic.name,
        )
    audit.record(session, "topic.deleted", by=by, thing=topic, at=at)
    for row in (QuestionTopic, Follow, TopicKeeper, Skill, TopicSynonym):
        session.execute(delete(row).where(row.topic_id == topic.id))
    for column in columns_to("topic.id"):
        if column.nullable:  # what led there leads to its board now
            session.execute(
                update(column.table).where(column == topic.id).values({column.name: None})
            )
    _forget_import(session, topic.id)
    session.delete(topic)
    session.flush()


def _join(session: Session, *, former: Topic, into: Topic) -> None:
    _forget_import(session, former.id)
    topics.absorb(session, former=former, into=into)


def _forget_import(session: Session, topic_id: int) -> None:
    """Whoever undoes an import must not look for the topic."""
    session.execute(
        delete(ImportedThing).where(
            ImportedThing.kind == "topic", ImportedThing.thing_id == topic_id
        )
    )


def _take_name(session: Session, topic: Topic, name: str, by: Member) -> None:
    """Free a name for the topic.

    Raises:
        Conflict: a topic has it that the member may know of.
    """
    try:
        other = topics.get_topic(session, topic.organization_id, name)
    except NotFound:
        return
    if other.id != topic.id:
        known = session.scalar(
            select(Topic.id).where(Topic.id == other.id, topic_list.known_to(by))
        )
        if known is not None:
            raise Conflict(
                N_("There is a topic “%(name)s” already. Join the two instead."),
                name=other.name,
                field="topics",
            )
        _join(session, former=other, into=topic)
    session.execute(
        delete(TopicSynonym).where(TopicSynonym.topic_id == topic.id, TopicSynonym.name == name)
    )
    session.flush()
