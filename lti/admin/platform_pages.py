"""One LMS: its values, what PeerQA makes of it, its deployments, and a self-test."""

from collections.abc import Sequence

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from lti.admin import self_test
from lti.admin.self_test import Line
from lti.connecting import registration
from lti.connecting.tool import Tool
from lti.models import Platform
from lti.models.platform import DeploymentState
from lti.pages import lti
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Invalid
from peerqa.gate import Audience, open_to, outgoing, settings
from peerqa.services import audit


@lti.get("/admin/lms/platforms/<id:platform_id>")
@open_to(Audience.ADMINS)
def show_platform(platform_id: int) -> ResponseReturnValue:
    """Show a registration."""
    return _show(_get(platform_id))


@lti.post("/admin/lms/platforms/<id:platform_id>")
@open_to(Audience.ADMINS)
def save_platform(platform_id: int) -> ResponseReturnValue:
    """Change its name, whether its administrators are trusted, and where the department is."""
    form = request.form
    try:
        with transaction() as session:
            platform = registration.get_platform(session, g.member.organization_id, platform_id)
            registration.change_platform(
                session,
                platform,
                name=form.get("name", ""),
                trusts_administrators="trusts_administrators" in form,
                department_parameter=form.get("department_parameter"),
            )
            audit.record(
                session, "lms.changed", by=g.member, thing=platform, at=utc_now(),
                trusts_administrators=platform.trusts_administrators,
            )  # fmt: skip
    except Invalid as refusal:
        return _show(_get(platform_id), refusal=refusal)
    return _see(platform_id)


@lti.post("/admin/lms/platforms/<id:platform_id>/switch")
@open_to(Audience.ADMINS)
def switch_platform(platform_id: int) -> ResponseReturnValue:
    """Switch it off or on; harmless twice."""
    with transaction() as session:
        platform = registration.get_platform(session, g.member.organization_id, platform_id)
        is_wanted = request.form.get("wanted") == "1"
        if is_wanted:
            registration.enable(session, platform)
        else:
            registration.disable(session, platform, utc_now())
        audit.record(
            session, "lms.switched", by=g.member, thing=platform, at=utc_now(), on=is_wanted
        )
    return _see(platform_id)


@lti.post("/admin/lms/platforms/<id:platform_id>/deployments")
@open_to(Audience.ADMINS)
def name_deployment(platform_id: int) -> ResponseReturnValue:
    """Approve a deployment before anybody came from it."""
    now = utc_now()
    try:
        with transaction() as session:
            row = registration.add_deployment(
                session,
                platform=registration.get_platform(session, g.member.organization_id, platform_id),
                deployment_id=request.form.get("deployment_id", ""),
                at=now,
                state=DeploymentState.APPROVED,
            )
            audit.record(session, "lms.approved", by=g.member, thing=row, at=now)
    except Invalid as refusal:
        return _show(_get(platform_id), refusal=refusal)
    return _see(platform_id)


@lti.post("/admin/lms/platforms/<id:platform_id>/test")
@open_to(Audience.ADMINS)
def test_platform(platform_id: int) -> ResponseReturnValue:
    """Ask the LMS for its keys and for an access token, and say how that went."""
    lines = self_test.run(_get(platform_id), settings(), outgoing(), at=utc_now())
    return _show(_get(platform_id), lines=lines)


def _get(platform_id: int) -> Platform:
    return registration.get_platform(db.session(), g.member.organization_id, platform_id)


def _see(platform_id: int) -> ResponseReturnValue:
    return redirect(url_for("lti.show_platform", platform_id=platform_id, said="edited"), 303)


def _show(
    platform: Platform, *, refusal: Invalid | None = None, lines: Sequence[Line] = ()
) -> ResponseReturnValue:
    rows = registration.list_deployments_of(db.session(), platform)
    mine = [row for row in rows if row.organization_id == g.member.organization_id]
    page = render_template(
        "lti/platform.html",
        platform=platform,
        deployments=mine,
        elsewhere_count=len(rows) - len(mine),
        tool=Tool(settings().address),
        lines=[
            (
                line,
                gettext(line.said, **(line.context or {})),
                gettext(line.remedy) if line.remedy else "",  # of "" a catalogue returns its header
            )
            for line in lines
        ],
        filled=request.form if refusal else None,
        field=refusal.field if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
    return page, refusal.status if refusal else 200
