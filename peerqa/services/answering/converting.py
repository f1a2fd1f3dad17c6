"""An answer that is a remark becomes a comment, and a comment that answers becomes an answer.

It stays the same post: its id, its author, its texts, and the addresses that lead to it. What
solved it for somebody stays an answer. Comments under the answer then stand under the question.
"""

from datetime import datetime

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.errors import N_, Conflict, NotAllowed, NotFound
from peerqa.models import Answer, Comment, Doubt, Member, Post, Question
from peerqa.permissions import may
from peerqa.services import notifications
from peerqa.services.answering.stand_in import hold_thread
from peerqa.services.asking.masks import blur
from peerqa.services.comments import read_comment
from peerqa.services.moderating.locks import refuse_locked
from peerqa.services.recognition import ledger
from peerqa.services.upkeep.edited import forget_standing

POST, ANSWER, COMMENT = (
    table
    for table in (Post.__table__, Answer.__table__, Comment.__table__)
    if isinstance(table, Table)
)


def convert_to_comment(session: Session, *, answer: Answer, by: Member, at: datetime) -> None:
    """Make an answer a comment on its question.

    Raises:
        NotAllowed: it is somebody else's, and the person keeps not its space.
        NotFound: it was taken back at this moment.
        Conflict: it was accepted, or has solved something for somebody.
        Invalid: it is too long for a comment.
    """
    if not may(by, "convert", answer):
        raise NotAllowed(N_("Only its author and stewards can make this a comment."))
    question = hold_thread(session, answer)
    refuse_locked(question, editor=by)
    if answer.deleted_at is not None:
        raise NotFound(N_("There is no such answer."), answer=answer.id)
    if question.accepted_id == answer.id or answer.solved_count:
        raise Conflict(N_("This solved it for somebody, so it stays an answer."), answer=answer.id)
    read_comment(answer.body)
    at = blur(by, question, at)
    post_id, question_id = answer.id, question.id
    question.answer_count = Question.answer_count - 1
    session.flush()
    session.execute(
        update(COMMENT).where(COMMENT.c.parent_id == post_id).values(parent_id=question_id)
    )
    session.execute(delete(Doubt).where(Doubt.answer_id == post_id))
    forget_standing(session, answer)
    session.execute(delete(ANSWER).where(ANSWER.c.id == post_id))
    session.execute(
        insert(COMMENT).values(id=post_id, parent_id=question_id, question_id=question_id)
    )
    session.execute(update(POST).where(POST.c.id == post_id).values(kind="comment"))
    ledger.settle(session, [post_id], why=ledger.Why.REMOVED, at=at)
    notifications.forget(session, post_id, reason="answered")
    session.expire_all()
    session.expunge(answer)
    outbox.ask(session, "index", str(post_id), at=at)


def convert_to_answer(session: Session, *, comment: Comment, by: Member, at: datetime) -> None:
    """Make a comment an answer to its question; the asker is told.

    Raises:
        NotAllowed: it is somebody else's, and the person keeps not its space.
        NotFound: it was taken back at this moment.
    """
    if not may(by, "convert", comment):
        raise NotAllowed(N_("Only its author and stewards can make this an answer."))
    question = hold_thread(session, comment)
    refuse_locked(question, editor=by)
    if comment.deleted_at is not None:
        raise NotFound(N_("There is no such comment."), comment=comment.id)
    post_id = comment.id
    question.answer_count = Question.answer_count + 1
    question.active_at = at = blur(by, question, at)
    session.flush()
    session.execute(delete(COMMENT).where(COMMENT.c.id == post_id))
    session.execute(insert(ANSWER).values(id=post_id, question_id=question.id, solved_count=0))
    session.execute(update(POST).where(POST.c.id == post_id).values(kind="answer"))
    ledger.settle(session, [post_id], why=ledger.Why.REMOVED, at=at)
    session.expire_all()
    session.expunge(comment)
    answer = session.scalars(select(Answer).where(Answer.id == post_id)).one()
    notifications.notify_author(
        session, question, reason="answered", post=answer, by=answer.author, at=at
    )
    outbox.ask(session, "index", str(post_id), at=at)
