"""What an organization must or wants to tell its readers: imprint, privacy, terms."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class LegalKind(StrEnum):
    """What a page is about, in the order of the footer."""

    IMPRINT = "imprint"
    PRIVACY = "privacy"
    TERMS = "terms"


class LegalPage(Base):
    """A page that an admin wrote; the organization's row lists which there are."""

    __tablename__ = "legal_page"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # LegalKind
    body: Mapped[str]  # Markdown
    html: Mapped[str]
    edited_at: Mapped[datetime]
