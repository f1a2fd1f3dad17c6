"""Three more answers for each question: the company in which pages are measured.

They are copies of answers to other questions, with the vectors that these have; only rows are
written, and nothing of it is looked up. Their revision is one that the saved base has, so no
process reads them anew and the worker finds nothing to fill.
"""

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from peerqa.bench.ground import PEOPLE, Ground
from peerqa.database import db, transaction
from peerqa.models import Answer, Embedding, Post, Question

ANSWERS = 4  # of each question, then


def widen(ground: Ground) -> None:
    """Write the answers; nothing, where another part has."""
    last = ground.threads[-1].answer_id
    question = db.session().get_one(Question, ground.threads[0].question_id)
    is_wide = question.answer_count >= ANSWERS
    db.session().rollback()
    if is_wide:
        return
    ground.tell(f"Writing {(ANSWERS - 1) * len(ground.threads):,} more answers.")
    for turn in range(1, ANSWERS):
        with transaction() as session:
            added = session.scalars(select(func.max(Post.id))).one()  # other parts have asked, too
            _copy_texts(session, last=last, added=added, shift=2 * 7 * turn)
            _copy_vectors(session, last=last, added=added)
    with transaction() as session:
        session.execute(update(Question).where(Question.id <= last).values(answer_count=ANSWERS))


def _copy_texts(session: Session, *, last: int, added: int, shift: int) -> None:
    """Give each question one more answer.

    Args:
        last: id of the ground's last answer.
        added: to the id of the question's first answer, for that of the new one.
        shift: to that id, for that of the answer which is copied.
    """
    first, of = aliased(Answer.__table__), Post.__table__
    copied = [
        of.c.kind, of.c.organization_id, of.c.body, of.c.html, of.c.plain, of.c.created_at,
        of.c.version, of.c.vote_count, of.c.is_masked,
    ]  # fmt: skip
    session.execute(
        insert(Post).from_select(
            ["id", "author_id", *(column.name for column in copied)],
            select(first.c.id + added, of.c.author_id % PEOPLE + 1, *copied)
            .join(of, of.c.id == (first.c.id - 2 + shift) % last + 2)
            .where(first.c.id <= last),
        )
    )
    session.execute(
        insert(Answer).from_select(
            ["id", "question_id", "solved_count"],
            select(first.c.id + added, first.c.question_id, literal(0)).where(first.c.id <= last),
        )
    )


def _copy_vectors(session: Session, *, last: int, added: int) -> None:
    of = Embedding.__table__.c
    copied = [of.organization_id, of.question_id, of.kind, of.model, of.text_hash, of.revision,
              of.vector]  # fmt: skip
    session.execute(
        insert(Embedding).from_select(
            ["post_id", *(column.name for column in copied)],
            select(of.post_id + added, *copied).where(of.kind == "answer", of.post_id <= last),
        )
    )
