"""One turn in one column: be sure that it is there, then bring the scores that wait.

AGS 2.0 section 3.4. A score is read when it is sent, so a repeated one never brings an older score
back; its timestamp is strictly newer than the last, and not in the platform's future. The rows are
written after each score: what was sent and not noted is sent again, with the same effect.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager

from lti.grading import grade_messages as messages
from lti.grading import gradebook
from lti.grading.gradebook import Clock, Column
from lti.grading.grades import is_graded
from lti.models import Account, Enrolment, GradeDelivery, LineItem
from lti.models.grade import DeliveryState
from lti.people import roles
from peerqa import outbox
from peerqa.database import db, transaction
from peerqa.errors import N_, PeerQAError
from peerqa.models import Grade
from peerqa.outgoing import Reply

TURN_SECONDS, TURN_SCORES = 20.0, 50
SOON = timedelta(seconds=5)  # an instant this close in the future is waited for
MAX_CONFLICTS = 20  # of one score; with the outbox's delays: half a day
NOT_GRADED = N_("Not sent: they are no learner of this course any more.")
NOT_TAKEN = N_(
    "The LMS takes no score for this person (status %(status)s). It does not have them as a "
    "learner of this course."
)
NEWER = N_("The LMS says that it has a newer score.")


@dataclass(frozen=True)
class _Score:
    """A score as it is wanted now."""

    delivery_id: int
    subject: str
    given: float
    maximum: float
    comment: str
    last_at: datetime | None
    is_there: bool  # the platform has it already


def take_turn(column: Column, *, now: Clock) -> None:
    """Work in a column for a while.

    Raises:
        Stopped: somebody has to act.
        PeerQAError: not now.
    """
    end = time.monotonic() + TURN_SECONDS
    if column.url is None:
        url, reply = gradebook.find_or_make(column, now=now)
        _keep_url(column, url)
    else:
        url, reply = column.url, gradebook.look_at(column, column.url, at=now())
    ahead = _measure(reply, at=now())
    for delivery_id in _list_due(column, at=now()):
        if time.monotonic() > end:
            return
        _send(column, url, delivery_id, ahead=ahead, now=now)


def _measure(reply: Reply, *, at: datetime) -> timedelta:
    """Return how much our clock is ahead of the platform's; never less than nothing."""
    return max(at - reply.date, timedelta()) if reply.date else timedelta()


def _keep_url(column: Column, url: str) -> None:
    """Keep where the column is; a new one has no score yet."""
    with transaction() as session:
        session.execute(update(LineItem).where(LineItem.id == column.id).values(url=url))
        session.execute(
            update(GradeDelivery)
            .where(GradeDelivery.line_item_id == column.id)
            .values(given=None, maximum=None, comment="", delivered_at=None)
        )


def _list_due(column: Column, *, at: datetime) -> Sequence[int]:
    session = db.session()
    due = session.scalars(
        select(GradeDelivery.id)
        .where(
            GradeDelivery.line_item_id == column.id,
            GradeDelivery.state == DeliveryState.WAITING,
            GradeDelivery.due_at <= at,
        )
        .order_by(GradeDelivery.due_at, GradeDelivery.id)
        .limit(TURN_SCORES)
    ).all()
    session.rollback()
    return due


def _send(column: Column, url: str, delivery_id: int, *, ahead: timedelta, now: Clock) -> None:
    score = _read(column, delivery_id)
    if score is None:
        _note(delivery_id, state=DeliveryState.REFUSED, error=NOT_GRADED)
        return
    if score.is_there:
        _note(delivery_id, state=DeliveryState.DELIVERED, error=None)
        return
    at = now()
    score_at = messages.next_instant(platform_now=at - ahead, last=score.last_at)
    if timedelta() < score_at - (at - ahead) <= SOON:
        _postpone(delivery_id, until=score_at + ahead)
        return
    reply = _post(column, url, score, score_at, at=at)
    if reply.is_success:
        _note_delivered(column, score, score_at=score_at, at=now())
    elif reply.status == 409:
        _note_conflict(delivery_id, score_at=score_at, at=now())
    else:
        if reply.status in {404, 410}:
            gradebook.look_at(column, url, at=now())  # raises when it is the column that is gone
        sentence = NOT_TAKEN % {"status": reply.status}
        _note(delivery_id, state=DeliveryState.REFUSED, error=sentence)


def _post(column: Column, url: str, score: _Score, score_at: datetime, *, at: datetime) -> Reply:
    body = messages.score_body(
        subject=score.subject, given=score.given, maximum=score.maximum, comment=score.comment,
        score_at=score_at,
    )  # fmt: skip
    try:
        return gradebook.post_score(column, url, body, at=at)
    except PeerQAError:  # it may have come there all the same
        with transaction() as session:
            _update(session, score.delivery_id, score_at=score_at)
        raise


def _read(column: Column, delivery_id: int) -> _Score | None:
    """Return the score as it is wanted now; None when this person is not graded any more."""
    session = db.session()
    found = session.execute(
        select(GradeDelivery, Enrolment, Grade)
        .join(GradeDelivery.line_item)
        .join(GradeDelivery.account)
        .join(
            Enrolment,
            (Enrolment.account_id == Account.id) & (Enrolment.context_id == LineItem.context_id),
        )
        .join(Grade, (Grade.member_id == Account.member_id) & (Grade.space_id == column.space_id))
        .where(GradeDelivery.id == delivery_id)
        .options(contains_eager(GradeDelivery.account))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    row, enrolment, grade = found
    rules = roles.read_rules(session, row.account.organization_id)
    score = _Score(
        delivery_id=row.id,
        subject=row.account.subject,
        given=grade.given,
        maximum=grade.maximum,
        comment=grade.comment,
        last_at=row.score_at,
        is_there=row.delivered_at is not None
        and (row.given, row.maximum, row.comment) == (grade.given, grade.maximum, grade.comment),
    )
    is_wanted = is_graded(enrolment, rules)
    session.rollback()
    return score if is_wanted else None


def _note_delivered(column: Column, score: _Score, *, score_at: datetime, at: datetime) -> None:
    """Note what the platform has; if something else is wanted by now, that waits."""
    with transaction() as session:
        _update(
            session, score.delivery_id, state=DeliveryState.DELIVERED, due_at=None, attempts=0,
            error=None, given=score.given, maximum=score.maximum, comment=score.comment,
            score_at=score_at, delivered_at=at,
        )  # fmt: skip
        wanted = session.execute(
            select(Grade.given, Grade.maximum, Grade.comment)
            .join(Account, Account.member_id == Grade.member_id)
            .join(GradeDelivery, GradeDelivery.account_id == Account.id)
            .where(GradeDelivery.id == score.delivery_id, Grade.space_id == column.space_id)
        ).one()
        if tuple(wanted) != (score.given, score.maximum, score.comment):
            _update(session, score.delivery_id, state=DeliveryState.WAITING, due_at=at)


def _note_conflict(delivery_id: int, *, score_at: datetime, at: datetime) -> None:
    """Try again with a newer instant; a score from the future blocks all others until then."""
    with transaction() as session:
        attempts = session.get_one(GradeDelivery, delivery_id).attempts + 1
        is_over = attempts >= MAX_CONFLICTS
        wait = timedelta(seconds=outbox.delay_seconds(attempts))
        _update(
            session, delivery_id, attempts=attempts, score_at=score_at, error=NEWER,
            state=DeliveryState.GIVEN_UP if is_over else DeliveryState.WAITING,
            due_at=None if is_over else at + wait,
        )  # fmt: skip


def _postpone(delivery_id: int, *, until: datetime) -> None:
    with transaction() as session:
        _update(session, delivery_id, due_at=until)


def _note(delivery_id: int, *, state: DeliveryState, error: str | None) -> None:
    with transaction() as session:
        _update(session, delivery_id, state=state, due_at=None, error=error)


def _update(session: Session, delivery_id: int, **values: object) -> None:
    session.execute(update(GradeDelivery).where(GradeDelivery.id == delivery_id).values(**values))
