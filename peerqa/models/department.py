"""A member's unit in the firm. May be empty; everything works without."""

from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class DepartmentSource(StrEnum):
    """Who said in which department somebody is; the first of them decides."""

    LMS = "lms"
    ADMIN = "admin"
    SELF = "self"


class Department(Base):
    """A unit of the organization."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str]
