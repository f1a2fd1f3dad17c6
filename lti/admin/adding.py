"""Adding an LMS: what is pasted there, an invitation with which it registers itself, a form."""

from collections.abc import Mapping

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from lti.connecting import invitations, registration
from lti.connecting.guides import FIELDS, GUIDES, find_guide, values_of
from lti.connecting.tool import Tool
from lti.models.platform import DeploymentState
from lti.pages import lti
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.errors import Conflict, Invalid
from peerqa.gate import Audience, open_to, settings
from peerqa.services import audit


@lti.get("/admin/lms/add")
@open_to(Audience.ADMINS)
def choose_lms() -> ResponseReturnValue:
    """Show what to do in one kind of LMS."""
    return _show(request.args)


@lti.post("/admin/lms/invitations")
@open_to(Audience.ADMINS)
def invite_lms() -> ResponseReturnValue:
    """Make a registration address, and show it this once."""
    with transaction() as session:
        token = invitations.make_invitation(session, g.member.organization, utc_now())
        audit.record(session, "lms.invited", by=g.member, at=utc_now())
    address = invitations.invitation_address(settings().address, token)
    return _show(request.form, address=address)


@lti.post("/admin/lms/invitations/<id:invitation_id>/withdraw")
@open_to(Audience.ADMINS)
def withdraw_invitation(invitation_id: int) -> ResponseReturnValue:
    """End a registration address that nobody needs any more."""
    with transaction() as session:
        invitations.withdraw(session, g.member.organization_id, invitation_id, utc_now())
    return redirect(url_for("lti.list_lms", said="edited"), 303)


@lti.post("/admin/lms/platforms")
@open_to(Audience.ADMINS)
def add_lms() -> ResponseReturnValue:
    """Register an LMS by hand; its deployment is approved, since the same admin names it."""
    form, now = request.form, utc_now()
    guide = find_guide(form.get("lms"))
    try:
        with transaction() as session:
            made = registration.register_platform(
                session,
                organization=g.member.organization,
                issuer=form.get("issuer", ""),
                client_id=form.get("client_id", ""),
                authorization_url=form.get("authorization_url", ""),
                token_url=form.get("token_url", ""),
                token_audience=form.get("token_audience"),
                keys_url=form.get("keys_url", ""),
                name=form.get("name", ""),
                product=guide.key if guide.key != "other" else "",
                trusts_administrators="trusts_administrators" in form,
                https_only=not settings().demo,
                at=now,
            )
            audit.record(session, "lms.registered", by=g.member, thing=made, at=now)
            if form.get("deployment_id", "").strip():
                registration.add_deployment(
                    session, platform=made, deployment_id=form["deployment_id"], at=now,
                    state=DeploymentState.APPROVED,
                )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _show(form, refusal=refusal)
    address = url_for("lti.show_platform", platform_id=made.id, said="edited")
    return redirect(address, 303)


def _show(
    said: Mapping[str, str], *, address: str = "", refusal: Invalid | Conflict | None = None
) -> ResponseReturnValue:
    guide = find_guide(said.get("lms"))
    page = render_template(
        "lti/add.html",
        guide=guide,
        guides=GUIDES,
        values=values_of(guide, Tool(settings().address)),
        is_public=settings().address.startswith("https://"),
        address=address,
        days=invitations.INVITATION_DAYS,
        fields=FIELDS,
        filled={**guide.fills, **said} if refusal else guide.fills,
        field=getattr(refusal, "field", None) if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
    return page, refusal.status if refusal else 200
