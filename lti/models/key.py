"""Keys: our own, the platforms', and the access tokens that ours have bought.

Private keys and tokens are encrypted with the instance key before they come here.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class ToolKey(Base):
    """An RSA key of ours: signs until retires_at, is published until withdrawn_at."""

    __tablename__ = "lti_tool_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(unique=True)
    follows: Mapped[str] = mapped_column(unique=True)  # kid of the one before: two never race
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # the private key in PEM, encrypted
    public: Mapped[dict[str, str]] = mapped_column(JSON)  # the JWK
    created_at: Mapped[datetime]
    retires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime]


class PlatformKeys(Base):
    """A platform's key set as it was last fetched; shared by all processes."""

    __tablename__ = "lti_platform_keys"

    platform_id: Mapped[int] = mapped_column(
        ForeignKey("lti_platform.id", ondelete="CASCADE"), primary_key=True
    )
    document: Mapped[str]  # the JWKS as JSON; "" when it was never fetched
    fetched_at: Mapped[datetime | None]
    tried_at: Mapped[datetime]  # an unknown kid asks again, but not more often than allowed
    error: Mapped[str | None]


class ServiceToken(Base):
    """An access token for a platform's services, kept for all processes until it expires."""

    __tablename__ = "lti_service_token"
    __table_args__ = (UniqueConstraint("platform_id", "scopes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("lti_platform.id", ondelete="CASCADE"))
    scopes: Mapped[str]  # sorted, joined by spaces
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
