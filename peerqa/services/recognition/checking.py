"""Checking the ledger against the facts, and settling what differs: all of an organization's.

Facts that are older than the ledger, and those that are written in bulk, come into it this way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, distinct, func, select
from sqlalchemy.orm import Session

from peerqa.models import HelpCount, LedgerEntry, Member, Organization
from peerqa.services.recognition.facts import Key, of_organization
from peerqa.services.recognition.ledger import (
    Why,
    is_live,
    is_missing,
    read_known,
    recount,
    settle,
)
from peerqa.services.recognition.worth import HELPS_SOMEBODY

POSTS_AT_ONCE = 200  # settled in one transaction: some tenths of a second


@dataclass(frozen=True)
class Differences:
    """Where the ledger is not what the facts say."""

    missing: Sequence[Key]  # lines that should be there
    surplus: Sequence[Key]  # lines that should have been taken back
    miscounted: Sequence[int]  # members whose people helped are another number
    lines: int  # that stand, in all

    @property
    def post_ids(self) -> list[int]:
        """Return the posts to settle."""
        return sorted({key.post_id for key in (*self.missing, *self.surplus)})

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus or self.miscounted)


def compare(session: Session, organization: Organization) -> Differences:
    """Recompute an organization's ledger from the facts, and return what differs."""
    facts = of_organization(session, organization.id)
    known = read_known(session, LedgerEntry.organization_id == organization.id)
    return Differences(
        missing=sorted(key for key, fact in facts.items() if is_missing(fact, known.get(key))),
        surplus=sorted(key for key, each in known.items() if each.is_live and key not in facts),
        miscounted=_find_miscounted(session, organization),
        lines=sum(each.is_live for each in known.values()),
    )


def settle_some(
    session: Session, post_ids: Sequence[int], member_ids: Sequence[int], *, at: datetime
) -> int:
    """Settle what compare() found, and count these members anew; returns the lines added."""
    added = settle(session, post_ids, why=Why.FOUND, at=at)
    recount(session, member_ids)
    return added


def in_parts(post_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield as many posts as one transaction settles."""
    for start in range(0, len(post_ids), POSTS_AT_ONCE):
        yield post_ids[start : start + POSTS_AT_ONCE]


def settle_all(session: Session, organization: Organization, *, at: datetime) -> int:
    """Settle all that differs, in this transaction; returns the lines added."""
    found = compare(session, organization)
    return settle_some(session, found.post_ids, found.miscounted, at=at)


def _find_miscounted(session: Session, organization: Organization) -> list[int]:
    people = _read(
        session,
        select(LedgerEntry.member_id, func.count(distinct(LedgerEntry.giver)))
        .where(
            LedgerEntry.organization_id == organization.id,
            LedgerEntry.reason.in_(HELPS_SOMEBODY),
            is_live(),
        )
        .group_by(LedgerEntry.member_id),
    )
    counted = _read(
        session,
        select(HelpCount.member_id, HelpCount.people)
        .join(Member, Member.id == HelpCount.member_id)
        .where(Member.organization_id == organization.id),
    )
    everybody = people.keys() | counted.keys()
    return sorted(each for each in everybody if people.get(each, 0) != counted.get(each, 0))


def _read(session: Session, figures: Select[int, int]) -> dict[int, int]:
    return {member_id: figure for member_id, figure in session.execute(figures)}
