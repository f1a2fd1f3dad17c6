"""What members are to be thanked for, as the tables of posts, votes and vouching say it now.

Who was helped is written so that a line tells no more than may be known: a colleague as "member:7";
whoever asked anonymously as "asker:45", after the question. In a thread of an anonymous question a
vote is "vote:9", after its row: its asker may have given it, and must not be told from the others
by what they did elsewhere. "Solved without asking" names nobody at all and is "solved:3". So in
such a thread somebody who does two of these counts as two people; it cannot be known.

Only real members earn: a placeholder of an import is nobody who could read it.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    String,
    Table,
    bindparam,
    case,
    cast,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from peerqa.database import UtcDateTime
from peerqa.models import Answer, Member, Post, Question, Solved, Standing, Vote
from peerqa.services.asking.masks import to_the_hour
from peerqa.services.recognition.worth import Reason

POST, ANSWER, QUESTION, MEMBER, VOTE, SOLVED, STANDING = (
    table
    for model in (Post, Answer, Question, Member, Vote, Solved, Standing)
    if isinstance(table := model.__table__, Table)
)
THREAD = POST.alias("thread")
_Row = Row[int, int, str, int, str, datetime | None, datetime, bool]
_Kind = Select[int, int, str, int, str, datetime | None, datetime, bool]
_All = CompoundSelect[int, int, str, int, str, datetime | None, datetime, bool]


class Key(NamedTuple):
    """What one line is about."""

    member_id: int
    reason: str
    post_id: int
    giver: str


class Fact(NamedTuple):
    """Something to be thanked for."""

    key: Key
    organization_id: int
    at: datetime | None  # None: nobody wrote it down
    posted_at: datetime
    is_due: bool  # else a line that is there may stay, and none is made


def of_posts(session: Session, post_ids: Collection[int]) -> dict[Key, Fact]:
    """Return what the authors of these posts are to be thanked for; some hundreds at most."""
    rows = session.execute(_statement(), {"posts": list(post_ids)})
    return {fact.key: fact for fact in map(_fact, rows)}


def of_organization(session: Session, organization_id: int) -> dict[Key, Fact]:
    """Return all that members of an organization are to be thanked for."""
    rows = session.execute(_statement_of_all(), {"organization": organization_id})
    return {fact.key: fact for fact in map(_fact, rows)}


def is_known(giver: str) -> bool:
    """Whether a line may say when it happened: somebody known was helped, or nobody."""
    return not giver or giver.startswith("member:")


def _fact(row: _Row) -> Fact:
    member_id, organization_id, reason, post_id, giver, at, posted_at, is_due = row
    if at is not None and not is_known(giver):
        at = to_the_hour(at)
    key = Key(member_id, reason, post_id, giver)
    return Fact(key, organization_id, at, posted_at, bool(is_due))


@cache
def _statement() -> _All:
    return _all_kinds(POST.c.id.in_(bindparam("posts", expanding=True)))


@cache
def _statement_of_all() -> _All:
    return _all_kinds(POST.c.organization_id == bindparam("organization"))


def _all_kinds(chosen: ColumnElement[bool]) -> _All:
    return union_all(
        _accepted().where(chosen),
        _helpful().where(chosen),
        _solved().where(chosen),
        _verified().where(chosen),
        _guides().where(chosen),
    )


def _accepted() -> _Kind:
    """The asker was helped, whoever said so; but no steward who wrote the answer says so."""
    giver = case(
        (THREAD.c.author_id.is_(None), _named("asker:", THREAD.c.id)),
        else_=_named("member:", THREAD.c.author_id),
    )
    return (
        _select(Reason.ACCEPTED, giver, cast(null(), UtcDateTime()))
        .join(QUESTION, QUESTION.c.accepted_id == POST.c.id)
        .join(THREAD, THREAD.c.id == QUESTION.c.id)
        .where(
            ~QUESTION.c.accepted_own,
            THREAD.c.author_id.is_distinct_from(POST.c.author_id),
        )
    )


def _helpful() -> _Kind:
    giver = case(
        (THREAD.c.is_masked, _named("vote:", VOTE.c.id)),
        else_=_named("member:", VOTE.c.member_id),
    )
    return (
        _select(Reason.HELPFUL, giver, VOTE.c.created_at)
        .join(VOTE, VOTE.c.post_id == POST.c.id)
        .join(ANSWER, ANSWER.c.id == POST.c.id)
        .join(THREAD, THREAD.c.id == ANSWER.c.question_id)
        .where(VOTE.c.member_id != POST.c.author_id)
    )


def _solved() -> _Kind:
    return _select(Reason.SOLVED, _named("solved:", SOLVED.c.id), SOLVED.c.hour_at).join(
        SOLVED, SOLVED.c.answer_id == POST.c.id
    )


def _verified() -> _Kind:
    """Once for an answer, whoever vouches and however often; also after the day has come."""
    by_other = STANDING.c.verified_by_id.is_distinct_from(POST.c.author_id)
    return (
        _select(Reason.VERIFIED, literal(""), STANDING.c.verified_at, is_due=by_other)
        .join(STANDING, STANDING.c.post_id == POST.c.id)
        .where(STANDING.c.verified_at.is_not(None), POST.c.kind == "answer")
    )


def _guides() -> _Kind:
    return _select(Reason.GUIDE, literal(""), POST.c.created_at).where(POST.c.kind == "guide")


def _select(
    reason: Reason,
    giver: ColumnElement[str],
    at: ColumnElement[datetime] | ColumnElement[datetime | None],
    *,
    is_due: ColumnElement[bool] | None = None,
) -> _Kind:
    return (
        select(
            POST.c.author_id,
            POST.c.organization_id,
            literal(reason.value).label("reason"),
            POST.c.id,
            giver.label("giver"),
            at.label("at"),
            POST.c.created_at,
            (true() if is_due is None else is_due).label("is_due"),
        )
        .join(MEMBER, MEMBER.c.id == POST.c.author_id)
        .where(POST.c.deleted_at.is_(None), MEMBER.c.is_placeholder.is_(False))
    )


def _named(kind: str, number: ColumnElement[int]) -> ColumnElement[str]:
    return literal(kind) + cast(number, String)
