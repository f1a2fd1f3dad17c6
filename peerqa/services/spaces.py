"""Spaces: made, found, listed for whoever may see them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from peerqa.database import insert_once, one_line, storable
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.models import Member, Organization, Space
from peerqa.models.space import Visibility
from peerqa.permissions import may, spaces_visible_to
from peerqa.services.organizations import MAX_NAME, read_name

MAX_TEMPLATE = 2000


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


def make_new_space(
    session: Session, *, organization: Organization, name: str, at: datetime
) -> Space:
    """Make a space, whatever others are called: the second of a name is "Name (2)"."""
    for wanted in _names_like(name):
        if insert_once(
            session,
            Space,
            organization_id=organization.id,
            name=wanted,
            description="",
            visibility=Visibility.ORGANIZATION.value,
            created_at=at,
        ):
            break
    return session.scalars(
        select(Space).where(Space.organization_id == organization.id, Space.name == wanted)
    ).one()


def rename_space(session: Session, *, space: Space, name: str) -> None:
    """Give the space this name, or where another has it, the name with a number."""
    for wanted in _names_like(name):
        try:
            with session.begin_nested():
                session.execute(update(Space).where(Space.id == space.id).values(name=wanted))
        except IntegrityError:
            continue
        break
    session.refresh(space, ["name"])


def tidy_name(name: str) -> str:
    """Return a name as spaces have them, shortened where it is too long."""
    name = one_line(name)
    return read_name(name if len(name) <= MAX_NAME else name[: MAX_NAME - 10].rstrip() + "…")


def _names_like(name: str) -> Iterator[str]:
    """Yield the name, and then with a number; without end."""
    name = tidy_name(name)
    yield name
    for number in count(2):
        yield name[: MAX_NAME - 8] + f" ({number})"


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


def get_kept_space(
    session: Session, member: Member, space_id: int, *, for_reading: bool = False
) -> Space:
    """Return a space that the member keeps.

    Args:
        for_reading: admins may look at what stewards do, in a space that they may see.

    Raises:
        NotFound: there is none that they may see.
        NotAllowed: they may see it, and are no steward of it.
    """
    space = get_space(session, member, space_id)
    may_read = for_reading and may(member, "administer", member.organization)
    if not may_read and not may(member, "steward", space):
        raise NotAllowed(N_("Only stewards of this space can do this."), space=space_id)
    return space


def set_rules(
    session: Session, *, space: Space, allows_anonymous: bool, template: str | None = None
) -> None:
    """Say how one asks in a space.

    Args:
        allows_anonymous: without a name, where the organization allows it.
        template: Markdown that a question begins with; None leaves it as it is.

    Raises:
        Invalid: the template is too long.
    """
    if template is not None:
        template = storable(template).replace("\r\n", "\n").strip()
        if len(template) > MAX_TEMPLATE:
            raise Invalid(
                N_("A template has at most %(most)s characters."),
                field="template",
                most=MAX_TEMPLATE,
            )
        space.template = template
    space.allows_anonymous = allows_anonymous
    session.flush()


def list_spaces(session: Session, member: Member, *, to_ask_in: bool = False) -> Sequence[Space]:
    """Return the spaces that the member may see, by name.

    Args:
        to_ask_in: without those that are archived.
    """
    query = select(Space).where(spaces_visible_to(member)).order_by(Space.name)
    if to_ask_in:
        query = query.where(Space.archived_at.is_(None))
    return session.scalars(query).all()


def refuse_archived(space: Space) -> None:
    """Refuse to write anything new.

    Raises:
        NotAllowed: the space is archived.
    """
    if space.archived_at is not None:
        raise NotAllowed(
            N_("“%(space)s” is archived: it can be read, and nothing new is written in it."),
            space=space.name,
        )
