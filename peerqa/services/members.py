"""Members: made, found, put into spaces."""

import re
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peerqa.database import insert_once
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import Department, Member, Membership, Organization, Space
from peerqa.models.space import Role
from peerqa.services.organizations import read_name

_ADDRESS_TAKEN = N_("Somebody here has this e-mail address already.")
_EMAIL = re.compile(r"[^@\s\x00-\x1f,;<>\"]{1,64}@[^@\s\x00-\x1f,;<>\"]{1,190}")


def create_member(
    session: Session,
    *,
    organization: Organization,
    name: str,
    at: datetime,
    email: str | None = None,
    is_admin: bool = False,
    is_placeholder: bool = False,
) -> Member:
    """Make a member.

    Raises:
        Invalid: the name or the e-mail address cannot be used, or the address is taken.
    """
    address = read_email(email) if email else None
    if address and find_member_by_email(session, organization, address):
        raise Invalid(_ADDRESS_TAKEN, field="email")
    member = Member(
        organization=organization,
        name=read_name(name),
        email=address,
        is_admin=is_admin,
        is_placeholder=is_placeholder,
        created_at=at,
    )
    try:
        with session.begin_nested():
            session.add(member)
    except IntegrityError:  # two at once; the constraint decides
        raise Invalid(_ADDRESS_TAKEN, field="email") from None
    return member


def get_member(session: Session, organization_id: int, member_id: int) -> Member:
    """Return a member of this organization.

    Raises:
        NotFound: there is none with this id.
    """
    member = session.scalars(
        select(Member).where(Member.id == member_id, Member.organization_id == organization_id)
    ).one_or_none()
    if member is None:
        raise NotFound(N_("There is no such person here."), member=member_id)
    return member


def find_member_by_email(session: Session, organization: Organization, email: str) -> Member | None:
    """Return the member with this address, or None."""
    return session.scalars(
        select(Member).where(
            Member.organization_id == organization.id, Member.email == email.strip().lower()
        )
    ).one_or_none()


def join_space(
    session: Session, *, member: Member, space: Space, role: Role = Role.LEARNER
) -> None:
    """Put the member into the space in this role; a second time changes the role.

    Raises:
        NotFound: the space is another organization's.
    """
    if space.organization_id != member.organization_id:
        raise NotFound(N_("There is no such space."), space=space.id)
    made = insert_once(session, Membership, member_id=member.id, space_id=space.id, role=role.value)
    session.expire(member, ["memberships"])
    if not made:
        for membership in member.memberships:
            if membership.space_id == space.id:
                membership.role = role.value
        session.flush()


def leave_space(session: Session, *, member: Member, space: Space) -> None:
    """Take the member out of the space; what they wrote stays. Harmless twice."""
    session.execute(
        delete(Membership).where(Membership.member_id == member.id, Membership.space_id == space.id)
    )
    session.expire(member, ["memberships"])


def close(session: Session, *, member: Member, at: datetime) -> None:
    """Let a member who has left do nothing any more; what they wrote stays. Harmless twice."""
    member.inactive_at = member.inactive_at or at
    session.flush()


def set_department(session: Session, *, member: Member, name: str) -> Department:
    """Put the member into a department, made when missing."""
    name = read_name(name)
    insert_once(session, Department, organization_id=member.organization_id, name=name)
    department = session.scalars(
        select(Department).where(
            Department.organization_id == member.organization_id, Department.name == name
        )
    ).one()
    member.department = department
    session.flush()
    return department


def update_profile(session: Session, *, member: Member, about: str) -> None:
    """Change what the member says of themself.

    Raises:
        Invalid: it is too long.
    """
    if len(about) > 2000:
        raise Invalid(N_("Please use at most 2,000 characters about yourself."), field="about")
    member.about = about.strip()
    session.flush()


def read_email(email: str) -> str:
    """Return the address in lower case.

    Raises:
        Invalid: it is not an address.
    """
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise Invalid(N_("This does not look like an e-mail address."), field="email")
    return address
