"""Members: made, found, put into spaces."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peerqa.database import insert_once, one_line
from peerqa.errors import N_, Conflict, Invalid, NotFound
from peerqa.models import Department, Member, Membership, Organization, Space
from peerqa.models.department import DepartmentSource
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


def list_admins(session: Session, organization_id: int, *, limit: int = 5) -> Sequence[Member]:
    """Return who looks after an organization, the longest there first."""
    return session.scalars(
        select(Member)
        .where(
            Member.organization_id == organization_id,
            Member.is_admin.is_(True),
            Member.inactive_at.is_(None),
        )
        .order_by(Member.id)
        .limit(limit)
    ).all()


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


def reopen(session: Session, *, member: Member) -> None:
    """Let a member who was closed come back. Harmless twice."""
    member.inactive_at = None
    session.flush()


def set_department(
    session: Session,
    *,
    member: Member,
    name: str,
    source: DepartmentSource = DepartmentSource.ADMIN,
) -> Department:
    """Put the member into a department, made when missing.

    Raises:
        Conflict: somebody decides who comes before this source.
    """
    refuse_department(member, source)
    name = read_name(name)
    insert_once(session, Department, organization_id=member.organization_id, name=name)
    department = session.scalars(
        select(Department).where(
            Department.organization_id == member.organization_id, Department.name == name
        )
    ).one()
    member.department, member.department_source = department, source.value
    session.flush()
    return department


def leave_department(
    session: Session, *, member: Member, source: DepartmentSource = DepartmentSource.ADMIN
) -> None:
    """Let the member be in no department; whoever comes next may say another.

    Raises:
        Conflict: as set_department().
    """
    refuse_department(member, source)
    member.department = member.department_source = None
    session.flush()


def decides_department(member: Member, source: DepartmentSource) -> bool:
    """Whether this source may say in which department the member is."""
    order = list(DepartmentSource)
    said_by = member.department_source
    return said_by is None or order.index(source) <= order.index(DepartmentSource(said_by))


def refuse_department(member: Member, source: DepartmentSource) -> None:
    """Refuse a source that does not decide.

    Raises:
        Conflict: with a sentence that says who does.
    """
    if decides_department(member, source):
        return
    if member.department_source == DepartmentSource.LMS:
        raise Conflict(N_("The LMS says in which department somebody is. Change it there."))
    raise Conflict(N_("Your admins say in which department you are. Ask them to change it."))


def update_profile(
    session: Session, *, member: Member, about: str, department: str | None = None
) -> None:
    """Change what the member says of themself.

    Args:
        department: their own choice; None leaves it as it is, and so does what they are in.

    Raises:
        Invalid: something is too long.
        Conflict: the LMS or an admin says in which department they are.
    """
    if len(about) > 2000:
        raise Invalid(N_("Please use at most 2,000 characters about yourself."), field="about")
    member.about = about.strip()
    session.flush()
    is_in = member.department.name if member.department else ""
    if department is None or one_line(department) == is_in:
        return
    if one_line(department):
        set_department(session, member=member, name=department, source=DepartmentSource.SELF)
    else:
        leave_department(session, member=member, source=DepartmentSource.SELF)


def read_email(email: str) -> str:
    """Return the address in lower case.

    Raises:
        Invalid: it is not an address.
    """
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise Invalid(N_("This does not look like an e-mail address."), field="email")
    return address
