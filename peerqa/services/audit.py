"""record(): the one way into the audit trail, in the same transaction as the act.

Each row's hash covers the row before it, per organization, so that a row that was changed, removed
or put between is found (services/moderating/audit_trail.py). The place in the chain is given when
the transaction is about to end: two that act at once then wait for each other with no more locks to
take, and neither waits while the other works.

Details are ids, words of the program and numbers: never a secret, no text of a post, and nothing of
who asked anonymously. A name or a free text is a person's: a reason goes to `why`, which can be
erased, and names are looked up by id when the trail is read.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peerqa.database import Base, at_last, dialect_name, storable
from peerqa.models import Member, Organization, Post
from peerqa.models.moderating.audit import AuditEntry
from peerqa.services.moderating.audit_acts import ACTS, Source

BEGINNING = "0" * 64  # what stands before the first row
MAX_DETAIL = 200
_CHAIN_LOCK = 0x41756474  # the name of a lock: any number that nobody else uses in this database

Detail = str | int | float | bool | None


def record(
    session: Session,
    act: str,
    *,
    by: Member | Source,
    thing: Base | None = None,
    organization: Organization | int | None = None,
    why: str = "",
    at: datetime,
    **details: Detail,
) -> AuditEntry:
    """Write down that something was done; it stays if and only if the transaction does.

    Args:
        act: one of ACTS.
        by: the member who did it, or from where it came when none did.
        thing: what it was done to; a row with an id.
        organization: whose trail; needed where no member acts.
        why: what a person wrote as the reason.
        details: values of the program's own; texts are cut at 200 characters.
    """
    assert act in ACTS, f"{act} is no act of the audit trail: add it to ACTS"
    session.flush()  # the thing has its id then
    if organization is None:
        assert isinstance(by, Member), "only a member says whose trail it is"
        organization = by.organization_id
    salt = secrets.token_hex(16) if why else None
    why = storable(why)
    entry = AuditEntry(
        organization_id=organization if isinstance(organization, int) else organization.id,
        at=at,
        source=Source.MEMBER.value if isinstance(by, Member) else by.value,
        actor_id=by.id if isinstance(by, Member) else None,
        act=act,
        thing_kind=_kind_of(thing),
        thing_id=None if thing is None else thing.id,  # type: ignore[attr-defined]  # whoever calls names a row with an id
        details=_write(details),
        why=why or None,
        salt=salt,
        why_digest=digest_why(why, salt) if salt else None,
    )
    session.add(entry)
    session.flush()
    at_last(session, seal)
    return entry


def seal(session: Session) -> None:
    """Give this transaction's rows their places in the chains; called before it commits."""
    unsealed = session.scalars(
        select(AuditEntry).where(AuditEntry.hash.is_(None)).order_by(AuditEntry.id)
    ).all()
    for organization_id in sorted({entry.organization_id for entry in unsealed}):
        own = [entry for entry in unsealed if entry.organization_id == organization_id]
        _append(session, organization_id, own)
    session.flush()


def _append(session: Session, organization_id: int, entries: Iterable[AuditEntry]) -> None:
    if dialect_name(session) == "postgresql":  # SQLite's writers have queued already
        session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK, organization_id)))
    last = session.execute(
        select(AuditEntry.number, AuditEntry.hash)
        .where(AuditEntry.organization_id == organization_id, AuditEntry.number.is_not(None))
        .order_by(AuditEntry.number.desc())
        .limit(1)
    ).one_or_none()
    number, previous = (0, BEGINNING) if last is None else (last.number, last.hash)
    for entry in entries:
        number += 1
        entry.number, entry.previous = number, previous
        entry.hash = previous = digest(entry)


def digest(entry: AuditEntry) -> str:
    """Return the hash that a row must have: the same on every database."""
    parts = [
        entry.organization_id, entry.number, entry.at.astimezone(UTC).isoformat(), entry.source,
        entry.actor_id, entry.act, entry.thing_kind, entry.thing_id, entry.details,
        entry.why_digest, entry.previous,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def digest_why(why: str, salt: str) -> str:
    """Return what stands for a reason in the chain; without the salt nobody can guess it."""
    return hashlib.sha256(f"{salt}:{why}".encode()).hexdigest()


def _kind_of(thing: Base | None) -> str | None:
    if isinstance(thing, Post):
        return thing.kind
    return None if thing is None else thing.__tablename__


def _write(details: dict[str, Detail]) -> str:
    tidy = {
        name: value[:MAX_DETAIL] if isinstance(value, str) else value
        for name, value in details.items()
        if value is not None
    }
    return json.dumps(tidy, sort_keys=True)
