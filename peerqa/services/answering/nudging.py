"""Reminding whoever asked, once, to say which answer solved it; stewards may do so after that."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from peerqa.models import Answer, Question
from peerqa.services import notifications
from peerqa.services.upkeep.standings import is_retired

NUDGE_AFTER = timedelta(days=5)  # of silence; two days before stewards may accept
NUDGE_UNTIL = timedelta(days=60)  # nobody is reminded of what was imported from another time
MOST_AT_ONCE = 200


def nudge_askers(session: Session, *, at: datetime) -> int:
    """Remind the askers of answered questions; of two workers at once, one does.

    Returns:
        How many questions were looked at; call again while there are any.
    """
    answer = aliased(Answer, flat=True)
    due = session.scalars(
        select(Question)
        .where(
            Question.active_at <= at - NUDGE_AFTER,
            Question.active_at > at - NUDGE_UNTIL,
            Question.nudged_at.is_(None),
            Question.accepted_id.is_(None),
            Question.duplicate_of_id.is_(None),
            Question.deleted_at.is_(None),
            ~is_retired(Question.id),
            exists()
            .select_from(answer)  # with the post that it is
            .where(
                answer.question_id == Question.id,
                answer.deleted_at.is_(None),
                ~is_retired(answer.id),
                answer.author_id.is_distinct_from(Question.author_id),
            ),
        )
        .order_by(Question.active_at)
        .limit(MOST_AT_ONCE)
    ).all()
    for question in due:
        claimed = session.execute(
            update(Question.__table__)  # type: ignore[arg-type]  # a Table
            .where(Question.__table__.c.id == question.id, Question.__table__.c.nudged_at.is_(None))
            .values(nudged_at=at)
        )
        if claimed.rowcount == 1:  # type: ignore[attr-defined]  # a CursorResult
            notifications.notify_author(session, question, reason="nudged", at=at)
    return len(due)
