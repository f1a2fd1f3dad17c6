"""Evidence of looking for an answer: what was typed, shown, opened, confirmed, refused.

It names no person: see models/look_up.py. It feeds calibration, and "solved without asking".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from peerqa.database import insert_once
from peerqa.models import Answer, LookUp, LookUpHit, Member, Organization, Question, Solved
from peerqa.permissions import is_author, visible_to
from peerqa.secrets import InstanceKey, hash_token, new_token
from peerqa.services import notifications
from peerqa.services.asking.masks import to_the_hour
from peerqa.services.recognition import ledger

MAX_TYPED = 300  # characters kept of what was typed
_RANK = {"shown": 0, "opened": 1, "refused": 2, "confirmed": 3}  # a later event never weakens


@dataclass(frozen=True)
class ShownHit:
    """A hit as it was shown, with the figures it was judged by; signed on its way to the page."""

    question_id: int
    answer_id: int | None
    similarity: float | None
    gap: float | None
    probability: float | None
    model: str | None = None  # whose vectors they are of


@dataclass(frozen=True)
class LookUpSource:
    """Which look-up of which person an event belongs to."""

    member: Member
    key: str  # random, made by the page for one look-up
    surface: str  # ask, search or question
    typed: str


def record_shown(
    session: Session,
    *,
    source: LookUpSource,
    hits: Sequence[ShownHit],
    key: InstanceKey,
    at: datetime,
) -> LookUp:
    """Record what was typed and which hits were shown for it; the last pause wins."""
    look_up = _get_look_up(session, source, key=key, at=at)
    if source.typed.strip():
        look_up.typed = source.typed.strip()[:MAX_TYPED]
    for hit in hits:
        _get_hit(session, look_up, hit)
    return look_up


def record_outcome(
    session: Session,
    *,
    source: LookUpSource,
    hit: ShownHit,
    outcome: str,
    key: InstanceKey,
    at: datetime,
) -> None:
    """Record what was said to a hit.

    Args:
        outcome: opened, confirmed or refused. Confirmed also counts "solved without asking", once
            per person and question, credits the answer's author and tells them.
    """
    question = session.scalars(
        select(Question).where(
            Question.id == hit.question_id, visible_to(source.member, with_guides=True)
        )
    ).one_or_none()
    if question is None:
        return  # it went, or was closed, while the person was reading
    look_up = _get_look_up(session, source, key=key, at=at)
    row = _get_hit(session, look_up, hit)
    if _RANK[outcome] >= _RANK[row.outcome]:
        row.outcome = outcome
    if outcome == "confirmed":
        look_up.outcome = "confirmed"
        _count_solved(session, source.member, question, hit.answer_id, key=key, at=at)
    session.flush()


def record_posted(
    session: Session, *, source: LookUpSource, key: InstanceKey, at: datetime
) -> None:
    """Record that the person posted the question anyway."""
    _get_look_up(session, source, key=key, at=at).outcome = "posted"
    session.flush()


def cut_loose(session: Session, *, source: LookUpSource, at: datetime, key: InstanceKey) -> None:
    """Let nobody join what the person looked for today: they have asked something anonymously."""
    pseudonym = _pseudonym_of(source.member, key, at)
    for row in session.scalars(select(LookUp).where(LookUp.pseudonym == pseudonym)).all():
        row.pseudonym = hash_token(new_token())[:32]
        row.key = hash_token(new_token())
    session.flush()


def delete_old(
    session: Session, *, at: datetime, days: int, organization: Organization | None = None
) -> int:
    """Delete evidence older than it may be kept; returns how many look-ups went.

    Args:
        organization: only its own.
    """
    is_old = LookUp.hour_at < at - timedelta(days=days)
    if organization is not None:
        is_old &= LookUp.organization_id == organization.id
    session.execute(
        delete(LookUpHit).where(LookUpHit.look_up_id.in_(select(LookUp.id).where(is_old)))
    )
    gone = session.execute(delete(LookUp).where(is_old))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def _get_look_up(
    session: Session, source: LookUpSource, *, key: InstanceKey, at: datetime
) -> LookUp:
    pseudonym = _pseudonym_of(source.member, key, at)
    # the page's key is bound to the person, so that nobody adds to another's look-up
    row_key = hash_token(f"{pseudonym} {source.key}")
    insert_once(
        session,
        LookUp,
        organization_id=source.member.organization_id,
        key=row_key,
        pseudonym=pseudonym,
        hour_at=to_the_hour(at),
        surface=source.surface,
        typed=source.typed.strip()[:MAX_TYPED],
        outcome="typed",
    )
    return session.scalars(
        select(LookUp)
        .where(LookUp.organization_id == source.member.organization_id, LookUp.key == row_key)
        .with_for_update()
    ).one()


def _get_hit(session: Session, look_up: LookUp, hit: ShownHit) -> LookUpHit:
    insert_once(
        session,
        LookUpHit,
        look_up_id=look_up.id,
        question_id=hit.question_id,
        answer_id=hit.answer_id,
        similarity=hit.similarity,
        gap=hit.gap,
        probability=hit.probability,
        model=hit.model,
        outcome="shown",
    )
    return session.scalars(
        select(LookUpHit)
        .where(LookUpHit.look_up_id == look_up.id, LookUpHit.question_id == hit.question_id)
        .with_for_update()  # two events at once: the weaker must see the stronger
    ).one()


def _count_solved(
    session: Session,
    member: Member,
    question: Question,
    answer_id: int | None,
    *,
    key: InstanceKey,
    at: datetime,
) -> None:
    answer = _answer_of(session, question, answer_id)
    if is_author(member, question) or (answer and is_author(member, answer)):
        return  # nothing for yourself
    pseudonym = key.digest("solved", member.id, question.id)[:32]
    is_new = insert_once(
        session,
        Solved,
        organization_id=question.organization_id,
        question_id=question.id,
        answer_id=answer.id if answer else None,
        pseudonym=pseudonym,
        hour_at=to_the_hour(at),
    )
    if is_new and answer is not None:
        session.execute(
            update(Answer)
            .where(Answer.id == answer.id)
            .values(solved_count=Answer.solved_count + 1)
        )
        ledger.settle(session, [answer.id], why=ledger.Why.WITHDRAWN, at=at)
        notifications.notify_author(session, answer, reason="solved", at=to_the_hour(at))


def _answer_of(session: Session, question: Question, answer_id: int | None) -> Answer | None:
    """Return the answer that was shown, when it is still there, else the accepted one."""
    wanted = [i for i in (answer_id, question.accepted_id) if i is not None]
    rows = session.scalars(
        select(Answer).where(
            Answer.id.in_(wanted), Answer.question_id == question.id, Answer.deleted_at.is_(None)
        )
    ).all()
    by_id = {row.id: row for row in rows}
    return next((by_id[i] for i in wanted if i in by_id), None)


def _pseudonym_of(member: Member, key: InstanceKey, at: datetime) -> str:
    """Return what stands for the member on this day."""
    return key.digest("look-up", member.id, at.date().isoformat())[:32]
