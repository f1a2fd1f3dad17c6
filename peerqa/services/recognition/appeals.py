"""Reading a case of fair play, appealing, and deciding.

Who it is about reads what was found and how many lines of theirs it took; who else is in it only
admins read who may decide. The first whose points were taken back appeals for all.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from peerqa.database import hold, one_line
from peerqa.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Answer, FairnessCase, FairnessLine, Member, Question
from peerqa.permissions import visible_to
from peerqa.services import audit
from peerqa.services.recognition import ledger
from peerqa.services.recognition.fair_play import keys_of, tell

MIN_TEXT, MAX_TEXT = 10, 1000  # characters of an appeal, and of a decision
MOST_LISTED = 100


@dataclass(frozen=True)
class ReadCase:
    """A case as somebody reads it."""

    case: FairnessCase
    own: Sequence[tuple[int, Question]]  # answers of the reader that it is about, as they may see
    received: int  # lines of the reader's ledger
    gave: int
    may_appeal: bool
    may_decide: bool
    names: Sequence[tuple[str, str, int]]  # giver, receiver, how many; for who decides


def read_case(session: Session, reader: Member, case_id: int) -> ReadCase:
    """Return a case to whom it is about, and to admins.

    Raises:
        NotFound: it is not theirs to read.
    """
    case = session.scalars(
        select(FairnessCase)
        .where(FairnessCase.id == case_id, FairnessCase.organization_id == reader.organization_id)
        .options(selectinload(FairnessCase.lines))
    ).one_or_none()
    if case is None or not (reader.is_admin or _is_in(reader, case)):
        raise NotFound(N_("There is no such case."), case=case_id)
    received = [line.post_id for line in case.lines if line.member_id == reader.id]
    may_decide = _may_decide(reader, case)
    return ReadCase(
        case,
        _threads(session, reader, received),
        len(received),
        sum(line.giver_id == reader.id for line in case.lines),
        may_appeal=bool(received) and case.appealed_at is None and case.decided_at is None,
        may_decide=may_decide,
        names=_names(session, case) if may_decide else [],
    )


def _is_in(reader: Member, case: FairnessCase) -> bool:
    return any(reader.id in {line.member_id, line.giver_id} for line in case.lines)


def _may_decide(reader: Member, case: FairnessCase) -> bool:
    return reader.is_admin and not _is_in(reader, case) and case.decided_at is None


def _threads(
    session: Session, reader: Member, post_ids: Collection[int]
) -> list[tuple[int, Question]]:
    thread = aliased(Question, flat=True)
    rows = session.execute(
        select(Answer.id, thread)
        .join(thread, thread.id == Answer.question_id)
        .where(
            Answer.id.in_(post_ids), Answer.deleted_at.is_(None), visible_to(reader, thread=thread)
        )
        .order_by(Answer.id)
    )
    return list({answer_id: (answer_id, question) for answer_id, question in rows}.values())


def _names(session: Session, case: FairnessCase) -> list[tuple[str, str, int]]:
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for line in case.lines:
        counts[line.giver_id, line.member_id] += 1
    ids = {each for pair in counts for each in pair}
    rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(ids)))
    people = {member_id: name for member_id, name in rows}
    return [(people[giver], people[receiver], count) for (giver, receiver), count in counts.items()]


def list_cases(session: Session, reader: Member) -> Sequence[FairnessCase]:
    """Return the cases that an admin may decide about, appeals first, then the latest.

    Raises:
        NotAllowed: the reader is no admin.
    """
    if not reader.is_admin:
        raise NotAllowed(N_("Only admins decide about this."))
    about_reader = (
        select(FairnessLine.case_id)
        .where(or_(FairnessLine.member_id == reader.id, FairnessLine.giver_id == reader.id))
        .scalar_subquery()
    )
    return session.scalars(
        select(FairnessCase)
        .where(
            FairnessCase.organization_id == reader.organization_id,
            FairnessCase.id.not_in(about_reader),
        )
        .options(selectinload(FairnessCase.lines))
        .order_by(
            FairnessCase.decided_at.is_not(None),
            FairnessCase.appealed_at.is_(None),
            FairnessCase.found_at.desc(),
        )
        .limit(MOST_LISTED)
    ).all()


def list_of(session: Session, member: Member) -> Sequence[FairnessCase]:
    """Return the cases in which points of the member were taken back, the latest first."""
    lines = select(FairnessLine.case_id).where(FairnessLine.member_id == member.id)
    return session.scalars(
        select(FairnessCase)
        .where(FairnessCase.id.in_(lines))
        .order_by(FairnessCase.found_at.desc())
        .limit(MOST_LISTED)
    ).all()


def appeal(session: Session, case: FairnessCase, *, by: Member, text: str, at: datetime) -> None:
    """Say why a case is wrong; the first one whose points it took speaks for all.

    Raises:
        NotAllowed: no points of the person were taken back.
        Conflict: somebody has appealed, or it is decided.
        Invalid: nothing is said, or too much.
    """
    hold(session, case)
    text = _read_text(text)
    if not any(line.member_id == by.id for line in case.lines):
        raise NotAllowed(N_("Only whose points were taken back can appeal."), case=case.id)
    if case.decided_at is not None:
        raise Conflict(N_("This is decided already."), case=case.id)
    if case.appealed_at is not None:
        raise Conflict(N_("An appeal waits for an admin already."), case=case.id)
    case.appealed_by_id, case.appealed_at, case.appeal = by.id, at, text
    session.flush()


def decide(
    session: Session, case: FairnessCase, *, by: Member, is_upheld: bool, why: str, at: datetime
) -> None:
    """Let a case stand, or give back what it took.

    Raises:
        NotAllowed: the person is no admin, or is in the case.
        Conflict: it is decided.
        Invalid: no reason is given.
    """
    hold(session, case)
    if not by.is_admin or _is_in(by, case):
        raise NotAllowed(N_("Admins decide about this, and nobody about their own."), case=case.id)
    why = _read_text(why)
    if case.decided_at is not None:
        raise Conflict(N_("This is decided already."), case=case.id)
    case.decided_by_id, case.decided_at, case.is_upheld, case.why = by.id, at, is_upheld, why
    session.flush()
    if not is_upheld:
        ledger.reinstate(session, keys_of(case), at=at)
    audit.record(
        session, "fairness.decided", by=by, organization=by.organization, at=at,
        case=case.id, upheld=is_upheld,
    )  # fmt: skip
    tell(session, case, reason="fairness-decided", at=at)


def _read_text(text: str) -> str:
    text = one_line(text)
    if len(text) < MIN_TEXT:
        raise Invalid(N_("Say why, in a sentence."), field="text")
    if len(text) > MAX_TEXT:
        raise Invalid(N_("Say it in at most %(most)s characters."), field="text", most=MAX_TEXT)
    return text
