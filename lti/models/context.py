"""Courses as spaces: contexts, who is in them by the roster, and what teachers placed there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti.models.platform import Account, Deployment
from peerqa.database import Base
from peerqa.models import Space


class Context(Base):
    """An LTI context (a course) of a deployment, and the space that it is.

    A course that the LMS copied from one we know begins with a fresh space, and its steward is
    asked once whether both share one (copied_from, copy_decided_at).
    """

    __tablename__ = "lti_context"
    __table_args__ = (
        UniqueConstraint("deployment_id", "context_id"),
        Index("ix_lti_context_space_id", "space_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[int] = mapped_column(ForeignKey("lti_deployment.id"))
    context_id: Mapped[str]  # the platform's id
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id"))
    title: Mapped[str]
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("lti_context.id"))
    copy_decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime]  # the last launch; only recently used rosters are read
    # Names and Role Provisioning Services: where the roster is, and how reading it went.
    roster_url: Mapped[str | None]
    roster_due_at: Mapped[datetime | None]
    roster_read_at: Mapped[datetime | None]
    roster_failed_count: Mapped[int] = mapped_column(default=0)
    roster_error: Mapped[str | None]
    # Assignment and Grade Services: as the last launch offered them.
    line_items_url: Mapped[str | None]
    grade_scopes: Mapped[list[str]] = mapped_column(JSON)

    deployment: Mapped[Deployment] = relationship()
    space: Mapped[Space] = relationship()


class Enrolment(Base):
    """Somebody in a course, as the last launch or roster said."""

    __tablename__ = "lti_enrolment"
    __table_args__ = (
        UniqueConstraint("context_id", "account_id"),
        Index("ix_lti_enrolment_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("lti_context.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("lti_account.id"))
    roles: Mapped[list[str]] = mapped_column(JSON)  # as received; shown to stewards
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # in a launch or in a roster
    left_at: Mapped[datetime | None]  # Inactive, Deleted, or gone from the roster

    context: Mapped[Context] = relationship()
    account: Mapped[Account] = relationship()


class PlacedKind(StrEnum):
    """What a link in a course opens; guides and sessions come with those features."""

    SPACE = "space"
    TOPIC = "topic"
    QUESTION = "question"


class Placement(Base):
    """What a teacher placed in a course; its key is a custom parameter, which survives copies.

    Where a platform drops the parameter, the link's own id and its history lead here.
    """

    __tablename__ = "lti_placement"
    __table_args__ = (
        Index("ix_lti_placement_organization_id", "organization_id"),
        Index("ix_lti_placement_link_id", "link_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # random; the custom parameter "peerqa_id"
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    context_id: Mapped[int | None] = mapped_column(ForeignKey("lti_context.id"))  # placed in
    kind: Mapped[str]  # PlacedKind
    space_id: Mapped[int | None] = mapped_column(ForeignKey("space.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"))
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    link_id: Mapped[str | None]  # the platform's resource link, as its first launch said
    created_at: Mapped[datetime]

    context: Mapped[Context | None] = relationship()
