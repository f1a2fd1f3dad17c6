"""What undoing a batch would remove, and what colleagues have done with it since."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from peerqa.models import (
    Answer,
    Comment,
    ImportBatch,
    ImportedChange,
    ImportedThing,
    Post,
    Question,
    Solved,
    Vote,
)
from peerqa.services.exchange.writing import chunks


@dataclass(frozen=True)
class Doomed:
    """The posts that go with a batch: its own, and whatever stands under them."""

    questions: Sequence[int]
    answers: Sequence[int]
    comments: Sequence[int]
    foreign_answers: int  # of these, how many the batch did not bring
    foreign_comments: int


def find_doomed(session: Session, batch: ImportBatch) -> Doomed:
    """Find the posts that go; on PostgreSQL nobody can answer the questions from now on."""
    questions = sorted(_own(session, batch, "question"))
    for chunk in chunks(questions):
        session.execute(select(Question.id).where(Question.id.in_(chunk)).with_for_update())
    own_answers, own_comments = _own(session, batch, "answer"), _own(session, batch, "comment")
    answers, comments = set(own_answers), set(own_comments)
    for chunk in chunks(questions):
        answers.update(session.scalars(select(Answer.id).where(Answer.question_id.in_(chunk))))
        comments.update(session.scalars(select(Comment.id).where(Comment.question_id.in_(chunk))))
    for chunk in chunks(sorted(answers)):
        comments.update(session.scalars(select(Comment.id).where(Comment.parent_id.in_(chunk))))
    return Doomed(
        questions, sorted(answers), sorted(comments),
        len(answers - own_answers), len(comments - own_comments),
    )  # fmt: skip


def count_uses(session: Session, batch: ImportBatch, doomed: Doomed) -> Counter[str]:
    """Count what colleagues have done with the batch's posts, by what it is."""
    uses = Counter(answers=doomed.foreign_answers, comments=doomed.foreign_comments)
    for chunk in chunks([*doomed.questions, *doomed.answers]):
        uses["votes"] += _count(session, Vote.post_id.in_(chunk))
        uses["solved without asking"] += _count(
            session, or_(Solved.question_id.in_(chunk), Solved.answer_id.in_(chunk))
        )
    uses["edits"] = _count_edits(session, batch)
    uses["accepted answers"] = _count_links(session, batch, "accepted", doomed)
    uses["duplicates"] = _count_links(session, batch, "duplicate", doomed)
    return +uses


def find_later_batch(session: Session, batch: ImportBatch) -> int | None:
    """Return an import that changed, or hung things under, what this one brought; or None."""
    mine, theirs, other = aliased(ImportedThing), aliased(ImportedThing), aliased(ImportedChange)
    is_mine = (mine.batch_id == batch.id) & (mine.kind == "question")
    is_later = theirs.batch_id > batch.id
    changes = select(ImportedChange.batch_id).where(ImportedChange.batch_id > batch.id)
    queries = (
        changes.join(mine, mine.id == ImportedChange.imported_thing_id).where(
            mine.batch_id == batch.id
        ),
        changes.join(other, other.imported_thing_id == ImportedChange.imported_thing_id).where(
            other.batch_id == batch.id
        ),
        *(
            select(theirs.batch_id)
            .join(table, (theirs.kind == kind) & (theirs.thing_id == table.id))
            .join(mine, mine.thing_id == column)
            .where(is_later, is_mine)
            for kind, table, column in (
                ("answer", Answer, Answer.question_id),
                ("comment", Comment, Comment.question_id),
                ("accepted", Question, Question.id),
                ("duplicate", Question, Question.id),
                ("duplicate", Question, Question.duplicate_of_id),
            )
        ),
        select(theirs.batch_id)
        .join(Comment, (theirs.kind == "comment") & (theirs.thing_id == Comment.id))
        .join(mine, mine.thing_id == Comment.parent_id)
        .where(is_later, mine.batch_id == batch.id, mine.kind == "answer"),
    )
    found = [session.scalar(query.limit(1)) for query in queries]
    return max(filter(None, found), default=None)


def _own(session: Session, batch: ImportBatch, kind: str) -> set[int]:
    return set(
        session.scalars(
            select(ImportedThing.thing_id).where(
                ImportedThing.batch_id == batch.id, ImportedThing.kind == kind
            )
        )
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0


def _brought(batch: ImportBatch) -> ColumnElement[bool]:
    """The things that a batch added or changed."""
    changed = select(ImportedChange.imported_thing_id).where(ImportedChange.batch_id == batch.id)
    return or_(ImportedThing.batch_id == batch.id, ImportedThing.id.in_(changed))


def _count_edits(session: Session, batch: ImportBatch) -> int:
    """Count the posts that people have edited since."""
    edited = (
        select(func.count())
        .select_from(ImportedThing)
        .join(Post, Post.id == ImportedThing.thing_id)
        .where(
            _brought(batch),
            ImportedThing.kind.in_(("question", "answer", "comment")),
            Post.version != ImportedThing.version,
        )
    )
    return session.scalar(edited) or 0


def _count_links(session: Session, batch: ImportBatch, kind: str, doomed: Doomed) -> int:
    """Count the links from or to posts that go, which people have made."""
    column, targets = Question.accepted_id, doomed.answers
    if kind == "duplicate":
        column, targets = Question.duplicate_of_id, doomed.questions
    found: set[tuple[int, int | None]] = set()
    for ids, subject in ((doomed.questions, Question.id), (targets, column)):
        for chunk in chunks(ids):
            rows = session.execute(
                select(Question.id, column).where(subject.in_(chunk), column.is_not(None))
            )
            found.update((question, target) for question, target in rows)
    imported = session.execute(
        select(ImportedThing.thing_id, ImportedThing.state).where(
            _brought(batch), ImportedThing.kind == kind
        )
    )
    return len(found - {(question, int(state)) for question, state in imported})
