"""Spaces: made, found, listed for whoever may see them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from peerqa.database import insert_once
from peerqa.errors import N_, NotFound
from peerqa.models import Member, Organization, Space
from peerqa.models.space import Visibility
from peerqa.permissions import may, spaces_of
from peerqa.services.organizations import read_name


def make_space(
    session: Session,
    *,
    organization: Organization,
    name: str,
    at: datetime,
    description: str = "",
    visibility: Visibility = Visibility.ORGANIZATION,
) -> Space:
    """Return the organization's space of this name, made when missing."""
    name = read_name(name)
    insert_once(
        session,
        Space,
        organization_id=organization.id,
        name=name,
        description=description,
        visibility=visibility.value,
        created_at=at,
    )
    return session.scalars(
        select(Space).where(Space.organization_id == organization.id, Space.name == name)
    ).one()


def get_space(session: Session, member: Member, space_id: int) -> Space:
    """Return a space that the member may see.

    Raises:
        NotFound: there is none.
    """
    space = session.scalars(
        select(Space).where(Space.id == space_id, Space.organization_id == member.organization_id)
    ).one_or_none()
    if space is None or not may(member, "see", space):
        raise NotFound(N_("There is no such space."), space=space_id)
    return space


def list_spaces(session: Session, member: Member) -> Sequence[Space]:
    """Return the spaces that the member may see, by name."""
    return session.scalars(
        select(Space)
        .where(
            Space.organization_id == member.organization_id,
            or_(Space.visibility == Visibility.ORGANIZATION, Space.id.in_(spaces_of(member))),
        )
        .order_by(Space.name)
    ).all()
