"""What a page says of a thread beside its texts, for one reader, in one query."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Result, Select, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from peerqa.models import Bookmark, Follow, Member, Question, Vote
from peerqa.permissions import visible_to

MOST_DUPLICATES = 20  # shown beside their original


@dataclass(frozen=True)
class Duplicate:
    """A question that another one stands for."""

    id: int
    title: str
    is_merged: bool


@dataclass(frozen=True)
class Marks:
    """What the reader has done about a thread before, and what else it was asked as."""

    is_followed: bool
    bookmarked: set[int]
    voted: set[int]
    duplicates: Sequence[Duplicate]


def list_marks(
    session: Session, member: Member, question: Question, post_ids: Collection[int]
) -> Marks:
    """Return what the member said of these posts of a question, and what it stands for."""
    follows = _mark("follow", Follow.question_id).where(
        Follow.member_id == member.id, Follow.question_id == question.id
    )
    kept = _mark("bookmark", Bookmark.post_id).where(
        Bookmark.member_id == member.id, Bookmark.post_id.in_(post_ids)
    )
    voted = _mark("vote", Vote.post_id).where(
        Vote.member_id == member.id, Vote.post_id.in_(post_ids)
    )
    asked = select(
        literal("duplicate"), Question.id, Question.title, Question.merged_at.is_not(None)
    ).where(Question.duplicate_of_id == question.id, visible_to(member))
    found: dict[str, set[int]] = {"follow": set(), "bookmark": set(), "vote": set()}
    duplicates = []
    rows: Result[str, int, str, bool] = session.execute(union_all(follows, kept, voted, asked))
    for kind, post_id, title, is_merged in rows:
        if kind == "duplicate":
            duplicates.append(Duplicate(post_id, title, is_merged))
        else:
            found[kind].add(post_id)
    duplicates.sort(key=lambda each: each.id)
    return Marks(
        bool(found["follow"]), found["bookmark"], found["vote"], duplicates[:MOST_DUPLICATES]
    )


def _mark(
    kind: str, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> Select[str, int | None, str, bool]:
    return select(literal(kind), column, literal(""), literal(False))
