"""Topics, their other names, and which question is about which."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base


class Topic(Base):
    """A tag: lower-case words joined by hyphens."""

    __tablename__ = "topic"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str]
    about: Mapped[str] = mapped_column(default="")


class TopicSynonym(Base):
    """Another name that people use for a topic."""

    __tablename__ = "topic_synonym"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"))
    name: Mapped[str]

    topic: Mapped[Topic] = relationship()


class QuestionTopic(Base):
    """A question is about a topic."""

    __tablename__ = "question_topic"
    __table_args__ = (Index("ix_question_topic_topic_id", "topic_id"),)

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id"), primary_key=True)
