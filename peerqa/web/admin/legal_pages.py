"""Imprint, privacy and terms: the form of admins, and the pages themselves."""

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to, settings
from peerqa.models import LegalPage, Organization
from peerqa.models.legal_page import LegalKind
from peerqa.services.admin import legal
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text

LABELS = {
    LegalKind.IMPRINT.value: N_("Imprint"),
    LegalKind.PRIVACY.value: N_("Privacy"),
    LegalKind.TERMS.value: N_("Terms of use"),
}


@pages.app_template_global()
def legal_links(organization: Organization | None = None) -> list[tuple[str, str]]:
    """Return address and label of what stands at the foot of a page.

    Args:
        organization: of somebody who is not signed in; only what is open to everybody.
    """
    if organization is not None:
        token = organization.legal_token
        kinds = _kinds_of(organization) if token else []
        return [
            (url_for("pages.show_public_legal", token=token, kind=kind), LABELS[kind])
            for kind in kinds
        ]
    member = g.get("member")
    kinds = _kinds_of(member.organization) if member else []
    return [(url_for("pages.show_legal", kind=kind), LABELS[kind]) for kind in kinds]


@pages.get("/legal/<kind>")
@open_to(Audience.MEMBERS)
def show_legal(kind: str) -> ResponseReturnValue:
    """Show a page of the reader's organization."""
    return _read(legal.get_page(db.session(), me().organization, kind[:20]))


@pages.get("/legal/<token>/<kind>")
@open_to(Audience.EVERYONE)
def show_public_legal(token: str, kind: str) -> ResponseReturnValue:
    """Show a page to whoever has its address."""
    organization, page = legal.get_public(db.session(), token[:100], kind[:20])
    return _read(page, organization)


@pages.get("/admin/legal")
@open_to(Audience.ADMINS)
def list_legal() -> ResponseReturnValue:
    """Show the form with all of them."""
    return _show()


@pages.post("/admin/legal")
@open_to(Audience.ADMINS)
@keeps_text(lambda: _show())
def save_legal() -> ResponseReturnValue:
    """Save them."""
    texts = {kind: request.form.get(kind, "") for kind in LABELS}
    is_public = request.form.get("is_public") == "1"
    try:
        with transaction() as session:
            legal.save_pages(session, texts, is_public=is_public, by=me(), at=utc_now())
    except Invalid as refusal:
        return _show(refusal)
    return see("list_legal", said="edited")


def _kinds_of(organization: Organization) -> list[str]:
    return [kind for kind in organization.legal_kinds.split(",") if kind in LABELS]


def _read(page: LegalPage, organization: Organization | None = None) -> ResponseReturnValue:
    return show(
        "admin/legal_page.html",
        page=page,
        label=LABELS[page.kind],
        links=legal_links(organization) if organization else [],
        called=(organization or me().organization).called,
    )


def _show(refusal: Invalid | None = None) -> ResponseReturnValue:
    organization, sent = me().organization, request.method == "POST"
    kept = legal.read_pages(db.session(), organization)
    texts = {
        kind: request.form.get(kind, "") if sent else kept[kind].body if kind in kept else ""
        for kind in LABELS
    }
    is_public = request.form.get("is_public") == "1" if sent else bool(organization.legal_token)
    return show(
        "admin/legal.html",
        status=refusal.status if refusal else 200,
        labels=LABELS,
        texts=texts,
        is_public=is_public,
        addresses=[(settings().address + path, label) for path, label in legal_links(organization)],
        field=refusal.field if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
