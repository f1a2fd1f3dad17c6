"""The outbox: ask() inside the transaction, drain() after it. Rows are the queue; no broker.

A row is claimed by one conditional UPDATE (PostgreSQL: SKIP LOCKED), for a lease; a worker that is
killed loses the lease and another one repeats the work, so every handler is harmless twice. What
fails waits with a growing delay and jitter; what fails too often is kept as dead, with its error.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from peerqa.database import db, dialect_name, storable, transaction
from peerqa.errors import N_, NotFound
from peerqa.models import OutboxRow

Handler = Callable[[Sequence[str]], None]  # takes the keys of a batch; opens its own transactions

MAX_ATTEMPTS = 8  # with the delays below: given up after about two hours
FIRST_DELAY_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 3600.0
LEASE = timedelta(minutes=5)
BATCH = 64  # rows claimed at once

log = structlog.get_logger()


@dataclass(frozen=True)
class Claim:
    """A row that is ours until its lease ends."""

    id: int
    key: str
    attempts: int


class Away(Exception):
    """What a handler needs is away, so nothing was tried: its rows wait and lose no attempt."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"away; tried again in about {wait_seconds:.0f} s")
        self.wait_seconds = wait_seconds


def ask(
    session: Session, topic: str, key: str, *, at: datetime, due_at: datetime | None = None
) -> None:
    """Ask for something to be done after this transaction; harmless to ask twice.

    Args:
        due_at: not before this instant; else at once.
    """
    session.add(OutboxRow(topic=topic, key=key, created_at=at, due_at=due_at or at))


def ask_many(
    session: Session,
    topic: str,
    keys: Sequence[str],
    *,
    at: datetime,
    due_at: datetime | None = None,
) -> None:
    """Ask for the same about many things, in one statement."""
    due_at = due_at or at
    rows = [{"topic": topic, "key": key, "created_at": at, "due_at": due_at} for key in keys]
    if rows:
        session.execute(OutboxRow.__table__.insert(), rows)  # type: ignore[attr-defined]  # a Table


def drain(
    handlers: Mapping[str, Handler], *, now: Callable[[], datetime], most: int = BATCH
) -> int:
    """Do what is due, a batch of each topic, so that no topic starves another.

    Args:
        most: rows of a topic in one batch.

    Returns:
        How many rows were tried.

    Raises:
        Away: a handler said so; its rows were put back.
    """
    tried = 0
    for topic, handle in handlers.items():
        claims = _claim(topic, at=now(), most=most)
        tried += len(claims)
        if claims:
            _work(topic, handle, claims, now=now)
    return tried


def _work(
    topic: str, handle: Handler, claims: Sequence[Claim], *, now: Callable[[], datetime]
) -> None:
    try:
        handle(list(dict.fromkeys(claim.key for claim in claims)))
    except Away as away:
        _put_back(claims, away, at=now())
        raise
    except Exception as error:  # noqa: BLE001 - the worker loop: any failure becomes a retry
        if len(claims) > 1:  # one bad row must not hold back its batch
            for claim in claims:
                _work(topic, handle, [claim], now=now)
            return
        _fail(topic, claims[0], error, at=now())
    else:
        with transaction() as session:
            session.execute(delete(OutboxRow).where(OutboxRow.id.in_([c.id for c in claims])))


def _put_back(claims: Sequence[Claim], away: Away, *, at: datetime) -> None:
    """Let the rows wait as if they had not been claimed, with jitter."""
    wait = timedelta(seconds=away.wait_seconds * random.uniform(0.5, 1.5))  # noqa: S311
    with transaction() as session:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_([claim.id for claim in claims]))
            .values(
                claimed_until=None,
                due_at=at + wait,
                attempts=OutboxRow.attempts - 1,
                error=str(away),
            )
        )


def _claim(topic: str, *, at: datetime, most: int) -> list[Claim]:
    due = (
        select(OutboxRow.id)
        .where(
            OutboxRow.topic == topic,
            OutboxRow.dead_at.is_(None),
            OutboxRow.due_at <= at,
            or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until <= at),
        )
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(most)
    )
    if not _anything(due):
        return []
    with transaction() as session:
        if dialect_name(session) == "postgresql":
            due = due.with_for_update(skip_locked=True)
        rows = session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(due.scalar_subquery()))
            .values(claimed_until=at + LEASE, attempts=OutboxRow.attempts + 1)
            .returning(OutboxRow.id, OutboxRow.key, OutboxRow.attempts),
            execution_options={"synchronize_session": False},
        ).all()
    return sorted((Claim(*row) for row in rows), key=lambda claim: claim.id)


def _anything(due: Select[int]) -> bool:
    """Look without writing, so that an idle worker takes no write lock."""
    session = db.session()
    found = session.execute(due.limit(1)).first() is not None
    session.rollback()
    return found


def _fail(topic: str, claim: Claim, error: Exception, *, at: datetime) -> None:
    is_dead = claim.attempts >= MAX_ATTEMPTS
    log.warning(
        "outbox.failed", topic=topic, row=claim.id, attempts=claim.attempts, dead=is_dead,
        error=type(error).__name__,
    )  # fmt: skip
    with transaction() as session:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == claim.id)
            .values(
                claimed_until=None,
                due_at=at + timedelta(seconds=delay_seconds(claim.attempts)),
                error=storable(f"{type(error).__name__}: {error}")[:500],
                dead_at=at if is_dead else None,
            )
        )


def delay_seconds(attempts: int) -> float:
    """Return the pause after this many attempts: doubling, with jitter of a half either way."""
    pause: float = min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), LONGEST_DELAY_SECONDS)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, not a secret


def list_dead(session: Session, *, limit: int = 100) -> Sequence[OutboxRow]:
    """Return what was given up, newest first."""
    return session.scalars(
        select(OutboxRow)
        .where(OutboxRow.dead_at.is_not(None))
        .order_by(OutboxRow.dead_at.desc())
        .limit(limit)
    ).all()


def count_waiting(session: Session) -> dict[str, int]:
    """Return how many rows wait, by topic."""
    rows = session.execute(
        select(OutboxRow.topic, func.count())
        .where(OutboxRow.dead_at.is_(None))
        .group_by(OutboxRow.topic)
    )
    return {topic: count for topic, count in rows}


def revive(session: Session, row_id: int, *, at: datetime) -> None:
    """Try a dead row again, from its first attempt.

    Raises:
        NotFound: it is not there, or not dead.
    """
    changed = session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.dead_at.is_not(None))
        .values(dead_at=None, due_at=at, attempts=0, claimed_until=None)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise NotFound(N_("There is no such row."), row=row_id)
