"""A person in an organization. Somebody in two organizations is two members."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.department import Department
from peerqa.models.organization import Organization
from peerqa.models.space import Membership
from peerqa.models.upkeep.keeper import TopicKeeper


class Member(Base):
    """A person; a placeholder stands for the author of imported posts until that person comes."""

    __tablename__ = "member"
    __table_args__ = (
        Index(
            "uq_member_organization_id_email",
            "organization_id",
            "email",
            unique=True,
            sqlite_where=text("email IS NOT NULL"),
            postgresql_where=text("email IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    department_source: Mapped[str | None]  # DepartmentSource; None in no department
    name: Mapped[str]
    email: Mapped[str | None]  # lower case; never what a member is recognized by in a launch
    about: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str | None]
    language: Mapped[str | None]  # of the pages, as chosen
    launch_language: Mapped[str | None]  # what the LMS said at the last launch
    has_shortcuts: Mapped[bool] = mapped_column(default=True)  # keys by themselves
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_placeholder: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    inactive_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_until: Mapped[datetime | None]  # None: until it is lifted
    suspended_why: Mapped[str] = mapped_column(default="")

    organization: Mapped[Organization] = relationship()
    department: Mapped[Department | None] = relationship()
    # Asked for by who reads, not by each author on a page: so it is loaded when it is asked for.
    memberships: Mapped[list[Membership]] = relationship(cascade="all, delete-orphan")
    keepings: Mapped[list[TopicKeeper]] = relationship(
        foreign_keys=[TopicKeeper.member_id], viewonly=True
    )

    @property
    def masks(self) -> frozenset[str]:
        """The tags of what the member asks anonymously; known while they ask something of us."""
        found: frozenset[str] = self.__dict__.get("_masks", frozenset())
        return found

    def wear(self, tags: frozenset[str]) -> None:
        """Carry these tags from now on; they are of no column."""
        self.__dict__["_masks"] = tags
