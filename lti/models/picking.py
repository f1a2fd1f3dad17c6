"""What a platform asked for when it opened the picker, kept until the person has chosen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti.models.context import Context
from lti.models.platform import Deployment
from peerqa.database import Base
from peerqa.models import Member


class Picking(Base):
    """A deep linking request: one member's, in one browser, for an hour.

    All of it comes from the signed launch; the browser is given the key alone.
    """

    __tablename__ = "lti_picking"
    __table_args__ = (Index("ix_lti_picking_expires_at", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("lti_deployment.id"))
    context_id: Mapped[int | None] = mapped_column(ForeignKey("lti_context.id"))
    return_url: Mapped[str]
    accepts_types: Mapped[list[str]] = mapped_column(JSON)
    accepts_targets: Mapped[list[str]] = mapped_column(JSON)
    accepts_several: Mapped[bool]
    accepts_line_item: Mapped[bool]
    data: Mapped[str | None]  # the platform's own; goes back as it came
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    member: Mapped[Member] = relationship()
    deployment: Mapped[Deployment] = relationship()
    context: Mapped[Context | None] = relationship()
