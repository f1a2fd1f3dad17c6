"""Who is signed in, by which one-time link, and which programs may call the API.

Only hashes of tokens are stored.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from peerqa.database import Base
from peerqa.models.member import Member


class SignIn(Base):
    """A browser in which a member is signed in."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_member_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    binding: Mapped[str]  # random; with the member it makes the CSRF token
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship()


class OneTimeLink(Base):
    """A link that signs its member in once."""

    __tablename__ = "one_time_link"
    __table_args__ = (Index("ix_one_time_link_member_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship()


class AccessToken(Base):
    """A program's right to act as a member through the API."""

    __tablename__ = "access_token"
    __table_args__ = (Index("ix_access_token_member_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship()
