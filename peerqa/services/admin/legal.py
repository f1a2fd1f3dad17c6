"""Imprint, privacy and terms: written by admins, linked at the foot of each page.

Members read those of their organization. Who is not signed in has no organization yet, and nobody
may learn which there are: so where admins open the pages to everybody, they get an address that
nobody can guess. It stands on the page of a sign-in link, and wherever the organization puts it.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa.database import hold
from peerqa.errors import N_, Invalid, NotFound
from peerqa.markup import MAX_LENGTH, render
from peerqa.models import LegalPage, Member, Organization
from peerqa.models.legal_page import LegalKind
from peerqa.secrets import new_token
from peerqa.services import audit
from peerqa.services.admin.admins import refuse_others


def save_pages(
    session: Session, texts: Mapping[str, str], *, is_public: bool, by: Member, at: datetime
) -> None:
    """Save the pages; an empty one goes.

    Args:
        texts: Markdown of each kind.
        is_public: also for who is not signed in; taken back and given again it is another address.

    Raises:
        Invalid: one is too long; its field is the kind.
    """
    refuse_others(by)
    organization = by.organization
    hold(session, organization)  # of two who save at once, one waits
    kept = read_pages(session, organization)
    for kind in LegalKind:
        body = texts.get(kind, "").replace("\x00", "").replace("\r\n", "\n").strip()
        if len(body) > MAX_LENGTH:
            raise Invalid(
                N_("Please use at most %(most)s characters."), field=kind.value, most=MAX_LENGTH
            )
        page = kept.get(kind)
        if page is not None and page.body == body:
            continue
        session.execute(
            delete(LegalPage).where(
                LegalPage.organization_id == organization.id, LegalPage.kind == kind
            )
        )
        if body:
            made = LegalPage(organization_id=organization.id, kind=kind.value, body=body)
            made.html, made.edited_at = render(body).html, at
            session.add(made)
        session.flush()
    found = read_pages(session, organization)
    organization.legal_kinds = ",".join(kind for kind in LegalKind if kind in found)
    if not is_public:
        organization.legal_token = None
    elif organization.legal_token is None:
        organization.legal_token = new_token()
    audit.record(
        session, "settings.legal", by=by, thing=organization, at=at, is_public=is_public,
        kinds=organization.legal_kinds,
    )  # fmt: skip


def read_pages(session: Session, organization: Organization) -> dict[str, LegalPage]:
    """Return the pages there are, by kind."""
    rows = session.scalars(
        select(LegalPage)
        .where(LegalPage.organization_id == organization.id)
        .execution_options(populate_existing=True)
    )
    return {page.kind: page for page in rows}


def get_page(session: Session, organization: Organization, kind: str) -> LegalPage:
    """Return a page of an organization.

    Raises:
        NotFound: it has none of this kind.
    """
    page = read_pages(session, organization).get(kind)
    if page is None:
        raise NotFound(N_("There is nothing here, or it is not open to you."))
    return page


def get_public(session: Session, token: str, kind: str) -> tuple[Organization, LegalPage]:
    """Return a page that is open to everybody, by its address.

    Raises:
        NotFound: there is none; the same for an address that never was.
    """
    found = session.execute(
        select(Organization, LegalPage)
        .join(LegalPage, LegalPage.organization_id == Organization.id)
        .where(Organization.legal_token == token, LegalPage.kind == kind)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is nothing here, or it is not open to you."))
    return found[0], found[1]
