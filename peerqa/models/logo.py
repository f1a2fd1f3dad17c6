"""The logo of an organization. Its bytes are in the database, as those of pictures are."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Logo(Base):
    """A picture, re-encoded; the organization's row has its digest."""

    __tablename__ = "logo"

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    data: Mapped[bytes]  # WebP
