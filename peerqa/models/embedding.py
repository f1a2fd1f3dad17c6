"""Vectors of posts and of the sentences of answers. These rows are the truth, an index is a cache.

A post that is gone leaves rows with no vector behind (a tombstone with a new revision), so that
every process that follows `revision > seen` hears of it; they go at the next rebuild.
"""

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class IndexRevision(Base):
    """The counter of an organization's index. Its row lock puts revisions in commit order."""

    __tablename__ = "index_revision"

    organization_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id"), primary_key=True, autoincrement=False
    )
    revision: Mapped[int] = mapped_column(default=0)


class Embedding(Base):
    """A vector of a part of a post: title, title_body, answer or note (indexer.documents.Kind)."""

    __tablename__ = "embedding"
    __table_args__ = (
        UniqueConstraint("post_id", "kind", "model"),
        Index(
            "ix_embedding_organization_id_model_revision", "organization_id", "model", "revision"
        ),
        Index("ix_embedding_question_id", "question_id"),
        {"sqlite_autoincrement": True},  # an id is a name in the index: never given twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)  # also the id in FAISS
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    post_id: Mapped[int]  # no foreign key: a tombstone outlives its post
    question_id: Mapped[int]
    kind: Mapped[str]
    model: Mapped[str]
    text_hash: Mapped[str]
    revision: Mapped[int]
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)  # float32, little endian


class Sentence(Base):
    """A passage of an answer: where it stands in Post.plain, and its vector."""

    __tablename__ = "sentence"
    __table_args__ = (UniqueConstraint("post_id", "model", "ordinal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    model: Mapped[str]
    ordinal: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    text_hash: Mapped[str]  # of the whole plain text that the offsets belong to
    vector: Mapped[bytes] = mapped_column(LargeBinary)  # float16, little endian
