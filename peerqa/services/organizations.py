"""Organizations, and the name that commands know them by."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.database import insert_once, one_line
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import IndexRevision, Member, Organization
from peerqa.services import audit
from peerqa.services.moderating.audit_acts import Source

MAX_NAME = 200
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"  # letters and signs by their category, and blank
LEAST_TARGET, MOST_TARGET = 0.4, 0.99


class SeveralOrganizations(Invalid):
    """A command must be told which organization is meant."""

    code = "several-organizations"


def make_organization(
    session: Session, *, name: str, at: datetime, is_demo: bool = False
) -> Organization:
    """Return the organization of this name, made when missing."""
    name = read_name(name)
    if insert_once(
        session, Organization, name=name, created_at=at, is_demo=is_demo,
        language="en", precision_target=0.8,
    ):  # fmt: skip
        made = get_organization(session, name)
        insert_once(session, IndexRevision, organization_id=made.id, revision=0)
    return get_organization(session, name)


def get_organization(session: Session, name: str | None = None) -> Organization:
    """Return the organization of this name, or the only one there is.

    Raises:
        NotFound: there is none.
        SeveralOrganizations: no name was given and there are several.
    """
    query = select(Organization).order_by(Organization.id)
    if name is not None:
        found = session.scalars(query.where(Organization.name == name)).one_or_none()
        if found is None:
            raise NotFound(N_("There is no organization named “%(name)s”."), name=name)
        return found
    rows = session.scalars(query.limit(2)).all()
    if not rows:
        raise NotFound(N_("There is no organization yet. Make one with: peerqa admin create"))
    if len(rows) > 1:
        raise SeveralOrganizations(N_("There are several organizations: name one of them."))
    return rows[0]


def list_organizations(session: Session) -> Sequence[Organization]:
    """Return all organizations, oldest first."""
    return session.scalars(select(Organization).order_by(Organization.id)).all()


def set_precision_target(
    session: Session,
    *,
    organization: Organization,
    target: float,
    by: Member | Source,
    at: datetime,
) -> None:
    """Say which share of what is shown should answer.

    Raises:
        Invalid: it is not within the bounds; at 1 nothing would ever be shown.
    """
    if not LEAST_TARGET <= target <= MOST_TARGET:  # so is what is no number
        raise Invalid(
            N_("The target is a percentage from %(least)s to %(most)s."),
            field="target",
            least=round(100 * LEAST_TARGET),
            most=round(100 * MOST_TARGET),
        )
    before, organization.precision_target = organization.precision_target, target
    audit.record(
        session, "gate.target", by=by, thing=organization, organization=organization, at=at,
        before=before, now=target,
    )  # fmt: skip


def allow_anonymous(
    session: Session, *, organization: Organization, wanted: bool, by: Member, at: datetime
) -> None:
    """Say whether questions may be asked without a name; each space may say no for itself."""
    if organization.allows_anonymous != wanted:
        organization.allows_anonymous = wanted
        audit.record(session, "anonymity.allowed", by=by, thing=organization, at=at, allowed=wanted)


def read_name(name: str) -> str:
    """Tidy a name.

    Raises:
        Invalid: it is empty or too long.
    """
    name = one_line(name)
    if not is_visible(name) or len(name) > MAX_NAME:
        raise Invalid(N_("A name has 1 to %(most)s characters."), field="name", most=MAX_NAME)
    return name


def is_visible(name: str) -> bool:
    """Whether anything of a name can be seen: not only spaces, marks and turns of direction."""
    return any(unicodedata.category(sign)[0] not in "CMZ" for sign in name if sign not in _BLANK)
