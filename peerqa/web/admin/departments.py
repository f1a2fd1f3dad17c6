"""Who is in which department, out of a table that an admin sends or pastes."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.services.admin import departments
from peerqa.services.admin.departments import Report
from peerqa.web.pages import me, pages, show
from peerqa.web.resume import keeps_text


@pages.get("/admin/members/departments")
@open_to(Audience.ADMINS)
def show_departments() -> ResponseReturnValue:
    """Show how the table looks, and take it."""
    return _show()


@pages.post("/admin/members/departments")
@open_to(Audience.ADMINS)
@keeps_text(lambda: _show())
def save_departments() -> ResponseReturnValue:
    """Put members into departments, all rows or none."""
    sent = request.files.get("file")
    data = sent.stream.read() if sent and sent.filename else b""
    data = data or request.form.get("table", "").encode("utf-8", "replace")
    try:
        if not data.strip():
            raise Invalid(N_("Choose a file, or paste the table."), field="file")
        rows = departments.read_departments(data)
        with transaction() as session:
            report = departments.set_departments(session, rows, by=me(), at=utc_now())
    except Invalid as refusal:
        return _show(refusal=refusal)
    return _show(report=report)


def _show(*, report: Report | None = None, refusal: Invalid | None = None) -> ResponseReturnValue:
    return show(
        "admin/departments.html",
        status=refusal.status if refusal else 200,
        report=report,
        table="" if report else request.form.get("table", ""),
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
