"""Which answers are due to be looked at again, and how much is at risk if nobody does.

    risk = age x reads x doubts x author x newer

Each factor is a small whole number, so that everybody can follow why one stands before another,
and a product, since each makes the others worse: an old answer that nobody reads harms nobody.

age     1 below PEERQA_REVIEW_DAYS, then 2, 3 from twice as many, 4 from four times: what is old
        is wrong more often, but the second year adds less than the first. It counts from when
        somebody last vouched for the text or changed it.
reads   1, 2 from the first, 3 from five, 4 from twenty: who said that it helped, and who opened it
        from a look-up within the evidence that is kept. Views of the page alone are not counted.
doubts  1, 3, 5, 7: colleagues who say that it is no longer right; the strongest sign there is.
author  2 where the author has left or never came: nobody will mend it unasked. Not for what was
        asked without a name: whether that author is still here is nobody's business.
newer   2 where somebody else answered the same question after that. Whether the two contradict is
        for a person to see; that two stand there is what readers stumble over.

All of it is one statement, whatever the number of answers; the worker runs it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from peerqa.models import Answer, Doubt, LookUpHit, Member, Question, Space, Standing
from peerqa.services.upkeep.standings import is_retired

MOST_DUE = 500  # of an organization: who has more has enough to do with these

DOUBTED, LAPSED, LEFT, NEWER, OLD = "doubted", "lapsed", "left", "newer", "old"


@dataclass(frozen=True)
class Due:
    """An answer that is due."""

    answer_id: int
    question_id: int
    space_id: int
    visibility: str
    risk: int
    reasons: str


def list_due(
    session: Session,
    organization_id: int,
    *,
    days: int,
    at: datetime,
    among: Collection[int] | None = None,
) -> Sequence[Due]:
    """Return what is due in an organization, the riskiest first.

    Args:
        days: after which an answer grows old.
        among: only these answers.
    """
    found = _signs(organization_id, at=at, among=among)
    signs = found.c
    age = case(
        (signs.known_at <= at - timedelta(days=4 * days), 4),
        (signs.known_at <= at - timedelta(days=2 * days), 3),
        (signs.known_at <= at - timedelta(days=days), 2),
        else_=1,
    )
    reads = case((signs.reads >= 20, 4), (signs.reads >= 5, 3), (signs.reads >= 1, 2), else_=1)
    doubts = case((signs.doubts >= 3, 7), else_=1 + 2 * signs.doubts)
    risk = age * reads * doubts * case((signs.is_left, 2), else_=1)
    risk = (risk * case((signs.is_newer, 2), else_=1)).label("risk")
    is_used = or_(signs.reads > 0, signs.is_accepted)
    is_due = or_(
        signs.doubts > 0,
        and_(~signs.is_verified, signs.is_lapsed),
        and_(~signs.is_verified, is_used, or_(age >= 2, signs.is_left)),
        and_(~signs.is_verified, signs.is_accepted, signs.is_newer),
    )
    rows = session.execute(
        select(found, age.label("age"), risk)
        .where(is_due)
        .order_by(risk.desc(), signs.id)
        .limit(MOST_DUE)
    )
    return [
        Due(row.id, row.question_id, row.space_id, row.visibility, row.risk, _reasons(row))
        for row in rows
    ]


def _reasons(row: object) -> str:
    found = {
        DOUBTED: row.doubts > 0,  # type: ignore[attr-defined]  # a row
        LAPSED: row.is_lapsed,  # type: ignore[attr-defined]  # a row
        LEFT: row.is_left,  # type: ignore[attr-defined]  # a row
        NEWER: row.is_newer,  # type: ignore[attr-defined]  # a row
        OLD: row.age > 1,  # type: ignore[attr-defined]  # a row
    }
    return ",".join(code for code, holds in found.items() if holds)


def _signs(organization_id: int, *, at: datetime, among: Collection[int] | None) -> Subquery:
    """Select what is known of each answer that is in sight and not retired."""
    thread, author = aliased(Question, flat=True), aliased(Member)
    written_at = func.coalesce(Answer.edited_at, Answer.created_at)
    known_at = case((Standing.verified_at > written_at, Standing.verified_at), else_=written_at)
    is_verified = func.coalesce(Standing.verified_until > at, False)
    query = (
        select(
            Answer.id,
            Answer.question_id,
            thread.space_id,
            thread.visibility,
            known_at.label("known_at"),
            (thread.accepted_id == Answer.id).is_(True).label("is_accepted"),
            is_verified.label("is_verified"),
            and_(Standing.verified_at.is_not(None), ~is_verified).label("is_lapsed"),
            func.coalesce(
                and_(
                    Answer.is_masked.is_(False),
                    or_(author.inactive_at.is_not(None), author.is_placeholder),
                ),
                False,
            ).label("is_left"),
            _count_doubts().label("doubts"),
            (Answer.vote_count + Answer.solved_count + _count_opened()).label("reads"),
            _has_newer(known_at).label("is_newer"),
        )
        .join(thread, thread.id == Answer.question_id)
        .join(Space, Space.id == thread.space_id)
        .outerjoin(Standing, Standing.post_id == Answer.id)
        .outerjoin(author, author.id == Answer.author_id)
        .where(
            Answer.organization_id == organization_id,
            Answer.deleted_at.is_(None),
            thread.deleted_at.is_(None),
            Standing.retired_at.is_(None),
            ~is_retired(thread.id),
            Space.archived_at.is_(None),  # nobody can end a review there
        )
    )
    return (query if among is None else query.where(Answer.id.in_(among))).subquery()


def _count_doubts() -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(Doubt)
        .where(Doubt.answer_id == Answer.id, Doubt.settled_at.is_(None))
        .scalar_subquery()
    )


def _count_opened() -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(LookUpHit)
        .where(
            LookUpHit.question_id == Answer.question_id,
            LookUpHit.outcome.in_(("opened", "confirmed")),
        )
        .scalar_subquery()
    )


def _has_newer(known_at: ColumnElement[datetime]) -> ColumnElement[bool]:
    other = aliased(Answer, flat=True)
    return (
        exists()
        .select_from(other)
        .where(
            other.question_id == Answer.question_id,
            other.id > Answer.id,
            other.created_at > known_at,
            other.deleted_at.is_(None),
            or_(other.author_id.is_(None), other.author_id.is_distinct_from(Answer.author_id)),
            ~is_retired(other.id),
        )
    )
