"""What a check found not to be fair: to whom it is about, who may appeal, and to admins."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.services.recognition import appeals
from peerqa.services.recognition.fairness import Pattern
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text

PATTERNS = {
    Pattern.BURST.value: N_(
        "Many times “helped me too” within minutes, for one person, where somebody who reads would "
        "have met others as well."
    ),
    Pattern.RING.value: N_(
        "A few colleagues said “helped me too” to each other far more often than what there was to "
        "read explains."
    ),
}


@pages.get("/fairness/<id:case_id>")
@open_to(Audience.MEMBERS)
def show_fairness(case_id: int) -> ResponseReturnValue:
    """Show a case."""
    return _show(case_id)


@pages.post("/fairness/<id:case_id>/appeal")
@open_to(Audience.MEMBERS)
@keeps_text(lambda case_id: _show(case_id))
def appeal_fairness(case_id: int) -> ResponseReturnValue:
    """Say why it is wrong."""
    try:
        with transaction() as session:
            read = appeals.read_case(session, me(), case_id)
            text = request.form.get("text", "")
            appeals.appeal(session, read.case, by=me(), text=text, at=utc_now())
    except Invalid as refusal:
        return _show(case_id, refusal)
    return see("show_fairness", case_id=case_id, said="appealed")


@pages.post("/fairness/<id:case_id>/decision")
@open_to(Audience.ADMINS)
@keeps_text(lambda case_id: _show(case_id))
def decide_fairness(case_id: int) -> ResponseReturnValue:
    """Let a case stand, or give back what it took."""
    try:
        with transaction() as session:
            read = appeals.read_case(session, me(), case_id)
            appeals.decide(
                session, read.case, by=me(), is_upheld=request.form.get("act") != "overturn",
                why=request.form.get("text", ""), at=utc_now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _show(case_id, refusal)
    return see("list_fairness", said="fairness-decided")


@pages.get("/admin/fairness")
@open_to(Audience.ADMINS)
def list_fairness() -> ResponseReturnValue:
    """Show what was found, appeals first."""
    cases = appeals.list_cases(db.session(), me())
    return show("recognition/fairness_list.html", cases=cases, patterns=PATTERNS)


def _show(case_id: int, refusal: Invalid | None = None) -> ResponseReturnValue:
    read = appeals.read_case(db.session(), me(), case_id)
    return show(
        "recognition/fairness.html",
        status=refusal.status if refusal else 200,
        read=read,
        case=read.case,
        patterns=PATTERNS,
        text=request.form.get("text", "")[:2000],
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
