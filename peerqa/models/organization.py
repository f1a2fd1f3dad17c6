"""The tenant: one company. Nothing ever crosses it."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class Organization(Base):
    """One company, its language and how sure PeerQA must be before it speaks up."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint("precision_target > 0 AND precision_target < 1", name="precision_target"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    shown_name: Mapped[str] = mapped_column(default="")  # on screen; empty: the name
    accent: Mapped[str | None]  # #rrggbb, on light pages; None: ours
    accent_dark: Mapped[str | None]  # None: made of the other one
    logo_digest: Mapped[str | None]  # None: no logo
    legal_kinds: Mapped[str] = mapped_column(default="")  # of the pages there are, by commas
    legal_token: Mapped[str | None]  # in the addresses for everybody; None: for members alone
    language: Mapped[str] = mapped_column(default="en")  # that people write in
    screen_language: Mapped[str | None]  # of the pages, for who chose none; None: as browsers ask
    time_zone: Mapped[str | None]  # of what is written without a browser, for who chose none
    # of what is shown, this share should answer; a service keeps it between .5 and .99
    precision_target: Mapped[float] = mapped_column(default=0.8)
    allows_anonymous: Mapped[bool] = mapped_column(default=True)  # questions that name nobody
    question_visibility: Mapped[str] = mapped_column(default="organization")  # when nothing is said
    evidence_days: Mapped[int | None]  # as long as it is kept; None: as the settings say
    draft_days: Mapped[int | None]
    news_days: Mapped[int | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @property
    def called(self) -> str:
        """What people read."""
        return self.shown_name or self.name
