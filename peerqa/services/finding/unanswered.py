"""What nobody knows yet: open questions without an answer, those who wait longest first."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from peerqa.models import Question
from peerqa.paging import PAGE_SIZE, Cursor, Page, cut
from peerqa.services.finding.filters import Filters
from peerqa.services.upkeep.standings import is_retired


def list_unanswered(
    session: Session, filters: Filters, *, after: Cursor | None = None, limit: int = PAGE_SIZE
) -> Page[Question]:
    """Return questions that pass, have no answer and are no duplicate; the oldest first."""
    query = (
        select(Question)
        .where(
            filters.condition(),
            Question.kind == "question",
            Question.answer_count == 0,
            Question.accepted_id.is_(None),
            Question.duplicate_of_id.is_(None),
            ~is_retired(Question.id),
        )
        .options(
            joinedload(Question.author), joinedload(Question.space), selectinload(Question.topics)
        )
        .order_by(Question.created_at, Question.id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(
            (Question.created_at > after.at)
            | ((Question.created_at == after.at) & (Question.id > after.id))
        )
    rows = session.scalars(query).all()
    return cut(rows, limit=limit, cursor_of=lambda row: Cursor(row.created_at, row.id))
