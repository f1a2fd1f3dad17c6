"""Logins under way, and the log of launches that admins read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti.models.platform import Platform
from peerqa.database import Base


class Login(Base):
    """One login: its state and nonce, whom it is bound to, consumed once by its launch."""

    __tablename__ = "lti_login"
    __table_args__ = (Index("ix_lti_login_expires_at", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state_hash: Mapped[str] = mapped_column(unique=True)
    nonce_hash: Mapped[str]
    binding_hash: Mapped[str]  # of the cookie that this login gave the browser
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id"))
    target: Mapped[str]  # target_link_uri
    storage_target: Mapped[str | None]  # lti_storage_target: Platform Storage is offered
    request: Mapped[dict[str, str]] = mapped_column(JSON)  # to begin again in a tab of its own
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    platform: Mapped[Platform] = relationship()


class LaunchRecord(Base):
    """A launch that was accepted or refused; holds no token and no claim of a person."""

    __tablename__ = "lti_launch"
    __table_args__ = (
        Index("ix_lti_launch_organization_id_at", "organization_id", "at"),
        Index("ix_lti_launch_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    platform_id: Mapped[int | None] = mapped_column(
        ForeignKey("lti_platform.id", ondelete="SET NULL")
    )
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    issuer: Mapped[str]
    client_id: Mapped[str]
    deployment_id: Mapped[str]
    place: Mapped[str]  # the course's title, as far as it was verified
    code: Mapped[str]  # "accepted", else the refusal's code
    sentence: Mapped[str]  # of the refusal, untranslated; "" when accepted
    context: Mapped[dict[str, str]] = mapped_column(JSON)  # for the places in the sentence
