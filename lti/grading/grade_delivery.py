"""Scores on their way: a queue of columns, each worked on by one worker at a time.

AGS 2.0 sections 3.2.4 to 3.4; one turn in a column: see grade_turn.py. What one person's score
meets is written to their row; what concerns the platform pauses the column, with a growing delay
and jitter; what needs somebody to act blocks it with a sentence. A platform that fails is left
alone for the rest of the run, so that it does not starve the others. Harmless twice.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from lti.grading import grade_turn, grades
from lti.grading.gradebook import Clock, Column, ColumnGone, Stopped
from lti.models import Context, Deployment, GradeDelivery, LineItem, Platform
from lti.models.grade import DeliveryState
from lti.models.platform import DeploymentState
from lti.services.platform_services import wait_for
from lti.services.service_tokens import PlatformBusy, Registration
from peerqa import outbox
from peerqa.database import db, hold, storable, transaction
from peerqa.errors import PeerQAError

LEASE = timedelta(minutes=5)
RUN_SECONDS, RUN_COLUMNS = 60.0, 50
MAX_ATTEMPTS = 60  # with the outbox's delays: after two days and a half

log = structlog.get_logger()


def note_all(grade_ids: Sequence[str], *, now: Clock) -> None:
    """Handle the outbox topic `grade`: put the scores into the queues; sends nothing."""
    for grade_id in grade_ids:
        with transaction() as session:
            grades.note_wanted(session, int(grade_id), at=now())


def deliver_due(*, now: Clock) -> int:
    """Bring the scores that wait, for a while; returns how many columns were worked on."""
    failing: set[int] = set()
    end = time.monotonic() + RUN_SECONDS
    for tried in range(RUN_COLUMNS):
        column = _claim_next(at=now(), without=failing) if time.monotonic() < end else None
        if column is None:
            return tried
        if not _work(column, now=now):
            failing.add(column.registration.platform_id)
    return RUN_COLUMNS


def _claim_next(*, at: datetime, without: Collection[int]) -> Column | None:
    session = db.session()
    column = _find_next(session, at=at, without=without)
    session.rollback()
    if column is None:
        return None
    with transaction() as writing:
        claimed = writing.execute(
            update(LineItem)
            .where(
                LineItem.id == column.id,
                or_(LineItem.claimed_until.is_(None), LineItem.claimed_until <= at),
            )
            .values(claimed_until=at + LEASE)
        )
        is_ours = claimed.rowcount == 1  # type: ignore[attr-defined]  # a CursorResult
    return column if is_ours else None


def _find_next(session: Session, *, at: datetime, without: Collection[int]) -> Column | None:
    """Return the column that has waited longest, at a platform that is not left alone."""
    found = session.execute(
        select(LineItem, Context, Platform)
        .join(LineItem.context)
        .join(Context.deployment)
        .join(Deployment.platform)
        .where(
            LineItem.due_at <= at,
            LineItem.switched_off_at.is_(None),
            or_(LineItem.claimed_until.is_(None), LineItem.claimed_until <= at),
            Deployment.state == DeploymentState.APPROVED,
            Platform.disabled_at.is_(None),
            Platform.id.not_in(without),
        )
        .order_by(LineItem.due_at, LineItem.id)
        .limit(1)
    ).one_or_none()
    return _copy(*found) if found is not None else None


def _copy(item: LineItem, context: Context, platform: Platform) -> Column:
    return Column(
        id=item.id,
        url=item.url,
        label=item.label,
        maximum=item.maximum,
        space_id=context.space_id,
        items_url=context.line_items_url,
        scopes=frozenset(context.grade_scopes),
        registration=Registration.of(platform),
    )


def _work(column: Column, *, now: Clock) -> bool:
    """Take a turn in a column; False when its platform should be left alone for now."""
    try:
        grade_turn.take_turn(column, now=now)
    except Stopped as stopped:
        log.warning("lti.column-blocked", column=column.id, reason=stopped.code)
        _block(column.id, stopped, at=now())
        return True
    except PeerQAError as refusal:
        log.warning("lti.column-pauses", column=column.id, reason=refusal.code)
        _pause(column.id, refusal, at=now())
        return False
    _release(column.id)
    return True


def _release(column_id: int) -> None:
    """Let the next turn begin when the next score is due."""
    with transaction() as session:
        hold(session, session.get_one(LineItem, column_id))  # nothing is queued meanwhile
        due_at = session.scalar(
            select(func.min(GradeDelivery.due_at)).where(
                GradeDelivery.line_item_id == column_id,
                GradeDelivery.state == DeliveryState.WAITING,
            )
        )
        _update(session, column_id, due_at=due_at, claimed_until=None, attempts=0, error=None)


def _pause(column_id: int, refusal: PeerQAError, *, at: datetime) -> None:
    """Wait as long as the platform asks, or ever longer; give up after days."""
    with transaction() as session:
        attempts = session.get_one(LineItem, column_id).attempts + 1
        sentence = storable(str(refusal))[:500]
        if attempts >= MAX_ATTEMPTS:
            _end(session, column_id, DeliveryState.GIVEN_UP, sentence, at=at)
            return
        asked = wait_for(refusal.reply, at=at) if isinstance(refusal, PlatformBusy) else None
        wait = timedelta(seconds=outbox.delay_seconds(attempts))
        due_at = at + max(wait, asked or timedelta())
        _update(
            session, column_id, due_at=due_at, claimed_until=None, attempts=attempts, error=sentence
        )


def _block(column_id: int, stopped: Stopped, *, at: datetime) -> None:
    with transaction() as session:
        if isinstance(stopped, ColumnGone):
            _update(session, column_id, url=None)
        _end(session, column_id, DeliveryState.BLOCKED, storable(str(stopped))[:500], at=at)


def _end(
    session: Session, column_id: int, state: DeliveryState, sentence: str, *, at: datetime
) -> None:
    """Let nothing wait in this column any more, until a steward has it tried again."""
    _update(session, column_id, due_at=None, claimed_until=None, blocked_at=at, error=sentence)
    session.execute(
        update(GradeDelivery)
        .where(
            GradeDelivery.line_item_id == column_id,
            GradeDelivery.state == DeliveryState.WAITING,
        )
        .values(state=state, due_at=None, error=sentence)
    )


def _update(session: Session, column_id: int, **values: object) -> None:
    session.execute(update(LineItem).where(LineItem.id == column_id).values(**values))
