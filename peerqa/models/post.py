"""Posts: questions, answers and comments share one table of ids, texts and authors.

One integer names a post everywhere: in URLs, the API, the outbox and the index. The body is what
was typed (Markdown); html and plain are made from it once, when it is written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.asking.mask import Mask
from peerqa.models.member import Member
from peerqa.models.space import Space, Visibility
from peerqa.models.topic import Topic
from peerqa.models.upkeep.standing import Standing


class Post(Base):
    """What a member wrote."""

    __tablename__ = "post"
    # Ids are never given twice: addresses and index entries of a removed post must stay dead.
    __table_args__: tuple[Any, ...] = (  # Any: indexes, then table options
        Index("ix_post_organization_id_created_at", "organization_id", "created_at"),
        Index("ix_post_author_id_created_at", "author_id", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    # by who asked, anonymously: the question has a pseudonym, and nothing of theirs an author
    is_masked: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str] = mapped_column(default="")
    html: Mapped[str] = mapped_column(default="")
    plain: Mapped[str] = mapped_column(default="")  # as markup.plain_text() says
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)  # rises with every edit
    vote_count: Mapped[int] = mapped_column(default=0)  # imported votes included

    author: Mapped[Member | None] = relationship()
    standing: Mapped[Standing | None] = relationship(viewonly=True)

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "post"}  # noqa: RUF012


class Question(Post):
    """What somebody wants to know. A vote on it says "I have this too"."""

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_space_id_active_at", "space_id", "active_at"),
        Index("ix_question_active_at", "active_at"),
        Index("ix_question_duplicate_of_id", "duplicate_of_id"),
        # Undoing an import removes answers by the thousand; each would read all questions.
        Index("ix_question_accepted_id", "accepted_id"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    title: Mapped[str]
    visibility: Mapped[str] = mapped_column(default=Visibility.ORGANIZATION)
    pseudonym: Mapped[str | None]  # of who asked anonymously
    accepted_id: Mapped[int | None] = mapped_column(
        ForeignKey("answer.id", use_alter=True, name="fk_question_accepted_id")
    )
    accepted_by_steward: Mapped[bool] = mapped_column(default=False)  # and not by who asked
    accepted_own: Mapped[bool] = mapped_column(default=False)  # by the steward who wrote it
    nudged_at: Mapped[datetime | None]  # when the asker was reminded to accept an answer
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    locked_at: Mapped[datetime | None]  # nothing is added any more
    merged_at: Mapped[datetime | None]  # its answers are at the one that it duplicates
    answer_count: Mapped[int] = mapped_column(default=0)
    active_at: Mapped[datetime]  # asked, answered or accepted last

    space: Mapped[Space] = relationship()
    mask: Mapped[Mask | None] = relationship(passive_deletes=True)
    topics: Mapped[list[Topic]] = relationship(secondary="question_topic", order_by=Topic.name)
    answers: Mapped[list[Answer]] = relationship(
        foreign_keys="Answer.question_id", back_populates="question", order_by="Answer.id"
    )
    duplicate_of: Mapped[Question | None] = relationship(
        foreign_keys=[duplicate_of_id], remote_side="Question.id"
    )

    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": "question",
        "inherit_condition": id == Post.id,
    }

    @property
    def is_guide(self) -> bool:
        """Whether it is an article, and asks nothing."""
        return self.kind == "guide"

    @property
    def is_solved(self) -> bool:
        """Whether an answer was accepted."""
        return self.accepted_id is not None


class Guide(Question):
    """A canonical article made from one or more threads.

    It has all that a question has: a title, a space, who sees it, topics, texts as they were. It
    stands in no list of questions: permissions.visible_to() leaves it out unless asked.
    """

    __mapper_args__ = {"polymorphic_identity": "guide"}  # noqa: RUF012


class Answer(Post):
    """What a colleague knows. A vote on it says "helped me too"."""

    __tablename__ = "answer"
    __table_args__ = (Index("ix_answer_question_id", "question_id"),)

    id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    solved_count: Mapped[int] = mapped_column(default=0)  # solved without asking, by people

    question: Mapped[Question] = relationship(foreign_keys=[question_id], back_populates="answers")

    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": "answer",
        "inherit_condition": id == Post.id,
    }


class Comment(Post):
    """A remark under a question or an answer."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_question_id", "question_id"),
        Index("ix_comment_parent_id", "parent_id"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("post.id"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))

    parent: Mapped[Post] = relationship(foreign_keys=[parent_id], remote_side="Post.id")
    question: Mapped[Question] = relationship(foreign_keys=[question_id])

    __mapper_args__ = {  # noqa: RUF012
        "polymorphic_identity": "comment",
        "inherit_condition": id == Post.id,
    }
