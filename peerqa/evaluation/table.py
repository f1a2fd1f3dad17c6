"""The figures as people read them."""

from collections.abc import Iterator, Mapping
from typing import Any

from indexer.evaluation import METRICS

Figures = Mapping[str, Any]  # Any: JSON

_GATE = (
    ("precision", "shown hits that are right"),
    ("sure", "  how sure it was of these"),
    ("recall", "answered: a right hit is shown"),
    ("false_alarms", "unanswered: something is shown"),
    ("first_precision", "  first hits alone: right"),
    ("first_recall", "  first hits alone: answered"),
    ("auc", "first hit: right above wrong (AUC)"),
    ("ece", "first hit: calibration error (ECE)"),
)
_BAR = 30  # characters of a whole bar


def lines(figures: Figures) -> Iterator[str]:
    """Return the tables of an evaluated folder."""
    yield f"{'':18}" + "".join(f"{name:>23}" for name in METRICS)
    for name, values in figures["methods"].items():
        bounds = figures["intervals"][name]
        cells = (f"{values[m]:.3f} [{bounds[m][0]:.3f} {bounds[m][1]:.3f}]" for m in METRICS)
        yield f"{name:18}" + "".join(f"{cell:>23}" for cell in cells)
    gain = figures["gain_over_meaning"]
    cells = (
        "{:+.3f} [{:+.3f} {:+.3f}]".format(gain["mean"][m], *gain["intervals"][m]) for m in METRICS
    )
    yield f"{'peerqa - meaning':18}" + "".join(f"{cell:>23}" for cell in cells)
    yield ""
    yield from gate_lines(figures["gate"])
    yield ""
    if said := figures.get("feedback"):
        yield (
            f"After {said['rows']} rows of feedback on the other half, {said['confirmed']} of them "
            f"confirmed, to {said['questions']} questions: {said['verdict']}."
        )
        yield from gate_lines(said["after"])
        yield ""
    yield f"{'words typed':12}{'success@10':>12}{'hits shown':>12}{'precision':>12}"
    for count, row in figures["first_words"].items():
        precision = _figure(row["precision"])
        yield f"{count:12}{row['success@10']:>12.3f}{row['shown']:>12}{precision:>12}"
    yield ""
    yield (
        f"{figures['documents']:,} documents; {figures['queries']:,} queries "
        f"({figures['half']}), {figures['with_answer']:,} of them with an answer."
    )
    for what, count in figures["changed"].items():
        yield f"{count:,} {what}."
    if "seconds" in figures:
        yield f"{figures['seconds']} s in all."


def live_lines(figures: Figures) -> Iterator[str]:
    """Return the table of an installation's own evidence."""
    yield (
        f"{figures['organization']}: {figures['confirmed']} hits confirmed and "
        f"{figures['refused']} refused in {figures['look_ups']} look-ups."
    )
    yield from figures["notes"]
    if figures["look_ups"]:
        yield ""
        yield from gate_lines(figures["gate"])


def gate_lines(gate: Figures) -> Iterator[str]:
    """Return how the gate did, and its reliability curve."""
    yield (
        f"At the target {gate['target']:g}: {gate['shown']} hits shown, for {gate['speaking']} of "
        f"{gate['with_answer'] + gate['without_answer']} look-ups."
    )
    for key, what in _GATE:
        yield f"{what:36}{_figure(gate[key]):>8}"
    yield "said      right so  hits"
    for each in gate["curve"]:
        if each["count"]:
            bar = "#" * round(_BAR * each["right"])
            yield (f"{each['probability']:<10.3f}{each['right']:<10.3f}{each['count']:<6}{bar}")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
