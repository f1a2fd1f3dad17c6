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
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from peerqa.models import Bookmark, Follow, GuideSource, Member, Question, Vote
from peerqa.permissions import reader_values, visible_to_reader
from peerqa.services.upkeep.standings import is_retired

MOST_DUPLICATES = 20  # shown beside their original


@dataclass(frozen=True)
class Duplicate:
    """A question that another one stands for."""

    id: int
    title: str
    is_merged: bool


@dataclass(frozen=True)
class Citing:
    """A guide that was made from a thread, among others."""

    id: int
    title: str


@dataclass(frozen=True)
class Marks:
    """What the reader has done about a thread before, and what else it was asked as."""

    is_followed: bool
    bookmarked: set[int]
    voted: set[int]
    duplicates: Sequence[Duplicate]
    guides: Sequence[Citing] = ()


def list_marks(
    session: Session, member: Member, question: Question, post_ids: Collection[int]
) -> Marks:
    """Return what the member said of these posts of a question, and what it stands for."""
    found: dict[str, set[int]] = {"follow": set(), "bookmark": set(), "vote": set()}
    duplicates, guides = [], []
    values = {"member": member.id, "question": question.id, "posts": [*post_ids]}
    rows: Result[str, int, str, bool] = session.execute(
        _marks(), {**reader_values(member), **values}
    )
    for kind, post_id, title, is_merged in rows:
        if kind == "duplicate":
            duplicates.append(Duplicate(post_id, title, is_merged))
        elif kind == "guide":
            guides.append(Citing(post_id, title))
        else:
            found[kind].add(post_id)
    duplicates.sort(key=lambda each: each.id)
    return Marks(
        bool(found["follow"]),
        found["bookmark"],
        found["vote"],
        duplicates[:MOST_DUPLICATES],
        sorted(guides, key=lambda each: each.id),
    )


@cache
def _marks() -> CompoundSelect[str, int | None, str, bool]:
    member: BindParameter[int] = bindparam("member")
    question: BindParameter[int] = bindparam("question")
    posts: BindParameter[Sequence[int]] = bindparam("posts", expanding=True)
    guide = aliased(Question, flat=True)
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
        select(literal("guide"), guide.id, guide.title, literal(False))
        .join(GuideSource, GuideSource.guide_id == guide.id)
        .where(
            GuideSource.question_id == question,
            visible_to_reader(thread=guide, with_guides=True),
            ~is_retired(guide.id),
        ),
    )


def _mark(
    kind: str, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> Select[str, int | None, str, bool]:
    return select(literal(kind), column, literal(""), literal(False))
