"""Spaces as admins and stewards look after them: made, named, closed, archived; who is in them.

To close a space closes what was asked in it too, so only its stewards do that: an admin who is not
in it would lose sight of it. To open one again opens nothing that was asked before: colleagues
wrote it for few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from peerqa.database import hold, one_line, storable
from peerqa.errors import N_, Invalid, NotAllowed
from peerqa.models import Member, Membership, Question, Space
from peerqa.models.space import Role, Visibility
from peerqa.permissions import is_steward, may, spaces_visible_to
from peerqa.services import audit, members, spaces
from peerqa.services.admin.admins import refuse_others
from peerqa.services.organizations import read_name
from peerqa.services.upkeep.citing import hide_citing

MAX_DESCRIPTION = 500
SHOWN = 50


@dataclass(frozen=True)
class Listed:
    """One page of spaces with how many are in each, and after which the next page begins."""

    rows: Sequence[Space]
    member_counts: Mapping[int, int]
    next_id: int | None


@dataclass(frozen=True)
class Within:
    """One page of who is in a space, and after whom the next one begins."""

    rows: Sequence[tuple[Member, Membership]]
    next_id: int | None


def list_page(
    session: Session, reader: Member, *, after: int | None = None, limit: int = SHOWN
) -> Listed:
    """Return the spaces that the reader may see, by name; the archived ones last."""
    by = (Space.archived_at.is_not(None), func.lower(Space.name), Space.id)
    query = select(Space).where(spaces_visible_to(reader)).order_by(*by).limit(limit + 1)
    last = session.get(Space, after) if after is not None else None
    if after is not None and last is not None and last.organization_id == reader.organization_id:
        is_archived, name = last.archived_at is not None, func.lower(last.name)
        follows = or_(by[1] > name, (by[1] == name) & (Space.id > last.id))
        same = by[0].is_(is_archived) & follows
        query = query.where(same if is_archived else or_(same, by[0]))
    found = session.scalars(query).all()
    shown = found[:limit]
    counts = session.execute(
        select(Membership.space_id, func.count())
        .where(Membership.space_id.in_([space.id for space in shown]))
        .group_by(Membership.space_id)
    )
    next_id = shown[-1].id if len(found) > limit else None
    return Listed(shown, {space_id: count for space_id, count in counts}, next_id)


def list_within(
    session: Session, space: Space, *, after: int | None = None, limit: int = SHOWN
) -> Within:
    """Return who is in a space, by name."""
    by_name = func.lower(Member.name)
    query = (
        select(Member, Membership)
        .join(Membership, Membership.member_id == Member.id)
        .where(Membership.space_id == space.id, Member.inactive_at.is_(None))
        .options(joinedload(Member.department))
        .order_by(by_name, Member.id)
        .limit(limit + 1)
    )
    if after is not None:
        last = (
            select(by_name)
            .join(Membership, Membership.member_id == Member.id)
            .where(Member.id == after, Membership.space_id == space.id)
            .scalar_subquery()
        )
        query = query.where(or_(by_name > last, (by_name == last) & (Member.id > after)))
    found = [(member, membership) for member, membership in session.execute(query)]
    shown = found[:limit]
    return Within(shown, shown[-1][0].id if len(found) > limit else None)


def get_cared_space(session: Session, member: Member, space_id: int) -> Space:
    """Return a space of which the member may say who is in it, and what it is called.

    Raises:
        NotFound: there is none that they may see.
        NotAllowed: they may see it, and are neither steward nor admin.
    """
    space = spaces.get_space(session, member, space_id)
    if not may(member, "admit", space):
        raise NotAllowed(N_("Only stewards of this space and admins can do this."), space=space_id)
    return space


def make_team_space(
    session: Session,
    *,
    name: str,
    description: str,
    visibility: Visibility,
    by: Member,
    at: datetime,
) -> Space:
    """Make a space that is no course; who makes it keeps it.

    Raises:
        NotAllowed: only admins do this.
        Invalid: the name is taken or cannot be used, or the description is too long.
    """
    refuse_others(by)
    name, description = read_name(name), read_description(description)
    _refuse_taken(session, by, name)
    # what a closed space is called is nobody's business: another of its name gets a number
    space = spaces.make_new_space(session, organization=by.organization, name=name, at=at)
    space.description, space.visibility = description, visibility.value
    members.join_space(session, member=by, space=space, role=Role.STEWARD)
    audit.record(session, "space.made", by=by, thing=space, at=at, visibility=visibility.value)
    return space


def change_space(
    session: Session,
    *,
    space: Space,
    name: str,
    description: str,
    visibility: Visibility,
    by: Member,
    at: datetime,
) -> None:
    """Change what a space is called, what it is for, and who sees it.

    Raises:
        NotAllowed: only its stewards and admins do this, and only its stewards close it.
        Invalid: the name is taken or cannot be used, or the description is too long.
    """
    get_cared_space(session, by, space.id)
    name, description = read_name(name), read_description(description)
    hold(session, space)  # a guide that is made from its threads at this moment waits, or is seen
    if name != space.name:
        _refuse_taken(session, by, name)
        spaces.rename_space(session, space=space, name=name)
    closes = visibility == Visibility.SPACE and space.visibility != Visibility.SPACE
    if closes:
        _close(session, space, by, at=at)
    space.description, space.visibility = description, visibility.value
    audit.record(session, "space.changed", by=by, thing=space, at=at, visibility=visibility.value)


def archive(session: Session, *, space: Space, wanted: bool, by: Member, at: datetime) -> None:
    """Let nothing new be written in a space, or again. Harmless twice.

    Raises:
        NotAllowed: only its stewards and admins do this.
    """
    get_cared_space(session, by, space.id)
    hold(session, space)
    if (space.archived_at is not None) == wanted:
        return
    space.archived_at = at if wanted else None
    audit.record(
        session, "space.archived" if wanted else "space.reopened", by=by, thing=space, at=at
    )


def read_description(text: str) -> str:
    """Return what a space is for, on one line.

    Raises:
        Invalid: it is too long.
    """
    text = one_line(storable(text))
    if len(text) > MAX_DESCRIPTION:
        raise Invalid(
            N_("A description has at most %(most)s characters."),
            field="description",
            most=MAX_DESCRIPTION,
        )
    return text


def _close(session: Session, space: Space, by: Member, *, at: datetime) -> None:
    if not is_steward(by, space.id):
        raise NotAllowed(
            N_("Only a steward of “%(space)s” can close it: you would not see it any more."),
            space=space.name,
        )
    session.execute(
        update(Question.__table__)  # type: ignore[arg-type]  # the columns of a question alone
        .where(Question.__table__.c.space_id == space.id)
        .values(visibility=Visibility.SPACE.value)
    )
    hide_citing(session, space, by=by, at=at)


def _refuse_taken(session: Session, by: Member, name: str) -> None:
    taken = select(Space.id).where(spaces_visible_to(by), Space.name == name)
    if session.scalar(taken.limit(1)) is not None:
        raise Invalid(N_("There is a space of this name already."), field="name")
