"""Answers: given, edited, accepted, taken back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from peerqa import outbox
from peerqa.errors import N_, NotAllowed, NotFound
from peerqa.models import Answer, Member, Question, Standing
from peerqa.permissions import is_author, may, visible_to
from peerqa.services import notifications
from peerqa.services.answering import following, mentions
from peerqa.services.answering.deletions import take_out_of_sight
from peerqa.services.answering.doubts import settle_by_edit
from peerqa.services.answering.stand_in import hold_stand_in, hold_thread
from peerqa.services.asking.masks import blur, keep_mask, sign
from peerqa.services.asking.pictures import link_pictures
from peerqa.services.moderating.locks import refuse_locked
from peerqa.services.posts import edit_body, read_body, write_body
from peerqa.services.recognition import ledger
from peerqa.services.spaces import refuse_archived
from peerqa.services.upkeep.standings import is_retired

PAGE_OF_ANSWERS = 50
_ALL = 2**31 - 1
STEWARDS_WAIT = timedelta(days=7)  # for whoever asked


def post_answer(
    session: Session, *, question: Question, author: Member, body: str, at: datetime
) -> Answer:
    """Answer a question, or the one that it was merged into meanwhile; its asker is told.

    Raises:
        NotAllowed: the author may not see the question.
        Invalid: the body is empty or too long.
    """
    refuse_archived(question.space)
    if not may(author, "answer", question):
        raise NotAllowed(N_("You cannot answer this question."), question=question.id)
    asked, question = question, hold_stand_in(session, question, author)
    refuse_locked(question)
    keep_mask(author, asked, question)
    signed = sign(author, question, at)
    answer = Answer(
        organization_id=question.organization_id,
        question=question,
        author=signed.author,
        is_masked=signed.is_masked,
        created_at=signed.at,
    )
    write_body(answer, read_body(body, required=True))
    session.add(answer)
    question.answer_count = Question.answer_count + 1
    question.active_at = signed.at
    session.flush()
    link_pictures(session, answer)
    notifications.forget(session, question.id, reason="invited")  # nobody is waited for now
    notifications.notify_author(session, question, reason="answered", post=answer, by=author, at=at)
    mentions.tell_mentioned(session, answer, by=author, at=signed.at)
    following.ask_to_tell(session, answer, at=signed.at)
    outbox.ask(session, "index", str(answer.id), at=signed.at)
    return answer


def get_answer(session: Session, member: Member, answer_id: int) -> Answer:
    """Return an answer that the member may see, with its question.

    Raises:
        NotFound: there is none.
    """
    thread = aliased(Question, flat=True)
    answer = session.scalars(
        select(Answer)
        .join(Answer.question.of_type(thread))
        .where(
            Answer.id == answer_id,
            Answer.deleted_at.is_(None),
            visible_to(member, thread=thread),
        )
        .options(contains_eager(Answer.question.of_type(thread)), joinedload(Answer.author))
    ).one_or_none()
    if answer is None:
        raise NotFound(N_("There is no such answer."), answer=answer_id)
    return answer


def list_answers(
    session: Session, question: Question, *, page: int | None = None
) -> Sequence[Answer]:
    """Return the answers of a question: the accepted one, then by help, then by age.

    Those that are retired come last.

    Args:
        page: from 1; None for all of them.
    """
    most, start = (PAGE_OF_ANSWERS, (page - 1) * PAGE_OF_ANSWERS) if page else (_ALL, 0)
    values = {"question": question.id, "accepted": question.accepted_id}
    return session.scalars(_listed(), {**values, "most": most, "start": start}).all()


@cache
def _listed() -> Select[Answer]:
    return (
        select(Answer)
        .where(Answer.question_id == bindparam("question"), Answer.deleted_at.is_(None))
        .options(
            joinedload(Answer.author).joinedload(Member.department),
            joinedload(Answer.standing).joinedload(Standing.verified_by),
            joinedload(Answer.standing).joinedload(Standing.retired_by),
        )
        .order_by(*_order())
        .limit(bindparam("most"))
        .offset(bindparam("start"))
    )


def find_page(session: Session, question: Question, answer_id: int) -> int:
    """Return on which page an answer stands; the first, where it does not."""
    ids = session.scalars(
        select(Answer.id)
        .where(Answer.question_id == question.id, Answer.deleted_at.is_(None))
        .order_by(*_order()),
        {"accepted": question.accepted_id},
    ).all()
    return ids.index(answer_id) // PAGE_OF_ANSWERS + 1 if answer_id in ids else 1


def _order() -> Sequence[ColumnElement[int]]:
    """Order the answers of a question whose accepted one is given as "accepted"."""
    return (
        case((is_retired(Answer.id), 1), else_=0),
        case((Answer.id == bindparam("accepted", type_=Integer), 0), else_=1),
        (Answer.vote_count + Answer.solved_count).desc(),
        Answer.id,  # type: ignore[return-value]  # a column is an element of a query
    )


def edit_answer(
    session: Session,
    *,
    answer: Answer,
    by: Member,
    body: str,
    version: int,
    at: datetime,
    why: str = "",
) -> None:
    """Change the text of an answer; its earlier text is kept.

    Raises:
        NotAllowed: it is somebody else's, and the person keeps not this space.
        EditConflict: somebody else was faster.
    """
    if not may(by, "edit", answer):
        raise NotAllowed(N_("Only its author and stewards can edit an answer."), answer=answer.id)
    body = read_body(body, required=True)
    if edit_body(session, answer, body, by=by, version=version, why=why, at=at):
        settle_by_edit(session, answer, by=by, at=at)
        mentions.tell_mentioned(session, answer, by=by, at=at)


def accept_answer(session: Session, *, answer: Answer, by: Member, at: datetime) -> None:
    """Mark the answer that solved the question, and tell its author; harmless twice.

    Raises:
        NotAllowed: only the asker and stewards accept.
        NotFound: it was taken back at this moment.
    """
    if not may(by, "accept", answer):
        raise NotAllowed(N_("Only the person who asked can accept an answer."), answer=answer.id)
    if is_too_early(answer, by, at=at):
        raise NotAllowed(
            N_("Who asked has %(days)s days to say so. After that, a steward can."),
            days=STEWARDS_WAIT.days,
            answer=answer.id,
        )
    question = hold_thread(session, answer)
    if answer.deleted_at is not None:
        raise NotFound(N_("There is no such answer."), answer=answer.id)
    if question.accepted_id == answer.id:
        return
    before, question.accepted_id = question.accepted_id, answer.id
    question.accepted_by_steward = not is_author(by, question)
    question.accepted_own = question.accepted_by_steward and is_author(by, answer)
    question.active_at = at = blur(by, question, at)
    settled = [answer.id] if before is None else [answer.id, before]
    ledger.settle(session, settled, why=ledger.Why.WITHDRAWN, at=at)
    notifications.notify_author(session, answer, reason="accepted", by=by, at=at)


def is_too_early(answer: Answer, by: Member, *, at: datetime) -> bool:
    """Whether a steward has to leave it to the asker yet, who is reminded first (nudging.py)."""
    asker = answer.question.author
    is_gone = asker is not None and (asker.inactive_at is not None or asker.is_placeholder)
    return not (
        is_author(by, answer.question) or is_gone or at - answer.created_at >= STEWARDS_WAIT
    )


def withdraw_acceptance(session: Session, *, answer: Answer, by: Member, at: datetime) -> None:
    """Say that the answer did not solve it after all; harmless twice.

    Raises:
        NotAllowed: only the asker and stewards may.
    """
    if not may(by, "accept", answer):
        raise NotAllowed(N_("Only the person who asked can accept an answer."), answer=answer.id)
    question = hold_thread(session, answer)
    if question.accepted_id == answer.id:
        question.accepted_id = None
        question.accepted_by_steward = question.accepted_own = False
        at = blur(by, question, at)
        ledger.settle(session, [answer.id], why=ledger.Why.WITHDRAWN, at=at)


def delete_answer(session: Session, *, answer: Answer, by: Member, at: datetime) -> None:
    """Take an answer back, out of sight and out of the index; of two at once, one does.

    Raises:
        NotAllowed: it is somebody else's, and the person keeps not this space.
    """
    if not may(by, "delete", answer):
        raise NotAllowed(N_("Only its author and stewards can delete an answer."), answer=answer.id)
    question = hold_thread(session, answer)
    if answer.deleted_at is not None:
        return
    take_out_of_sight(session, answer, question, by=by, at=blur(by, answer, at))
