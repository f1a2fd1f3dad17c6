"""Searches that members keep: their own list, and news of questions that match.

Which questions match is for the search to say; here it is decided who hears of them, once. Windows
of time, not ids, say what is new: an import brings old questions with new ids, and is no news.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, contains_eager

from peerqa.database import hold, one_line
from peerqa.errors import N_, Conflict, Invalid, NotFound
from peerqa.models import Member, Notification, Question, SavedSearch
from peerqa.permissions import is_author, visible_to
from peerqa.services import notifications
from peerqa.services.finding.operators import read_search
from peerqa.services.moderating.kept_out import is_active

MOST_SAVED = 20  # of one member
MOST_NAME = 80  # characters
MOST_QUERY = 1_000
REASON = "saved-search"


def save_search(
    session: Session, *, member: Member, query: str, name: str, at: datetime
) -> SavedSearch:
    """Keep a search; the same one again gets the new name.

    Args:
        name: where it is empty, the search itself.

    Raises:
        Invalid: there is nothing to search for, or the name is too long.
        Conflict: the member keeps as many as one may.
    """
    query = str(read_search(one_line(query)[:MOST_QUERY]))
    if not query:
        raise Invalid(N_("There is nothing to look for. Search first, then save it."), field="q")
    name = one_line(name) or query[:MOST_NAME]
    if len(name) > MOST_NAME:
        raise Invalid(N_("A name has at most %(most)s characters."), field="name", most=MOST_NAME)
    hold(session, member)  # two at once would both be the twentieth
    others = select(func.count()).where(
        SavedSearch.member_id == member.id, SavedSearch.query != query
    )
    if (session.scalar(others) or 0) >= MOST_SAVED:
        raise Conflict(N_("You keep %(most)s searches already. Remove one first."), most=MOST_SAVED)
    same = select(SavedSearch).where(SavedSearch.member_id == member.id, SavedSearch.query == query)
    saved = session.scalars(same).one_or_none()
    if saved is None:
        saved = SavedSearch(
            member_id=member.id, query=query, name=name, created_at=at, looked_until=at
        )
        session.add(saved)
    saved.name = name
    session.flush()
    return saved


def list_searches(session: Session, member: Member) -> Sequence[SavedSearch]:
    """Return what the member keeps, the newest first."""
    return session.scalars(
        select(SavedSearch)
        .where(SavedSearch.member_id == member.id)
        .order_by(SavedSearch.created_at.desc(), SavedSearch.id.desc())
    ).all()


def remove_search(session: Session, *, member: Member, search_id: int) -> None:
    """Forget one of the member's searches.

    Raises:
        NotFound: they keep none with this id.
    """
    found = session.scalars(
        select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.member_id == member.id)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no such saved search."), search=search_id)
    session.delete(found)
    session.flush()


def list_due(session: Session, *, until: datetime) -> Sequence[SavedSearch]:
    """Return the searches since whose last look somebody asked something, with their owners.

    Those of who is suspended wait, and look at all of it afterwards.
    """
    asked = select(Question.id).where(
        Question.organization_id == Member.organization_id,
        Question.created_at > SavedSearch.looked_until,
        Question.created_at <= until,
        Question.deleted_at.is_(None),
    )
    return session.scalars(
        select(SavedSearch)
        .join(SavedSearch.member)
        .where(is_active(until), asked.exists())
        .options(contains_eager(SavedSearch.member))
        .order_by(SavedSearch.id)
    ).all()


def tell_of_matches(
    session: Session,
    *,
    search_id: int,
    since: datetime,
    until: datetime,
    question_ids: Sequence[int],
    at: datetime,
) -> int:
    """Tell the owner of questions that match, once, and go on from there.

    Whoever looked at the same window before has told already; of a question that the owner wrote,
    was told of for any reason, or may not see any more, nothing is said.

    Returns:
        How many they were told of.
    """
    claimed = session.execute(
        update(SavedSearch)
        .where(SavedSearch.id == search_id, SavedSearch.looked_until == since)
        .values(looked_until=until)
        .returning(SavedSearch.member_id)
    ).scalar_one_or_none()
    if claimed is None:
        return 0
    member = session.get_one(Member, claimed)
    told = select(Notification.question_id).where(Notification.member_id == member.id)
    new = session.scalars(
        select(Question)
        .where(Question.id.in_(question_ids), visible_to(member), Question.id.not_in(told))
        .order_by(Question.id)
    ).all()
    mine = [question for question in new if is_author(member, question)]
    for question in new:
        if question not in mine:
            notifications.notify(
                session, member, reason=REASON, post=question, at=at, by=question.author
            )
    return len(new) - len(mine)
