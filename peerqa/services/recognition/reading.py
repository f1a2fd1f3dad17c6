"""A ledger as its owner reads it: line by line, each with what it is worth, and nobody named.

Who voted is told nowhere else, so it is not told here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from peerqa.models import Answer, LedgerEntry, Member, Question
from peerqa.paging import PAGE_SIZE, Cursor, Page, cut
from peerqa.permissions import visible_to
from peerqa.services.recognition.facts import POST
from peerqa.services.recognition.ledger import count_people, is_live, list_live
from peerqa.services.recognition.worth import NOMINAL, Line, Reason, weigh


@dataclass(frozen=True)
class Shown:
    """A line as it is read."""

    id: int
    at: datetime
    reason: str
    points: int  # of a counter-entry negative
    is_counter: bool
    is_taken_back: bool  # by a later line, so that the two are worth nothing together
    is_clamped: bool  # worth less than it says, by the rules
    why: str
    post_id: int
    question: Question | None  # where the reader may see it, and the post is there


@dataclass(frozen=True)
class Ledger:
    """A page of a member's ledger, and the figures above it."""

    people: int
    points: int
    listed: Page[Shown]


def read_ledger(session: Session, member: Member, *, after: Cursor | None = None) -> Ledger:
    """Return the member's own ledger, the latest first."""
    worth = weigh(list_live(session, member.id))
    thread = aliased(Question, flat=True)
    answered = select(Answer.question_id).where(Answer.id == LedgerEntry.post_id).scalar_subquery()
    query = (
        select(LedgerEntry, thread, is_live())
        .outerjoin(POST, (POST.c.id == LedgerEntry.post_id) & POST.c.deleted_at.is_(None))
        .outerjoin(
            thread,
            (thread.id == func.coalesce(answered, POST.c.id))
            & POST.c.id.is_not(None)
            & visible_to(member, thread=thread, with_guides=True),
        )
        .where(LedgerEntry.member_id == member.id)
        .order_by(LedgerEntry.at.desc(), LedgerEntry.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        query = query.where(
            or_(
                LedgerEntry.at < after.at,
                (LedgerEntry.at == after.at) & (LedgerEntry.id < after.id),
            )
        )
    rows = [
        _shown(entry, question, worth, is_standing=bool(is_standing))
        for entry, question, is_standing in session.execute(query)
    ]
    return Ledger(
        people=count_people(session, [member.id]).get(member.id, 0),
        points=sum(worth.values()),
        listed=cut(rows, cursor_of=lambda row: Cursor(row.at, row.id)),
    )


def _shown(
    entry: LedgerEntry, question: Question | None, worth: dict[Line, int], *, is_standing: bool
) -> Shown:
    nominal = NOMINAL[Reason(entry.reason)]
    points = -nominal if entry.is_counter else nominal
    if is_standing:
        points = worth[Line(entry.at, entry.reason, entry.post_id, entry.giver)]
    return Shown(
        id=entry.id,
        at=entry.at,
        reason=entry.reason,
        points=points,
        is_counter=entry.is_counter,
        is_taken_back=not entry.is_counter and not is_standing,
        is_clamped=is_standing and points < nominal,
        why=entry.why,
        post_id=entry.post_id,
        question=question,
    )
