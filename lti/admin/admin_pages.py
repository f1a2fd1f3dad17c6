"""Admins' view of their LMSs: what is connected, what waits for approval, and the launch log."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import or_, select
from werkzeug.utils import redirect

from lti.connecting import invitations, registration
from lti.launching.launch_log import LET_IN
from lti.launching.refusals import find_remedy
from lti.models import LaunchRecord, Platform
from lti.pages import lti
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.models import Member
from peerqa.paging import read_id
from peerqa.services import audit, organizations

SHOWN_LAUNCHES = 50


@dataclass(frozen=True)
class Launch:
    """A row of the log, with who it was and what to change, in the reader's language."""

    row: LaunchRecord
    platform: str | None
    member: str | None
    sentence: str
    remedy: str

    @property
    def is_accepted(self) -> bool:
        """Whether the person came in."""
        return self.row.code in LET_IN


@lti.get("/admin/lms/")
@open_to(Audience.ADMINS)
def list_lms() -> ResponseReturnValue:
    """Show what is connected, and first what waits."""
    session, organization_id = db.session(), g.member.organization_id
    return render_template(
        "lti/list.html",
        platforms=registration.list_platforms(session, organization_id),
        deployments=registration.list_deployments(session, organization_id),
        invitations=invitations.list_open(session, organization_id, utc_now()),
    )


@lti.post("/admin/lms/deployments/<id:deployment_id>")
@open_to(Audience.ADMINS)
def decide_deployment(deployment_id: int) -> ResponseReturnValue:
    """Approve or refuse a deployment; harmless twice."""
    decision = request.form.get("decision")
    with transaction() as session:
        row = registration.get_deployment(session, g.member.organization_id, deployment_id)
        if decision == "approve":
            registration.approve(session, row, utc_now())
            audit.record(session, "lms.approved", by=g.member, thing=row, at=utc_now())
        elif decision == "refuse":
            registration.refuse(session, row, utc_now())
            audit.record(session, "lms.refused", by=g.member, thing=row, at=utc_now())
        else:
            raise Invalid(N_("Choose whether to approve or to refuse it."), field="decision")
    return redirect(url_for("lti.list_lms", said="edited"), 303)


@lti.get("/admin/lms/launches")
@open_to(Audience.ADMINS)
def list_launches() -> ResponseReturnValue:
    """Show the last launches: who, where, verdict, and what to change."""
    only_refused = request.args.get("show") == "refused"
    rows = _read_launches(
        g.member.organization_id,
        only_refused=only_refused,
        before=read_id(request.args.get("before")),
    )
    return render_template(
        "lti/launches.html",
        launches=rows[:SHOWN_LAUNCHES],
        next_id=rows[SHOWN_LAUNCHES - 1].row.id if len(rows) > SHOWN_LAUNCHES else None,
        only_refused=only_refused,
    )


def _read_launches(
    organization_id: int, *, only_refused: bool, before: int | None
) -> Sequence[Launch]:
    theirs = LaunchRecord.organization_id == organization_id
    if len(organizations.list_organizations(db.session())) == 1:
        # An LMS that PeerQA does not know is nobody's; here it can only have meant this one.
        theirs = or_(theirs, LaunchRecord.organization_id.is_(None))
    query = (
        select(LaunchRecord, Platform.name, Member.name)
        .outerjoin(Platform, Platform.id == LaunchRecord.platform_id)
        .outerjoin(Member, Member.id == LaunchRecord.member_id)
        .where(theirs)
        .order_by(LaunchRecord.id.desc())
        .limit(SHOWN_LAUNCHES + 1)
    )
    if only_refused:
        query = query.where(LaunchRecord.code.not_in(LET_IN))
    if before is not None:
        query = query.where(LaunchRecord.id < before)
    return [
        Launch(row, platform, member, _translate(row), _find_remedy(row))
        for row, platform, member in db.session().execute(query)
    ]


def _find_remedy(row: LaunchRecord) -> str:
    remedy = find_remedy(row.code)
    return gettext(remedy) if remedy else ""  # of "" a catalogue returns its header


def _translate(row: LaunchRecord) -> str:
    """Return the sentence of a refusal; one that does not fit its values is shown as it is."""
    if not row.sentence:
        return ""
    try:
        return str(gettext(row.sentence, **row.context))
    except (KeyError, ValueError, TypeError):
        return row.sentence
