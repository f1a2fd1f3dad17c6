"""Texts of posts as they were. The first edit writes down two: what was there, and what is now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class Revision(Base):
    """The text of a post under one of its versions, and who wrote it when and why.

    That the post's own author wrote it is a mark and no id, so that it says no more of somebody
    who asked anonymously than the post does. Neither mark nor editor: an import wrote it.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("post_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    version: Mapped[int]
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    is_by_author: Mapped[bool]
    created_at: Mapped[datetime]
    title: Mapped[str]  # empty but for questions, as are the topics
    topics: Mapped[str]  # names, joined by ", "
    body: Mapped[str]
    why: Mapped[str]
    restored_version: Mapped[int | None]

    editor: Mapped[Member | None] = relationship()
