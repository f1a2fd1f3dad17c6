"""Finding out who asked anonymously: two stewards agree, and whoever asked is told."""

import structlog
from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.gate import Audience, instance_key, open_to
from peerqa.models import Question
from peerqa.permissions import may
from peerqa.services import questions
from peerqa.services.asking import anonymous
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text

log = structlog.get_logger()


@pages.get("/questions/<id:question_id>/reveal")
@open_to(Audience.MEMBERS)
def show_reveal(question_id: int) -> ResponseReturnValue:
    """Show what stewards have done to find out who asked, and what they can do."""
    return _show(_kept(question_id))


def show_typed_reason(question_id: int) -> ResponseReturnValue:
    """Show the page with the reason as it was sent."""
    return _show(_kept(question_id), typed=request.form.get("reason", ""))


@pages.post("/questions/<id:question_id>/reveal")
@open_to(Audience.MEMBERS)
@keeps_text(show_typed_reason)
def reveal(question_id: int) -> ResponseReturnValue:
    """Ask to know who asked, or agree with who did."""
    reason = request.form.get("reason", "").replace("\x00", "")
    try:
        with transaction() as session:
            question = questions.get_question(session, me(), question_id)
            row = anonymous.reveal(session, question=question, by=me(), reason=reason, at=utc_now())
            agreed_by = row.agreed_by_id
    except Invalid as refusal:
        sentence = gettext(refusal.sentence, **refusal.context)
        return _show(_kept(question_id), typed=reason, errors=[sentence], status=422)
    log.info(
        "anonymity.revealed" if agreed_by else "anonymity.reveal-asked",
        question=question_id,
        by=me().id,
    )
    said = "revealed" if agreed_by else "reveal-asked"
    return see("show_reveal", question_id=question_id, said=said)


def _kept(question_id: int) -> Question:
    """Return an anonymous question in a space that the reader keeps."""
    question = questions.get_question(db.session(), me(), question_id)
    if not may(me(), "reveal", question):
        raise NotAllowed(N_("Only stewards of this space can do this."), question=question_id)
    if not question.is_masked:
        raise NotFound(N_("There is nothing here, or it is not open to you."))
    return question


def _show(
    question: Question, *, typed: str = "", errors: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    session = db.session()
    try:
        author = anonymous.get_author(session, question=question, by=me(), key=instance_key())
    except NotFound:
        author = None
    return show(
        "asking/reveal.html",
        status=status,
        question=question,
        reveal=anonymous.find_reveal(session, question),
        author=author,
        typed=typed,
        errors=errors or [],
    )
