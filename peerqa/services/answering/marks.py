"""What a page says of a thread beside its texts, for one reader, in one query."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Result,
    Select,
    bindparam,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from peerqa.models import Bookmark, Follow, Member, Question, Vote
from peerqa.permissions import reader_values, visible_to_reader

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
    found: dict[str, set[int]] = {"follow": set(), "bookmark": set(), "vote": set()}
    duplicates = []
    values = {"member": member.id, "question": question.id, "posts": [*post_ids]}
    rows: Result[str, int, str, bool] = session.execute(
        _marks(), {**reader_values(member), **values}
    )
    for kind, post_id, title, is_merged in rows:
        if kind == "duplicate":
            duplicates.append(Duplicate(post_id, title, is_merged))
        else:
            found[kind].add(post_id)
    duplicates.sort(key=lambda each: each.id)
    return Marks(
        bool(found["follow"]), found["bookmark"], found["vote"], duplicates[:MOST_DUPLICATES]
    )


@cache
def _marks() -> CompoundSelect[str, int | None, str, bool]:
    member: BindParameter[int] = bindparam("member")
    question: BindParameter[int] = bindparam("question")
    posts: BindParameter[Sequence[int]] = bindparam("posts", expanding=True)
    return union_all(
        _mark("follow", Follow.question_id).where(
            Follow.member_id == member, Follow.question_id == question
        ),
        _mark("bookmark", Bookmark.post_id).where(
            Bookmark.member_id == member, Bookmark.post_id.in_(posts)
        ),
        _mark("vote", Vote.post_id).where(Vote.member_id == member, Vote.post_id.in_(posts)),
        select(
            literal("duplicate"), Question.id, Question.title, Question.merged_at.is_not(None)
        ).where(Question.duplicate_of_id == question, visible_to_reader()),
    )


def _mark(
    kind: str, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> Select[str, int | None, str, bool]:
    return select(literal(kind), column, literal(""), literal(False))
