"""Taking imported rows out again, children before parents."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.database import Base
from peerqa.models import (
    Answer,
    Bookmark,
    Comment,
    Deletion,
    Doubt,
    Flag,
    Follow,
    GuideSource,
    HelpCount,
    ImportBatch,
    ImportedThing,
    LedgerEntry,
    Letter,
    MailSetting,
    Member,
    Mention,
    Merge,
    Notification,
    Post,
    Question,
    QuestionTopic,
    Review,
    Revision,
    Ruling,
    Solved,
    Space,
    Standing,
    Topic,
    Vote,
)
from peerqa.services.exchange.doomed import Doomed
from peerqa.services.exchange.writing import chunks
from peerqa.services.routing import ladder


def remove_links(session: Session, batch: ImportBatch) -> None:
    """Take back which answers solved and which questions repeat others, where it still stands."""
    for kind, column in (("accepted", "accepted_id"), ("duplicate", "duplicate_of_id")):
        links = session.execute(
            select(ImportedThing.thing_id, ImportedThing.state).where(
                ImportedThing.batch_id == batch.id, ImportedThing.kind == kind
            )
        ).all()
        table = _table(Question)
        if links:
            session.connection().execute(
                update(table)
                .where(table.c.id == bindparam("question"), table.c[column] == bindparam("target"))
                .values({column: None}),
                [{"question": question, "target": int(state)} for question, state in links],
            )


def remove_posts(session: Session, doomed: Doomed, *, at: datetime) -> None:
    """Remove the posts with all that hangs on them, and have the index forget them."""
    outbox.ask_many(session, "index", [str(i) for i in (*doomed.questions, *doomed.answers)], at=at)
    shrunk = _answers_elsewhere(session, doomed)
    for ids in chunks([*doomed.questions, *doomed.answers, *doomed.comments]):
        session.execute(
            delete(Notification).where(
                or_(Notification.post_id.in_(ids), Notification.question_id.in_(ids))
            )
        )
        for hanging in (Vote, Revision, Bookmark, Mention, Deletion, Standing, Flag, Ruling):
            session.execute(delete(hanging).where(hanging.post_id.in_(ids)))
        session.execute(delete(Solved).where(Solved.question_id.in_(ids)))
        session.execute(update(Solved).where(Solved.answer_id.in_(ids)).values(answer_id=None))
        for of_answers in (Doubt, Review):
            session.execute(delete(of_answers).where(of_answers.answer_id.in_(ids)))
        session.execute(delete(Follow).where(Follow.question_id.in_(ids)))
        ladder.forget(session, ids)
        session.execute(
            delete(Merge).where(or_(Merge.source_id.in_(ids), Merge.target_id.in_(ids)))
        )
        session.execute(delete(GuideSource).where(GuideSource.question_id.in_(ids)))
        session.execute(delete(QuestionTopic).where(QuestionTopic.question_id.in_(ids)))
        # what was merged into one of these stands for itself again
        for column, besides in (("accepted_id", {}), ("duplicate_of_id", {"merged_at": None})):
            session.execute(
                update(_table(Question))
                .where(_table(Question).c[column].in_(ids))
                .values({column: None, **besides})
            )
    for table, ids_of_kind in (
        (Comment, doomed.comments),
        (Answer, doomed.answers),
        (Question, doomed.questions),
    ):
        for ids in chunks(ids_of_kind):
            session.execute(delete(_table(table)).where(_table(table).c.id.in_(ids)))
            session.execute(delete(_table(Post)).where(_table(Post).c.id.in_(ids)))
    session.expire_all()
    for question_id, count, latest in shrunk:
        _shrink(session, question_id, count, latest)


def _answers_elsewhere(session: Session, doomed: Doomed) -> list[tuple[int, int, datetime]]:
    """Return the questions that stay and lose answers: id, how many visible ones, the latest."""
    going = set(doomed.questions)
    by_question: dict[int, list[datetime]] = {}
    for ids in chunks(doomed.answers):
        rows = session.execute(
            select(Answer.question_id, Answer.created_at).where(
                Answer.id.in_(ids), Answer.deleted_at.is_(None)
            )
        )
        for question_id, at in rows:
            if question_id not in going:
                by_question.setdefault(question_id, []).append(at)
    return [(question_id, len(ats), max(ats)) for question_id, ats in by_question.items()]


def _shrink(session: Session, question_id: int, count: int, latest: datetime) -> None:
    question = session.get_one(Question, question_id)
    question.answer_count -= count
    if question.active_at <= latest:  # else somebody did something later
        newest = session.scalar(
            select(func.max(Answer.created_at)).where(
                Answer.question_id == question_id, Answer.deleted_at.is_(None)
            )
        )
        question.active_at = max(question.created_at, newest or question.created_at)
    session.flush()


# What the worker makes for whoever has an address; to have it is no use made of a member.
_OF_EVERYBODY: dict[str, type[Letter] | type[MailSetting] | type[LedgerEntry] | type[HelpCount]] = {
    "letter": Letter,
    "mail_setting": MailSetting,
    "ledger_entry": LedgerEntry,  # of what the batch brought, and counter-entries
    "help_count": HelpCount,
}


def remove_unused(session: Session, batch: ImportBatch, kind: str, model: type[Base]) -> int:
    """Remove what nothing uses of the things of a kind that this batch or undone ones made.

    What is still in use stays, and is asked about again when the next batch is undone.
    """
    undone = select(ImportBatch.id).where(
        ImportBatch.organization_id == batch.organization_id,
        or_(ImportBatch.id == batch.id, ImportBatch.undone_at.is_not(None)),
    )
    made = (ImportedThing.kind == kind, ImportedThing.batch_id.in_(undone))
    table = _table(model)
    used = [
        select(key.parent).where(key.parent.is_not(None))
        for other in Base.metadata.tables.values()
        for key in other.foreign_keys
        if key.column is table.c.id and key.parent.table.name not in _OF_EVERYBODY
    ]
    unused = select(table.c.id).where(
        table.c.id.in_(select(ImportedThing.thing_id).where(*made)),
        *(table.c.id.not_in(ids) for ids in used),
    )
    for of_member in _OF_EVERYBODY.values() if model is Member else ():
        session.execute(
            delete(of_member).where(of_member.member_id.in_(unused)),
            execution_options={"synchronize_session": False},
        )
    removed = session.execute(delete(table).where(table.c.id.in_(unused)))
    session.execute(
        delete(ImportedThing).where(*made, ImportedThing.thing_id.not_in(select(table.c.id))),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(removed, CursorResult)
    return removed.rowcount


LEFTOVERS: Sequence[tuple[str, type[Base]]] = (
    ("member", Member),
    ("topic", Topic),
    ("space", Space),
)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
