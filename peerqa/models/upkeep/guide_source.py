"""Which threads a guide was made from."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from peerqa.database import Base


class GuideSource(Base):
    """A guide cites a question, whose page cites the guide."""

    __tablename__ = "guide_source"
    __table_args__ = (Index("ix_guide_source_question_id", "question_id"),)

    guide_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True)
