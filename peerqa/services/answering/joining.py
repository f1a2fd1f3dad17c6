"""Two accounts turn out to be one person: what each follows, put aside, doubts, is named in."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from peerqa.models import Bookmark, Doubt, Follow, Member, Mention

_ONCE: tuple[InstrumentedAttribute[int | None] | InstrumentedAttribute[int], ...] = (
    Follow.question_id,
    Follow.topic_id,
    Follow.space_id,
    Bookmark.post_id,
    Mention.post_id,
)


def join_marks(session: Session, kept: Member, emptied: Member) -> None:
    """Give what one account marked to the other, each thing once."""
    for column in _ONCE:
        table = column.class_
        both = select(column).where(table.member_id == kept.id, column.is_not(None))
        session.execute(delete(table).where(table.member_id == emptied.id, column.in_(both)))
    doubted = select(Doubt.answer_id).where(Doubt.member_id == kept.id, Doubt.settled_at.is_(None))
    session.execute(
        delete(Doubt).where(
            Doubt.member_id == emptied.id,
            Doubt.settled_at.is_(None),
            Doubt.answer_id.in_(doubted),
        )
    )
    for table in (Follow, Bookmark, Mention, Doubt):
        session.execute(
            update(table).where(table.member_id == emptied.id).values(member_id=kept.id)
        )
