"""Which questions pass the filters of a search, counted and listed.

Topic, space and state are the question's. Author and days are of a post of its thread: "author:Bob
after:2026-03-01" is what Bob asked, or answered, since March; "kind:answer" narrows it to answers.
What is shown passes: a question that is a duplicate is shown as its original, when that one may be
seen, and so the original decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, UnaryExpression, and_, func, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased

from peerqa.models import Answer, Member, Question, QuestionTopic
from peerqa.permissions import visible_to
from peerqa.services.finding.meanings import Meaning, SpaceName, read_meanings
from peerqa.services.finding.operators import Term
from peerqa.services.upkeep.standings import is_retired, is_vouched_for

Order = Literal["best", "newest", "helpful"]


@dataclass(frozen=True)
class Filters:
    """The filters of a search; without any, every question passes that the member may see."""

    member: Member
    meanings: Sequence[Meaning] = ()
    spaces: Sequence[SpaceName] = ()  # that the member may choose, where they were asked for
    asked_since: datetime | None = None  # with asked_until: only what was asked after, until
    asked_until: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether there is any."""
        return bool(self.meanings) or self.asked_since is not None

    @property
    def refused(self) -> Sequence[Meaning]:
        """Those that nothing can have."""
        return [each for each in self.meanings if each.refused]

    def condition(self, *, without: Meaning | None = None) -> ColumnElement[bool]:
        """Return which questions pass, and are shown as themselves; all may be seen.

        Args:
            without: leave this one out.
        """
        meanings = [each for each in self.meanings if each is not without and not each.refused]
        return and_(
            visible_to(self.member, with_guides=True),
            _is_shown_itself(self.member),
            *self._asked(),
            *(_of_question(each) for each in meanings if each.term.key in {"topic", "space", "is"}),
            *_of_posts(
                [each for each in meanings if each.term.key not in {"topic", "space", "is"}]
            ),
        )

    def _asked(self) -> list[ColumnElement[bool]]:
        if self.asked_since is None or self.asked_until is None:
            return []
        return [
            Question.kind == "question",
            Question.created_at > self.asked_since,
            Question.created_at <= self.asked_until,
        ]


def read_filters(
    session: Session, member: Member, terms: Sequence[Term], *, with_spaces: bool = False
) -> Filters:
    """Return the filters that were typed."""
    return Filters(member, *read_meanings(session, member, terms, with_spaces=with_spaces))


def list_passing(session: Session, filters: Filters) -> frozenset[int]:
    """Return the ids of all questions that pass, and of the duplicates that are shown as them."""
    shown = select(Question.id).where(filters.condition())
    copy = aliased(Question, flat=True)
    copies = select(copy.id).where(
        visible_to(filters.member, thread=copy), copy.duplicate_of_id.in_(shown)
    )
    return frozenset(session.scalars(union_all(shown, copies)))


def list_ids(
    session: Session, filters: Filters, *, order: Order, start: int, limit: int
) -> Sequence[int]:
    """Return the ids of the questions that pass: the newest first, or those that helped most."""
    return session.scalars(
        select(Question.id)
        .where(filters.condition())
        .order_by(*_by(order))
        .offset(start)
        .limit(limit)
    ).all()


def sort_ids(session: Session, question_ids: Iterable[int], *, order: Order) -> Sequence[int]:
    """Return these ids in another order than the best."""
    return session.scalars(
        select(Question.id).where(Question.id.in_(list(question_ids))).order_by(*_by(order))
    ).all()


def count_without(session: Session, filters: Filters) -> dict[Term, int]:
    """Return how many questions pass when one of the filters is left out; one query."""
    possible = [each for each in filters.meanings if not each.refused]
    if not possible:
        return {}
    counts = [
        select(func.count())
        .select_from(Question)
        .where(filters.condition(without=each))
        .scalar_subquery()
        for each in possible
    ]
    row = session.execute(select(*counts)).one()
    return {each.term: count for each, count in zip(possible, row, strict=True)}


def _by(order: Order) -> list[UnaryExpression[int] | UnaryExpression[datetime]]:
    by_help = [_helped_count().desc()] if order == "helpful" else []
    return [*by_help, Question.created_at.desc(), Question.id.desc()]


def _helped_count() -> ColumnElement[int]:
    """Return how often the answers to the question helped somebody."""
    answer = aliased(Answer, flat=True)
    return (
        select(func.coalesce(func.sum(answer.vote_count + answer.solved_count), 0))
        .where(answer.question_id == Question.id, answer.deleted_at.is_(None))
        .scalar_subquery()
    )


def _is_shown_itself(member: Member) -> ColumnElement[bool]:
    """Not as its original: it has none that the member may see."""
    original = aliased(Question, flat=True)
    seen = select(original.id).where(visible_to(member, thread=original))
    return or_(Question.duplicate_of_id.is_(None), Question.duplicate_of_id.not_in(seen))


def _of_question(meaning: Meaning) -> ColumnElement[bool]:
    if meaning.term.key == "topic":
        about = select(QuestionTopic.question_id).where(QuestionTopic.topic_id.in_(meaning.ids))
        return Question.id.in_(about)
    if meaning.term.key == "space":
        return Question.space_id.in_(meaning.ids)
    return {
        "open": and_(
            Question.kind == "question", Question.answer_count == 0, Question.accepted_id.is_(None)
        ),
        "answered": Question.answer_count > 0,
        "solved": Question.accepted_id.is_not(None),
        "verified": _has_verified_answer(),
    }[meaning.word]


def _has_verified_answer() -> ColumnElement[bool]:
    answer = aliased(Answer, flat=True)
    verified = Question.id.in_(
        select(answer.question_id).where(answer.deleted_at.is_(None), is_vouched_for(answer.id))
    )
    return and_(verified, ~is_retired(Question.id))


def _of_posts(meanings: Sequence[Meaning]) -> list[ColumnElement[bool]]:
    """Return a condition for each author, in these days, by this kind of post."""
    days = [each for each in meanings if each.day is not None]
    authors = [each for each in meanings if each.term.key == "author"]
    kinds = {each.word for each in meanings if each.term.key == "kind"}
    conditions = []
    for wanted in [[author, *days] for author in authors] or ([days] if days or kinds else []):
        answer = aliased(Answer, flat=True)
        answered = Question.id.in_(
            select(answer.question_id).where(
                answer.deleted_at.is_(None), *(_of_post(answer, each) for each in wanted)
            )
        )
        asked = and_(true(), *(_of_post(Question, each) for each in wanted))
        each_kind = {
            "question": and_(Question.kind == "question", asked),
            "guide": and_(Question.kind == "guide", asked),
            "answer": answered,
        }
        wanted_kinds = [each_kind[kind] for kind in sorted(kinds)]
        conditions.append(and_(*wanted_kinds) if wanted_kinds else or_(asked, answered))
    return conditions


def _of_post(post: type[Question] | type[Answer], meaning: Meaning) -> ColumnElement[bool]:
    if meaning.term.key == "author":
        return post.author_id.in_(meaning.ids)
    if meaning.term.key == "after":
        return post.created_at >= meaning.day
    return post.created_at < meaning.day
