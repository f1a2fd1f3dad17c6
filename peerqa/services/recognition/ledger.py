"""The ledger of help: settled, summed, read, and checked against what it was made from.

Whoever changes what somebody is to be thanked for calls settle() in the same transaction. It
compares the facts (facts.py) with the lines that stand, adds what is missing, and takes back by a
counter-entry what holds no more. So one function serves votes, acceptances, merges, deletions and
their undoing alike, a second call finds nothing to do, and the check of the whole ledger is the
same comparison.

Lines have no points: worth.py weighs those that stand when somebody reads them, some thousands of a
busy member in milliseconds. Stored points would be wrong as soon as an earlier line is taken back.
What stands beside names on every page, *people helped*, is kept in one row a member.

On PostgreSQL the posts are locked before they are compared, and a member's count before it is made
anew; so of sixteen who vote at once, each is counted.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, distinct, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from peerqa.database import Values, dialect_name, insert_missing, insert_once
from peerqa.models import HelpCount, LedgerEntry, Member
from peerqa.services.asking.masks import to_the_hour
from peerqa.services.recognition.facts import POST, Fact, Key, is_known, of_posts
from peerqa.services.recognition.worth import HELPS_SOMEBODY, Line, weigh

CHUNK = 200  # posts in one statement


class Why(StrEnum):
    """Why a line was taken back."""

    WITHDRAWN = "withdrawn"  # by whoever gave it
    REMOVED = "removed"  # the post is out of sight, or is no answer any more
    MERGED = "merged"  # questions: another one's asker, or another answer
    JOINED = "joined"  # accounts of one person
    FOUND = "found"  # by the check of the whole ledger
    UNFAIR = "unfair"  # stays taken back, whatever is voted since, until reinstate()


@dataclass
class Known:
    """What the ledger says under one key."""

    organization_id: int
    turn: int
    at: datetime  # of the last entry
    is_live: bool
    why: str = ""  # of the last counter-entry


def settle(session: Session, post_ids: Iterable[int], *, why: Why, at: datetime) -> int:
    """Let the ledger say of these posts what the tables say now; harmless twice.

    Args:
        why: of what is taken back. FOUND also dates what nobody wrote down by its post.
        at: of what nobody wrote down: that an answer was accepted, or something taken back.

    Returns:
        How many lines were added.
    """
    session.flush()
    members: set[int] = set()
    added = 0
    ids = sorted(set(post_ids))
    for some in (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)):
        _lock(session, some)
        lines = list(_missing(session, some, why=why, at=at))
        added += _add(session, lines)
        members.update(line.key.member_id for line in lines)
    recount(session, members)
    return added


def reverse(session: Session, keys: Collection[Key], *, at: datetime) -> int:
    """Take lines back as not fair; they stay so until reinstate(). Harmless twice."""
    return _turn(session, keys, is_wanted=False, at=at)


def reinstate(session: Session, keys: Collection[Key], *, at: datetime) -> int:
    """Give lines back that were taken back as not fair, as far as what they say still holds."""
    return _turn(session, keys, is_wanted=True, at=at)


def read_known(session: Session, chosen: ColumnElement[bool]) -> dict[Key, Known]:
    """Return what the ledger says in the lines that are chosen, by what they are about."""
    found: dict[Key, Known] = {}
    rows = session.execute(
        select(*_COLUMNS).where(chosen).order_by(LedgerEntry.turn, LedgerEntry.is_counter)
    )
    for organization_id, member_id, reason, post_id, giver, turn, is_counter, at, why in rows:
        key = Key(member_id, reason, post_id, giver)
        if is_counter:
            found[key].is_live, found[key].why = False, why
        else:
            found[key] = Known(organization_id, turn, at, is_live=True)
    return found


_COLUMNS = (
    LedgerEntry.organization_id,
    LedgerEntry.member_id,
    LedgerEntry.reason,
    LedgerEntry.post_id,
    LedgerEntry.giver,
    LedgerEntry.turn,
    LedgerEntry.is_counter,
    LedgerEntry.at,
    LedgerEntry.why,
)


def is_live(entry: type[LedgerEntry] = LedgerEntry) -> ColumnElement[bool]:
    """Hold for an entry that was not taken back: what figures are made of."""
    counter = aliased(LedgerEntry)
    taken_back = exists().where(
        counter.member_id == entry.member_id,
        counter.reason == entry.reason,
        counter.post_id == entry.post_id,
        counter.giver == entry.giver,
        counter.turn == entry.turn,
        counter.is_counter.is_(True),
    )
    return and_(entry.is_counter.is_(False), ~taken_back)


def recount(session: Session, member_ids: Iterable[int]) -> None:
    """Make anew how many people these members have helped; of two at once one waits."""
    for member_id in sorted(set(member_ids)):
        insert_once(session, HelpCount, member_id=member_id, people=0)
        session.execute(
            select(HelpCount.member_id).where(HelpCount.member_id == member_id).with_for_update()
        )
        people = session.scalar(
            select(func.count(distinct(LedgerEntry.giver))).where(
                LedgerEntry.member_id == member_id,
                LedgerEntry.reason.in_(HELPS_SOMEBODY),
                is_live(),
            )
        )
        session.execute(
            update(HelpCount).where(HelpCount.member_id == member_id).values(people=people),
            execution_options={"synchronize_session": False},
        )


def count_people(session: Session, member_ids: Collection[int]) -> dict[int, int]:
    """Return how many different people each of these members has helped; nobody with zero."""
    rows = session.execute(
        select(HelpCount.member_id, HelpCount.people).where(
            HelpCount.member_id.in_(member_ids), HelpCount.people > 0
        )
    )
    return {member_id: people for member_id, people in rows}


def sum_points(session: Session, member_id: int) -> int:
    """Return what a member's help was worth in all."""
    return sum(weigh(list_live(session, member_id)).values())


def list_live(session: Session, member_id: int) -> list[Line]:
    """Return the lines of a member that stand, for weigh()."""
    rows = session.execute(
        select(LedgerEntry.at, LedgerEntry.reason, LedgerEntry.post_id, LedgerEntry.giver).where(
            LedgerEntry.member_id == member_id, is_live()
        )
    )
    return [Line(*row) for row in rows]


def join_members(session: Session, *, kept: Member, emptied: Member, at: datetime) -> None:
    """Let two members be one: who was helped by, or helped, the one has so with the other.

    Whoever helped both has helped one. What was between the two is for nothing, and is taken back.
    Their posts, votes and lines are the kept member's already.
    """
    own, other = f"member:{kept.id}", f"member:{emptied.id}"
    twin = aliased(LedgerEntry)
    session.execute(
        update(LedgerEntry)
        .where(
            LedgerEntry.giver == other,
            ~exists().where(
                twin.member_id == LedgerEntry.member_id,
                twin.reason == LedgerEntry.reason,
                twin.post_id == LedgerEntry.post_id,
                twin.giver == own,
            ),
        )
        .values(giver=own),
        execution_options={"synchronize_session": False},
    )
    own_by_own = and_(LedgerEntry.giver == own, LedgerEntry.member_id == kept.id)
    touched = select(LedgerEntry.post_id).where(or_(LedgerEntry.giver == other, own_by_own))
    settle(session, session.scalars(touched).all(), why=Why.JOINED, at=at)
    helpers = select(LedgerEntry.member_id).distinct().where(LedgerEntry.giver.in_((own, other)))
    session.execute(delete(HelpCount).where(HelpCount.member_id == emptied.id))
    recount(session, {kept.id, *session.scalars(helpers)})


def _lock(session: Session, ids: Sequence[int]) -> None:
    if dialect_name(session) != "sqlite":
        session.execute(
            select(POST.c.id)
            .where(POST.c.id.in_(ids))
            .order_by(POST.c.id)
            .with_for_update(key_share=True)
        )


@dataclass(frozen=True)
class _New:
    key: Key
    organization_id: int
    turn: int
    at: datetime
    is_counter: bool = False
    why: str = ""


def _missing(session: Session, ids: Sequence[int], *, why: Why, at: datetime) -> Iterator[_New]:
    """Yield the lines to add for the difference between the facts and what stands."""
    facts, known = of_posts(session, ids), read_known(session, LedgerEntry.post_id.in_(ids))
    for key, fact in facts.items():
        before = known.get(key)
        if is_missing(fact, before):
            turn = before.turn + 1 if before else 1
            yield _New(key, fact.organization_id, turn, _instant(fact, before, why=why, at=at))
    for key, before in known.items():
        if before.is_live and key not in facts:
            yield _counter(key, before, why=why, at=at)


def is_missing(fact: Fact, known: Known | None) -> bool:
    """Whether a line has to be made for it."""
    return fact.is_due and (known is None or not (known.is_live or known.why == Why.UNFAIR))


def _instant(fact: Fact, before: Known | None, *, why: Why, at: datetime) -> datetime:
    if fact.at is not None:
        return fact.at
    if before is not None:
        return before.at  # accepted again: the day of the first time
    at = fact.posted_at if why is Why.FOUND else at
    return at if is_known(fact.key.giver) else to_the_hour(at)


def _counter(key: Key, before: Known, *, why: Why, at: datetime) -> _New:
    at = at if is_known(key.giver) else to_the_hour(at)
    return _New(key, before.organization_id, before.turn, at, is_counter=True, why=why.value)


def _turn(session: Session, keys: Collection[Key], *, is_wanted: bool, at: datetime) -> int:
    ids = sorted({key.post_id for key in keys})
    lines: list[_New] = []
    for some in (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)):
        _lock(session, some)
        facts, known = of_posts(session, some), read_known(session, LedgerEntry.post_id.in_(some))
        for key in sorted(keys):
            before = known.get(key)
            if before is None or key.post_id not in some:
                continue
            if before.is_live and not is_wanted:
                lines.append(_counter(key, before, why=Why.UNFAIR, at=at))
            elif is_wanted and not before.is_live and before.why == Why.UNFAIR and key in facts:
                lines.append(_New(key, before.organization_id, before.turn + 1, before.at))
    added = _add(session, lines)
    recount(session, {line.key.member_id for line in lines})
    return added


def _add(session: Session, lines: Sequence[_New]) -> int:
    rows: list[Values] = [
        {
            **line.key._asdict(),
            "organization_id": line.organization_id,
            "turn": line.turn,
            "at": line.at,
            "is_counter": line.is_counter,
            "why": line.why,
        }
        for line in sorted(lines, key=lambda line: (line.at, line.key))
    ]
    some = (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
    return sum(len(insert_missing(session, LedgerEntry, each)) for each in some)
