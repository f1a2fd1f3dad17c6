"""What the reader was asked: their queue, passing, "I am on it", and asking a colleague by hand."""

from dataclasses import dataclass
from typing import cast

from flask import current_app, request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, open_to
from peerqa.models import Invitation, Question
from peerqa.permissions import is_author, is_steward
from peerqa.search.expertise import numbers_of
from peerqa.services import questions
from peerqa.services.colleagues import find_colleague
from peerqa.services.routing import invitations, ladder, reading
from peerqa.services.routing.scoring import Numbers
from peerqa.services.routing.states import PassReason, State
from peerqa.settings import Settings
from peerqa.web.pages import me, pages, see, show
from peerqa.web.routing.said import PASS_REASONS


@dataclass(frozen=True)
class Asked:
    """Who was asked about a question that waits, as far as the reader may know."""

    own: Invitation | None  # the reader's
    people: list[Invitation]  # named to who asked and to stewards; else empty
    count: int
    reasons: dict[str, str]


def numbers() -> Numbers:
    """Return what the installation has chosen."""
    return numbers_of(cast("Settings", current_app.extensions["peerqa.settings"]))


def find_asked(question: Question) -> Asked | None:
    """Return who was asked; None where nobody is waited for any more."""
    if not ladder.is_open(question):
        return None
    rows = reading.list_of(db.session(), question)
    own = next((each for each in rows if each.member_id == me().id), None)
    names_them = is_author(me(), question) or is_steward(me(), question.space_id)
    return Asked(own, list(rows) if names_them else [], len(rows), PASS_REASONS)


@pages.app_template_global()
def is_taken(invitation: Invitation) -> bool:
    """Whether somebody is on it at this moment."""
    until = invitation.taken_until
    return invitation.state == State.TAKEN and until is not None and until > utc_now()


@pages.get("/for-me")
@open_to(Audience.MEMBERS)
def show_for_me() -> ResponseReturnValue:
    """Show what the reader was asked and nobody has answered, the longest waiting first."""
    listed = reading.list_for(db.session(), me())
    return show("routing/for_me.html", listed=listed, reasons=PASS_REASONS)


@pages.post("/questions/<id:question_id>/pass")
@open_to(Audience.MEMBERS)
def pass_on(question_id: int) -> ResponseReturnValue:
    """Say that somebody else may know."""
    reason = request.form.get("reason", "")[:40]
    with transaction() as session:
        own = invitations.get_own(session, me(), question_id)
        invitations.pass_on(session, own, reason=reason, at=utc_now())
    if reason == PassReason.ELSEWHERE:
        return see("show_question", question_id=question_id, said="passed-elsewhere")
    return see("show_for_me", said="passed")


@pages.post("/questions/<id:question_id>/take")
@open_to(Audience.MEMBERS)
def take(question_id: int) -> ResponseReturnValue:
    """Say "I am on it"."""
    with transaction() as session:
        own = invitations.get_own(session, me(), question_id)
        invitations.take(session, own, at=utc_now(), numbers=numbers())
    return see("show_question", question_id=question_id, said="taken")


@pages.post("/questions/<id:question_id>/invite")
@open_to(Audience.MEMBERS)
def ask_by_hand(question_id: int) -> ResponseReturnValue:
    """Ask a colleague by hand."""
    typed = request.form.get("who", "")
    with transaction() as session:
        question = questions.get_question(session, me(), question_id)
        colleague = find_colleague(session, me(), typed, field="who")
        invitations.invite(session, question=question, member=colleague, by=me(), at=utc_now())
    return see("show_question", question_id=question_id, said="asked-by-hand")
