"""Lists of questions for pages and the API: one query for the rows, one per decoration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from peerqa.models import Answer, Member, Question, QuestionTopic
from peerqa.paging import PAGE_SIZE, Cursor, Page, cut
from peerqa.permissions import visible_to


@dataclass(frozen=True)
class QuestionFilter:
    """Which questions; None means all."""

    space_id: int | None = None
    topic_id: int | None = None
    author_id: int | None = None
    is_answered: bool | None = None


@dataclass(frozen=True)
class MemberFigures:
    """What a profile says in numbers."""

    question_count: int
    answer_count: int
    accepted_count: int
    helped_count: int  # "helped me too" and solved without asking


def list_questions(
    session: Session,
    member: Member,
    *,
    only: QuestionFilter = QuestionFilter(),
    after: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Question]:
    """Return questions that the member may see, most recently active first."""
    query = (
        select(Question)
        .where(visible_to(member), Question.merged_at.is_(None))
        .options(
            joinedload(Question.author), joinedload(Question.space), selectinload(Question.topics)
        )
        .order_by(Question.active_at.desc(), Question.id.desc())
        .limit(limit + 1)
    )
    if only.space_id is not None:
        query = query.where(Question.space_id == only.space_id)
    if only.topic_id is not None:
        query = query.join(QuestionTopic, QuestionTopic.question_id == Question.id).where(
            QuestionTopic.topic_id == only.topic_id
        )
    if only.author_id is not None:
        query = query.where(Question.author_id == only.author_id)
    if only.is_answered is not None:
        query = query.where(
            Question.answer_count > 0 if only.is_answered else Question.answer_count == 0
        )
    if after is not None:
        query = query.where(
            (Question.active_at < after.at)
            | ((Question.active_at == after.at) & (Question.id < after.id))
        )
    rows = session.scalars(query).all()
    return cut(rows, limit=limit, cursor_of=lambda row: Cursor(row.active_at, row.id))


def list_asked_since(session: Session, member: Member, since: datetime) -> Sequence[Question]:
    """Return what the member has asked with their name after an instant, newest first."""
    return session.scalars(
        select(Question)
        .where(
            Question.author_id == member.id,
            Question.created_at > since,
            Question.merged_at.is_(None),
            visible_to(member),
        )
        .order_by(Question.created_at.desc(), Question.id.desc())
        .limit(PAGE_SIZE)
    ).all()


def list_left_behind(
    session: Session, member: Member, authors: Select[int], *, limit: int = PAGE_SIZE
) -> Sequence[Question]:
    """Return the open questions of people who are gone, which nobody else waits for; oldest first.

    Args:
        authors: the ids of who is gone.
    """
    return session.scalars(
        select(Question)
        .where(
            visible_to(member),
            Question.author_id.in_(authors),
            Question.accepted_id.is_(None),
            Question.duplicate_of_id.is_(None),
        )
        .options(
            joinedload(Question.author), joinedload(Question.space), selectinload(Question.topics)
        )
        .order_by(Question.created_at, Question.id)
        .limit(limit)
    ).all()


def list_answers_by(
    session: Session, member: Member, author_id: int, *, limit: int = PAGE_SIZE
) -> Sequence[Answer]:
    """Return somebody's answers that the member may see, newest first."""
    thread = aliased(Question, flat=True)
    return session.scalars(
        select(Answer)
        .join(Answer.question.of_type(thread))
        .where(
            Answer.author_id == author_id,
            Answer.deleted_at.is_(None),
            visible_to(member, thread=thread),
        )
        .options(contains_eager(Answer.question.of_type(thread)))
        .order_by(Answer.created_at.desc(), Answer.id.desc())
        .limit(limit)
    ).all()


def count_for(session: Session, member: Member, author_id: int) -> MemberFigures:
    """Return somebody's figures, of what the member may see."""
    questions = session.scalar(
        select(func.count())
        .select_from(Question)
        .where(visible_to(member), Question.author_id == author_id)
    )
    thread = aliased(Question, flat=True)
    answers, helped, accepted = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Answer.vote_count + Answer.solved_count), 0),
            func.count().filter(thread.accepted_id == Answer.id),
        )
        .select_from(Answer)
        .join(thread, thread.id == Answer.question_id)
        .where(
            Answer.author_id == author_id,
            Answer.deleted_at.is_(None),
            visible_to(member, thread=thread),
        )
    ).one()
    return MemberFigures(questions or 0, answers, accepted, int(helped))
