"""The list of members that admins see: searched, filtered, some at a time.

A closed space is closed to admins too: neither its name nor who keeps it is told here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from peerqa.database import one_line
from peerqa.models import Department, Member, Membership, Space
from peerqa.models.space import Role
from peerqa.permissions import spaces_visible_to

SHOWN = 50  # members on a page


class Which(StrEnum):
    """Which members are listed."""

    HERE = "here"
    ADMINS = "admins"
    STEWARDS = "stewards"
    IMPORTED = "imported"  # placeholders
    GONE = "gone"


@dataclass(frozen=True)
class Person:
    """A row of the list."""

    member: Member
    keeps_count: int  # spaces, of those that the reader may see


@dataclass(frozen=True)
class People:
    """One page, and after whom the next one begins."""

    rows: Sequence[Person]
    next_id: int | None


def list_people(
    session: Session,
    reader: Member,
    *,
    typed: str = "",
    which: Which = Which.HERE,
    after: int | None = None,
    limit: int = SHOWN,
) -> People:
    """Return the members of the reader's organization, by name.

    Args:
        typed: a part of the name, the address or the department.
        after: the member that the page before ended with.
    """
    by_name = func.lower(Member.name)
    query = (
        select(Member)
        .where(Member.organization_id == reader.organization_id, _is(which, reader))
        .options(joinedload(Member.department))
        .order_by(by_name, Member.id)
        .limit(limit + 1)
    )
    if wanted := one_line(typed)[:100]:
        query = query.outerjoin(Member.department).where(_holds(wanted))
    if after is not None:
        last = (
            select(by_name)
            .where(Member.id == after, Member.organization_id == reader.organization_id)
            .scalar_subquery()
        )
        query = query.where(or_(by_name > last, (by_name == last) & (Member.id > after)))
    found = session.scalars(query).all()
    shown = found[:limit]
    keeps = _count_kept(session, reader, [member.id for member in shown])
    rows = [Person(member, keeps.get(member.id, 0)) for member in shown]
    return People(rows, shown[-1].id if len(found) > limit else None)


def list_spaces_of(session: Session, reader: Member, member: Member) -> Sequence[Membership]:
    """Return in which spaces the member is, of those that the reader may see; by name."""
    return session.scalars(
        select(Membership)
        .join(Membership.space)
        .where(Membership.member_id == member.id, spaces_visible_to(reader))
        .options(joinedload(Membership.space))
        .order_by(Space.name)
    ).all()


def _is(which: Which, reader: Member) -> ColumnElement[bool]:
    here = Member.inactive_at.is_(None) & Member.is_placeholder.is_(False)
    keeps = (
        select(Membership.member_id)
        .join(Membership.space)
        .where(Membership.role == Role.STEWARD, spaces_visible_to(reader))
    )
    return {
        Which.HERE: here,
        Which.ADMINS: here & Member.is_admin.is_(True),
        Which.STEWARDS: here & Member.id.in_(keeps),
        Which.IMPORTED: Member.is_placeholder.is_(True) & Member.inactive_at.is_(None),
        Which.GONE: Member.inactive_at.is_not(None),
    }[which]


def _holds(typed: str) -> ColumnElement[bool]:
    """Whether a part of it was typed; SQLite's LIKE knows only the small letters of English."""
    spelled = {typed, typed.lower(), typed.upper(), typed.title()}
    patterns = ["%" + re.sub(r"([\\%_])", r"\\\1", each) + "%" for each in sorted(spelled)]
    columns = (Member.name, Member.email, Department.name)
    return or_(*(column.ilike(each, escape="\\") for column in columns for each in patterns))


def _count_kept(session: Session, reader: Member, member_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Membership.member_id, func.count())
        .join(Membership.space)
        .where(
            Membership.member_id.in_(member_ids),
            Membership.role == Role.STEWARD,
            spaces_visible_to(reader),
        )
        .group_by(Membership.member_id)
    )
    return {member_id: count for member_id, count in rows}
