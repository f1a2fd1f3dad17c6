"""Verified: a steward, or who keeps a topic, vouches that an answer is right until a day."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Answer, Member, Standing
from peerqa.permissions import may
from peerqa.services import audit, notifications
from peerqa.services.answering.doubts import settle_by_edit
from peerqa.services.answering.stand_in import hold_thread
from peerqa.services.recognition import ledger
from peerqa.services.upkeep.reviews import TOPIC, ask_for_review, end_review
from peerqa.services.upkeep.standings import find_standing, make_standing

NOT_YOURS = N_("Only stewards, and who keeps one of its topics, can verify an answer.")


def first_day(at: datetime) -> date:
    """Return the first day until which an answer can be verified: tomorrow, in UTC."""
    return at.astimezone(UTC).date() + timedelta(days=1)


def last_day(at: datetime, *, most: int) -> date:
    """Return the last day until which an answer can be verified.

    Args:
        most: days from today, as the settings say.
    """
    return at.astimezone(UTC).date() + timedelta(days=most)


def usual_day(at: datetime, *, days: int, most: int) -> date:
    """Return the day that is taken where none is chosen."""
    return min(at.astimezone(UTC).date() + timedelta(days=days), last_day(at, most=most))


def read_until(typed: str, *, at: datetime, days: int, most: int) -> datetime:
    """Return until when an answer is verified: the beginning of the day that was typed, in UTC.

    Args:
        typed: YYYY-MM-DD; nothing takes the usual day.
        days, most: as in usual_day().

    Raises:
        Invalid: it is no day, or none between tomorrow and the last one.
    """
    first, last = first_day(at), last_day(at, most=most)
    try:
        day = date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError:
        raise _no_day(first, last) from None
    day = usual_day(at, days=days, most=most) if day is None else day
    if not first <= day <= last:
        raise _no_day(first, last)
    return datetime.combine(day, time(), UTC)


def _no_day(first: date, last: date) -> Invalid:
    return Invalid(
        N_("Choose a day from %(first)s to %(last)s, written like 2026-01-31."),
        field="until",
        first=first.isoformat(),
        last=last.isoformat(),
    )


def verify_answer(
    session: Session, *, answer: Answer, by: Member, until: datetime, at: datetime
) -> None:
    """Vouch that an answer is right until a day; its author hears of it. Twice sets the later one.

    What was said to be no longer right about it is settled by that.

    Raises:
        NotAllowed: the person keeps neither its space nor one of its topics.
        NotFound: it was taken back at this moment.
        Conflict: it is retired, or its question is.
    """
    if not may(by, "verify", answer):
        raise NotAllowed(NOT_YOURS, answer=answer.id)
    question = hold_thread(session, answer)
    if answer.deleted_at is not None:
        raise NotFound(N_("There is no such answer."), answer=answer.id)
    standing = make_standing(session, answer)
    if standing.retired_at is not None:
        raise Conflict(N_("This answer is retired. Bring it back first."), answer=answer.id)
    thread = find_standing(session, question)
    if thread is not None and thread.retired_at is not None:
        raise Conflict(N_("Its question is retired. Bring that back first."), answer=answer.id)
    is_news = standing.verified_until is None
    standing.verified_by_id, standing.verified_at, standing.verified_until = by.id, at, until
    session.flush()
    ledger.settle(session, [answer.id], why=ledger.Why.WITHDRAWN, at=at)
    session.expire(answer, ["standing"])
    settle_by_edit(session, answer, by=by, at=at)
    end_review(session, answer.id)
    audit.record(session, "post.verified", by=by, thing=answer, at=at, until=until.isoformat())
    if is_news:
        notifications.notify_author(session, answer, reason="verified", by=by, at=at)


def withdraw_verification(session: Session, *, answer: Answer, by: Member, at: datetime) -> None:
    """Vouch no more; that somebody did is forgotten. Harmless twice.

    Raises:
        NotAllowed: the person keeps neither its space nor one of its topics.
    """
    if not may(by, "verify", answer):
        raise NotAllowed(NOT_YOURS, answer=answer.id)
    hold_thread(session, answer)
    standing = find_standing(session, answer)
    if standing is not None and standing.verified_at is not None:
        standing.verified_by_id = standing.verified_at = standing.verified_until = None
        ledger.settle(session, [answer.id], why=ledger.Why.WITHDRAWN, at=at)
        audit.record(session, "post.unverified", by=by, thing=answer, at=at)
        ask_for_review(session, answer.id, at=at)
        session.expire(answer, ["standing"])


def end_verifications(session: Session, *, at: datetime) -> int:
    """End those whose day has come, and have them looked at; returns how many."""
    ended = session.scalars(
        update(Standing)
        .where(Standing.verified_until <= at)
        .values(verified_until=None)
        .returning(Standing.post_id)
        .execution_options(synchronize_session=False)
    ).all()
    outbox.ask_many(session, TOPIC, [str(post_id) for post_id in ended], at=at)
    return len(ended)
