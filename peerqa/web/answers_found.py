"""For admins: how well PeerQA judges whether an earlier answer answers, and what decides it.

The curve is drawn as SVG without styles of its own, and stands in a table beside it as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to, settings
from peerqa.models import FittedGate, Organization
from peerqa.search import gate_measures, gates
from peerqa.search.gate_measures import CurvePoint, Measures, Share
from peerqa.search.languages import Languages, is_multilingual, languages_of
from peerqa.services import insight, organizations
from peerqa.services.recalibration import ask_to_recalibrate, is_waiting
from peerqa.web.pages import me, pages, see, show
from peerqa.web.similar import engine

DAYS = 30  # that what was solved is told of
FEW = 20  # hits below which an interval says more than the share
SIZE, MARGIN = 200, 34  # of the chart, in its own units

VERDICTS = {
    "own": N_("Your colleagues' feedback decides."),
    "duplicates": N_(
        "What was learned from questions that were marked as duplicates decides. Nobody has said "
        "yet whether an answer that was shown solved it."
    ),
    "too-few": N_(
        "A careful prior decides, measured on other collections. There is not enough feedback yet: "
        "it takes at least five hits that solved it and five that did not, from several people. "
        "Until then PeerQA shows what the prior is sure of, and stays silent otherwise."
    ),
    "no-better": N_(
        "A careful prior decides. Your feedback was learned from, but on questions that were held "
        "back it did not foretell better than the prior."
    ),
    "less-precise": N_(
        "A careful prior decides. By what was learned from your feedback, more of what is shown "
        "would have been wrong."
    ),
    "absurd": N_(
        "A careful prior decides. What was learned from your feedback contradicts itself, and is "
        "not used."
    ),
    "damaged": N_(
        "A careful prior decides: what was learned is damaged. It is learned anew tonight, or now."
    ),
    "none": N_(
        "A careful prior decides, measured on other collections. Nothing was learned here yet: "
        "PeerQA looks at the feedback every night."
    ),
}


@dataclass(frozen=True)
class Dot:
    """A point of the curve, in the chart's units."""

    x: float
    y: float
    top: float
    bottom: float


@pages.get("/admin/answers-found")
@open_to(Audience.ADMINS)
def show_answers_found() -> ResponseReturnValue:
    """Show what decides, what was measured, and the target."""
    return _show()


@pages.post("/admin/answers-found/target")
@open_to(Audience.ADMINS)
def save_target() -> ResponseReturnValue:
    """Change the precision target; it holds from the next look-up on."""
    text = request.form.get("target", "")
    try:
        with transaction() as session:
            organization = me().organization
            organizations.set_precision_target(
                session,
                organization=organization,
                target=_read_percent(text),
                by=me(),
                at=utc_now(),
            )
            ask_to_recalibrate(session, organization=organization, at=utc_now())
    except Invalid as refusal:
        sentence = gettext(refusal.sentence, **refusal.context)
        return _show(status=refusal.status, error=sentence, typed=text)
    return see("show_answers_found", said="target-saved")


@pages.post("/admin/answers-found/recalibrate")
@open_to(Audience.ADMINS)
def recalibrate() -> ResponseReturnValue:
    """Ask the worker to learn from the feedback now; harmless twice."""
    with transaction() as session:
        ask_to_recalibrate(session, organization=me().organization, at=utc_now())
    return see("show_answers_found", said="recalibrating")


def _show(*, status: int = 200, error: str = "", typed: str | None = None) -> ResponseReturnValue:
    session, organization = db.session(), me().organization
    row = _find_row(organization)
    measures = gate_measures.read(row.measured) if row else None
    return show(
        "admin/answers_found.html",
        status=status,
        row=row,
        solved=insight.count_solved(session, by=me(), days=DAYS, at=utc_now()),
        days=DAYS,
        definition=insight.DEFINITION,
        verdict=VERDICTS[_verdict_of(row)],
        measures=measures,
        shares=_shares_of(measures) if measures else [],
        dots=_draw(measures.curve) if measures else [],
        few=FEW,
        size=SIZE,
        margin=MARGIN,
        target=typed if typed is not None else f"{100 * organization.precision_target:g}",
        bounds=(organizations.LEAST_TARGET, organizations.MOST_TARGET),
        error=error,
        is_waiting=is_waiting(session, organization),
        languages=_foreign(organization),
    )


def _foreign(organization: Organization) -> Languages | None:
    """Return how many posts are in a language that the model is not made for, when too many."""
    encoder = engine().encoders.find()
    model = encoder.model if encoder else settings().model
    found = None if is_multilingual(model) else languages_of(db.session(), organization)
    return found if found and found.are_many else None


def _find_row(organization: Organization) -> FittedGate | None:
    """Return what was learned for the model that serves; while that is opened, what is newest."""
    encoder = engine().encoders.find()
    if encoder is not None:
        return gates.find_row(db.session(), organization, encoder.model)
    return next(iter(gates.list_rows(db.session(), organization)), None)


def _verdict_of(row: FittedGate | None) -> str:
    if row is None:
        return "none"
    if gates.is_damaged(row) or row.verdict not in VERDICTS:
        return "damaged"
    nobody_said_anything = not row.confirmed_count + row.refused_count
    return "duplicates" if row.verdict == "own" and nobody_said_anything else row.verdict


def _draw(curve: Sequence[CurvePoint]) -> list[Dot]:
    def up(share: float) -> float:
        return round(SIZE - SIZE * share, 1)

    return [
        Dot(
            round(SIZE * each.mean, 1),
            up(each.answered.count / each.answered.of),
            up(each.answered.high),
            up(each.answered.low),
        )
        for each in curve
    ]


def _read_percent(text: str) -> float:
    """Read a percentage as people write it: 80, 82.5 or 82,5 %.

    Raises:
        Invalid: it is no number.
    """
    try:
        return float(text.replace("%", "").strip().replace(",", ".")) / 100
    except ValueError:
        raise Invalid(N_("Please give a number, such as 80."), field="target") from None


def _shares_of(measures: Measures) -> Sequence[tuple[str, str, Share | None]]:
    """Return name, explanation and figure of each share, untranslated."""
    return (
        (
            N_("Precision of what was shown"),
            N_("Of the answers that were shown and judged, those that solved it."),
            measures.precision,
        ),
        (
            N_("Recall"),
            N_("Of the questions marked as duplicates, those whose original would be shown."),
            measures.recall,
        ),
        (
            N_("False alarms"),
            N_("Of the same questions, had nobody asked before, those with something shown."),
            measures.false_alarms,
        ),
    )
