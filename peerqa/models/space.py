"""A space: an LMS course, or an open team space; and who is in it, in which role."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base


class Visibility(StrEnum):
    """Who may see a question: everybody in the organization, or its space only."""

    ORGANIZATION = "organization"
    SPACE = "space"


class Role(StrEnum):
    """What a member is in a space."""

    LEARNER = "learner"
    STEWARD = "steward"


class Space(Base):
    """A place for questions. Questions of a closed space are seen in it only."""

    __tablename__ = "space"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    visibility: Mapped[str] = mapped_column(default=Visibility.ORGANIZATION)
    template: Mapped[str] = mapped_column(default="")  # Markdown that a question begins with
    allows_anonymous: Mapped[bool] = mapped_column(default=True)  # where the organization does
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]  # since then nothing new is written in it


class Membership(Base):
    """A member in a space, as learner or steward."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("member_id", "space_id"),
        Index("ix_membership_space_id", "space_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    role: Mapped[str] = mapped_column(default=Role.LEARNER)

    space: Mapped[Space] = relationship()
