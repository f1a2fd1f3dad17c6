"""Fair play: what was found is taken back, with a reason that the affected read and can appeal.

Who is affected is whose points were taken back, and who gave them; neither reads who the others
are, since who voted is told nowhere. Admins decide about an appeal and see all names; nobody does
about a case that they are in. What was overturned is never found again, and counts as before.

Votes in threads of anonymous questions are left out: who gave them is not to be known. One person
with two accounts cannot be found by what they vote; when they join them (services/merging.py), what
was between the two is taken back by the ledger itself.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from peerqa.database import hold
from peerqa.models import (
    Answer,
    FairnessCase,
    FairnessLine,
    Member,
    Organization,
    Post,
    Question,
    QuestionTopic,
    Vote,
)
from peerqa.services import notifications
from peerqa.services.recognition import ledger
from peerqa.services.recognition.facts import Key
from peerqa.services.recognition.fairness import Found, Gift, Offer, find
from peerqa.services.recognition.worth import Reason

WINDOW = timedelta(days=90)  # of votes that are looked at together


def look(session: Session, organization_id: int, *, at: datetime) -> list[Found]:
    """Return the patterns in the votes of the last months that no case has; reads, writes nothing.

    Some queries over the votes and answers of an organization: seconds in a large one.
    """
    known = _known(session, organization_id)
    gifts = [
        gift
        for gift in _gifts(session, organization_id, since=at - WINDOW)
        if (gift.receiver, gift.post_id, gift.giver) not in known
    ]
    return find(gifts, _offer(session, organization_id)) if gifts else []


def take_back(
    session: Session, organization_id: int, found: Found, *, at: datetime
) -> FairnessCase | None:
    """Take what was found back, write down why, and tell whose help it was; once.

    Returns:
        None where another worker has written all of it down.
    """
    hold(session, session.get_one(Organization, organization_id))  # of two at once one waits
    known = _known(session, organization_id)
    gifts = [g for g in found.gifts if (g.receiver, g.post_id, g.giver) not in known]
    if not gifts:
        return None
    case = FairnessCase(organization_id=organization_id, pattern=found.pattern.value, found_at=at)
    case.lines = [
        FairnessLine(member_id=each.receiver, giver_id=each.giver, post_id=each.post_id)
        for each in gifts
    ]
    session.add(case)
    session.flush()
    ledger.reverse(session, keys_of(case), at=at)
    tell(session, case, reason="unfair", at=at)
    return case


def tell(session: Session, case: FairnessCase, *, reason: str, at: datetime) -> None:
    """Tell each whose points it is about, once, at one of their answers."""
    posts = {line.member_id: line.post_id for line in reversed(case.lines)}
    for member_id, post_id in sorted(posts.items()):
        member, post = session.get(Member, member_id), session.get(Post, post_id)
        if member is not None and post is not None:
            notifications.notify(session, member, reason=reason, post=post, at=at)


def _known(session: Session, organization_id: int) -> set[tuple[int, int, int]]:
    rows = session.execute(
        select(FairnessLine.member_id, FairnessLine.post_id, FairnessLine.giver_id)
        .join(FairnessCase, FairnessCase.id == FairnessLine.case_id)
        .where(FairnessCase.organization_id == organization_id)
    )
    return {(member_id, post_id, giver_id) for member_id, post_id, giver_id in rows}


def _topic_of(thread: type[Question]) -> ColumnElement[int]:
    """One topic of a question: what it is about, as far as votes are compared; 0 for none."""
    first = (
        select(func.min(QuestionTopic.topic_id))
        .where(QuestionTopic.question_id == thread.id)
        .correlate(thread)
        .scalar_subquery()
    )
    return func.coalesce(first, 0)


def _gifts(session: Session, organization_id: int, *, since: datetime) -> list[Gift]:
    thread = aliased(Question, flat=True)
    rows = session.execute(
        select(
            Vote.member_id,
            Answer.author_id,
            Vote.created_at,
            Answer.id,
            thread.space_id,
            _topic_of(thread),
        )
        .join(Answer, Answer.id == Vote.post_id)
        .join(thread, thread.id == Answer.question_id)
        .where(
            Answer.organization_id == organization_id,
            Vote.created_at > since,
            Answer.deleted_at.is_(None),
            Answer.author_id.is_not(None),
            thread.is_masked.is_(False),
        )
    )
    return [
        Gift(giver, receiver or 0, at, post_id, (space_id, topic))
        for giver, receiver, at, post_id, space_id, topic in rows
        if giver != receiver
    ]


def _offer(session: Session, organization_id: int) -> Offer:
    thread = aliased(Question, flat=True)
    offer = Offer()
    for author_id, votes, space_id, topic in session.execute(
        select(Answer.author_id, Answer.vote_count, thread.space_id, _topic_of(thread))
        .join(thread, thread.id == Answer.question_id)
        .where(
            Answer.organization_id == organization_id,
            Answer.deleted_at.is_(None),
            Answer.author_id.is_not(None),
        )
    ):
        offer.add((space_id, topic), author_id or 0, votes=max(0, votes))
    return offer


def keys_of(case: FairnessCase) -> list[Key]:
    """Return what the lines of a case are called in the ledger."""
    return [
        Key(line.member_id, Reason.HELPFUL.value, line.post_id, f"member:{line.giver_id}")
        for line in case.lines
    ]


def join_members(session: Session, *, kept: Member, emptied: Member) -> None:
    """Let no case say twice what two accounts that become one were found with."""
    twin = aliased(FairnessLine)
    people = (kept.id, emptied.id)
    alike = and_(
        twin.case_id == FairnessLine.case_id,
        twin.post_id == FairnessLine.post_id,
        twin.id < FairnessLine.id,
    )
    same_giver = and_(FairnessLine.giver_id.in_(people), twin.giver_id.in_(people))
    same_receiver = and_(FairnessLine.member_id.in_(people), twin.member_id.in_(people))
    twice = or_(
        and_(same_giver, twin.member_id == FairnessLine.member_id),
        and_(same_receiver, twin.giver_id == FairnessLine.giver_id),
        and_(same_giver, same_receiver),
    )
    ids = session.scalars(
        select(FairnessLine.id).where(select(twin.id).where(alike, twice).exists())
    ).all()
    session.execute(delete(FairnessLine).where(FairnessLine.id.in_(ids)))
