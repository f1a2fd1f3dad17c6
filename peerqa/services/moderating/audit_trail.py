"""Reading the audit trail: page by page, and from end to end to see that nobody changed it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from peerqa.errors import N_, Invalid
from peerqa.models import Member, Organization
from peerqa.models.moderating.audit import AuditEntry
from peerqa.services.audit import BEGINNING, digest, digest_why
from peerqa.services.moderating.audit_acts import ACTS, SUBJECTS
from peerqa.services.moderating.audit_reach import SPACE, withheld_from

PAGE_SIZE = 50
_AT_ONCE = 500


@dataclass(frozen=True)
class Filter:
    """Which rows are wanted; what is None is not asked for."""

    subject: str | None = None  # one of SUBJECTS
    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """A row with the names of its people as they are now."""

    row: AuditEntry
    actor: str | None  # None: gone since, or no member
    thing: str | None  # the name, where the thing is a member
    details: Mapping[str, str | int | float | bool]
    is_withheld: bool = False  # what it is about is not for who reads it

    @property
    def said(self) -> str:
        """What the act is called, untranslated."""
        return ACTS.get(self.row.act, self.row.act)


@dataclass(frozen=True)
class Broken:
    """The first row that is not as it was written."""

    id: int
    number: int | None
    reason: str  # changed, missing, not sealed, another reason


@dataclass(frozen=True)
class Verdict:
    """What looking through one organization's chain has shown.

    Attributes:
        head: the hash of the last row that is well; note it elsewhere, and ask for it later.
        erased: rows whose reasons were erased.
    """

    organization: Organization
    count: int
    erased: int
    head: str
    broken: Broken | None


def list_entries(
    session: Session,
    organization: Organization,
    *,
    only: Filter,
    before: int | None = None,
    limit: int = PAGE_SIZE,
    reader: Member | None = None,
) -> tuple[Sequence[Entry], int | None]:
    """Return a page of the trail, newest first, and the number that the next page is before.

    Args:
        reader: from whom is withheld what they may not see; nothing is where nobody is named.

    Raises:
        Invalid: there is no such subject.
    """
    query = (
        select(AuditEntry)
        .where(AuditEntry.organization_id == organization.id, *_conditions(only))
        .order_by(AuditEntry.number.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(AuditEntry.number < before)
    rows = session.scalars(query).all()
    shown = rows[:limit]
    names = _names(session, organization, shown)
    entries = [
        Entry(
            row,
            names.get(row.actor_id) if row.actor_id else None,
            names.get(row.thing_id) if row.thing_kind == "member" and row.thing_id else None,
            json.loads(row.details),
        )
        for row in shown
    ]
    if reader is not None:
        entries = _without_secrets(session, reader, entries)
    return entries, shown[-1].number if len(rows) > limit else None


def _without_secrets(session: Session, reader: Member, entries: Sequence[Entry]) -> list[Entry]:
    pairs = [(entry.row, entry.details.get(SPACE)) for entry in entries]
    withheld = withheld_from(session, reader, pairs)
    return [
        replace(entry, thing=None, details={}, is_withheld=True)
        if entry.row.id in withheld
        else entry
        for entry in entries
    ]


def _conditions(only: Filter) -> list[ColumnElement[bool]]:
    if only.subject is not None and only.subject not in SUBJECTS:
        raise Invalid(N_("There is no such kind of act. Choose one from the list."), field="about")
    wanted: list[ColumnElement[bool]] = [AuditEntry.number.is_not(None)]
    if only.subject is not None:
        acts = [act for act in ACTS if act.partition(".")[0] == only.subject]
        wanted.append(AuditEntry.act.in_(acts))
    if only.actor_id is not None:
        wanted.append(AuditEntry.actor_id == only.actor_id)
    if only.since is not None:
        wanted.append(AuditEntry.at >= only.since)
    if only.until is not None:
        wanted.append(AuditEntry.at < only.until)
    return wanted


def _names(
    session: Session, organization: Organization, rows: Sequence[AuditEntry]
) -> dict[int, str]:
    ids = {row.actor_id for row in rows if row.actor_id}
    ids |= {row.thing_id for row in rows if row.thing_id and row.thing_kind == "member"}
    found = session.execute(
        select(Member.id, Member.name).where(
            Member.id.in_(ids), Member.organization_id == organization.id
        )
    )
    return {member_id: name for member_id, name in found}


def verify(session: Session, organization: Organization, *, expected: str | None = None) -> Verdict:
    """Look through a chain from its beginning, and stop at the first row that is not as written.

    Args:
        expected: a head that was noted earlier; it must be in the chain still.
    """
    count = erased = 0
    head, after = BEGINNING, 0
    is_met = expected in {None, BEGINNING}
    broken = None
    while broken is None:
        rows = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.organization_id == organization.id, AuditEntry.number > after)
            .order_by(AuditEntry.number)
            .limit(_AT_ONCE)
            .execution_options(populate_existing=True)
        ).all()
        if not rows:
            break
        for row in rows:
            broken = _judge(row, count + 1, head)
            if broken is not None:
                break
            count, head, after = count + 1, str(row.hash), row.number or 0
            erased += row.why is None and row.why_digest is not None
            is_met = is_met or head == expected
            session.expunge(row)  # a trail may be long
    broken = broken or _find_unsealed(session, organization)
    if broken is None and not is_met:
        broken = Broken(0, count + 1, N_("the noted head is not in the trail: its end is gone"))
    return Verdict(organization, count, erased, head, broken)


def _judge(row: AuditEntry, number: int, previous: str) -> Broken | None:
    if row.number != number:
        return Broken(row.id, number, N_("rows before it are missing"))
    if row.previous != previous or row.hash != digest(row):
        return Broken(row.id, number, N_("it was changed"))
    is_whole = row.why is None or digest_why(row.why, row.salt or "") == row.why_digest
    return None if is_whole else Broken(row.id, number, N_("its reason was changed"))


def _find_unsealed(session: Session, organization: Organization) -> Broken | None:
    found = session.scalars(
        select(func.min(AuditEntry.id)).where(
            AuditEntry.organization_id == organization.id, AuditEntry.number.is_(None)
        )
    ).one()
    return None if found is None else Broken(found, None, N_("it has no place in the chain"))


def erase_reasons(session: Session, *, organization: Organization, member: Member) -> int:
    """Erase what was written as reasons about a member or by them; the chain holds without.

    Returns:
        How many there were.
    """
    mine = (AuditEntry.actor_id == member.id) | (
        (AuditEntry.thing_kind == "member") & (AuditEntry.thing_id == member.id)
    )
    erased = session.execute(
        update(AuditEntry)
        .where(AuditEntry.organization_id == organization.id, mine, AuditEntry.why.is_not(None))
        .values(why=None, salt=None),
        execution_options={"synchronize_session": False},
    )
    return int(erased.rowcount)  # type: ignore[attr-defined]  # a CursorResult
