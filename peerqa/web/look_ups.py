"""Evidence of looking: shown (after a pause), opened, confirmed, refused. Only ever a POST.

The buttons stand inside the form that they belong to, so a form carries the look-up's key, what was
typed, and signed hits; the pressed button decides what is said. Evidence never blocks anything.
"""

from dataclasses import dataclass

from flask import Response, request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid, NotFound
from peerqa.gate import Audience, instance_key, open_to
from peerqa.models import Question
from peerqa.services import look_ups, questions
from peerqa.services.look_ups import LookUpSource, ShownHit
from peerqa.web.ask import show_typed
from peerqa.web.pages import is_htmx, me, pages, see, show
from peerqa.web.shown_hits import read_key, read_signed

OUTCOMES = ("confirmed", "refused", "opened")
SURFACES = {"ask", "search", "question"}
MOST_HITS = 20


@dataclass(frozen=True)
class Event:
    """What was said to which hit; to all that were shown, when nothing was said."""

    outcome: str  # shown, opened, confirmed or refused
    hits: list[ShownHit]


@pages.post("/lookups")
@open_to(Audience.MEMBERS)
def record_look_up() -> ResponseReturnValue:
    """Record one event."""
    event = _read_event()
    key = read_key(request.form.get("look_up"))
    surface = request.form.get("surface", "")
    if surface not in SURFACES:
        raise Invalid(N_("This page is too old or damaged. Reload it and try again."))
    typed = request.form.get("title") or request.form.get("q") or ""
    with transaction() as session:
        source = LookUpSource(me(), key, surface, typed.replace("\x00", ""))
        if event.outcome == "shown":
            look_ups.record_shown(
                session, source=source, hits=event.hits, key=instance_key(), at=utc_now()
            )
        else:
            look_ups.record_outcome(
                session,
                source=source,
                hit=event.hits[0],
                outcome=event.outcome,
                key=instance_key(),
                at=utc_now(),
            )
    return _reply(event, surface)


def _read_event() -> Event:
    for outcome in OUTCOMES:
        if signed := request.form.get(outcome):
            return Event(outcome, [read_signed(signed)])
    return Event("shown", [read_signed(s) for s in request.form.getlist("shown")[:MOST_HITS]])


def _reply(event: Event, surface: str) -> ResponseReturnValue:
    if event.outcome in {"shown", "opened"}:
        return Response(status=204)
    question = _find_question(event.hits[0].question_id)
    if is_htmx():
        return show(
            "look_ups/_said.html", outcome=event.outcome, question=question, surface=surface
        )
    if surface == "ask" and event.outcome == "refused":
        return show_typed(without=event.hits[0].question_id)
    if question is None:
        raise NotFound(N_("There is no such question."))
    return see("show_question", question_id=question.id, said=event.outcome)


def _find_question(question_id: int) -> Question | None:
    """Return the question of a hit, unless it went while the person was reading."""
    try:
        return questions.get_question(db.session(), me(), question_id)
    except NotFound:
        return None
