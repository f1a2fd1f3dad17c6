"""What is known of how well the gate judges, as it is stored and shown: counts and curves alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from indexer.calibration import bar
from indexer.evaluation import expected_calibration_error, reliability
from indexer.feedback import Judgement
from indexer.reliability import wilson
from peerqa.search.evidence import Evidence, Rehearsal


@dataclass(frozen=True)
class Share:
    """A share of so many, with its 95 % interval."""

    count: int
    of: int
    low: float
    high: float


@dataclass(frozen=True)
class CurvePoint:
    """Hits of about the same probability, and how many of them answered."""

    low: float
    high: float
    mean: float
    answered: Share


@dataclass(frozen=True)
class Measures:
    """How well the gate in force judges what it was not fitted on.

    Attributes:
        precision: of the hits that claimed to answer and were judged, those that answered.
        recall: of the titles that ask again, those whose original would be shown.
        false_alarms: of the same titles, as if nobody had asked before, those for which
            something would be shown.
        error: expected calibration error over the curve.
    """

    target: float
    curve: Sequence[CurvePoint]
    precision: Share | None
    recall: Share | None
    false_alarms: Share | None
    error: float | None

    def as_json(self) -> dict[str, object]:
        """Return it as it is stored; `read` takes it back."""
        return asdict(self)


def measure(
    evidence: Evidence,
    rehearsals: Sequence[Rehearsal],
    foretold: Sequence[float],
    *,
    target: float,
) -> Measures:
    """Measure by probabilities of the gate in force.

    Args:
        evidence: what colleagues said, and the duplicate links.
        rehearsals: of the links that could be looked up.
        foretold: of the feedback, then of each rehearsal's hits, asked before and never asked.
        target: the organization's precision target.
    """
    labels = [each.answered for each in evidence.feedback]
    claims = [each for each, claimed in zip(labels, evidence.claims, strict=True) if claimed]
    recalled = alarmed = 0
    position = len(evidence.feedback)
    for each in rehearsals:
        labels += [hit.answered for hit in (*each.asked_before, *each.never_asked)]
        recalled += _is_any_shown(each.asked_before, foretold[position:], target, right=True)
        position += len(each.asked_before)
        alarmed += _is_any_shown(each.never_asked, foretold[position:], target, right=False)
        position += len(each.never_asked)
    curve = reliability(foretold, labels)
    return Measures(
        target,
        [
            CurvePoint(
                each.low,
                each.high,
                each.probability,
                _sure(round(each.right * each.count), each.count),
            )
            for each in curve
            if each.probability is not None and each.right is not None
        ],
        share(sum(claims), len(claims)),
        share(recalled, len(rehearsals)),
        share(alarmed, len(rehearsals)),
        expected_calibration_error(curve),
    )


def _is_any_shown(
    hits: Sequence[Judgement], foretold: Sequence[float], target: float, *, right: bool
) -> bool:
    return any(
        probability >= bar(target) and hit.answered is right
        for hit, probability in zip(hits, foretold, strict=False)
    )


def share(count: int, of: int) -> Share | None:
    """Return a share of a sample; None of nothing."""
    return _sure(count, of) if of else None


def _sure(count: int, of: int) -> Share:
    interval = wilson(count, of)
    assert interval is not None, "nobody asks for a share of nothing"
    return Share(count, of, interval.low, interval.high)


def read(stored: dict[str, object]) -> Measures | None:
    """Take back what was stored; None when it is not of this shape."""
    try:
        return Measures(
            float(stored["target"]),  # type: ignore[arg-type]  # JSON; refused below
            [_read_point(each) for each in stored["curve"]],  # type: ignore[attr-defined]
            _read_share(stored["precision"]),
            _read_share(stored["recall"]),
            _read_share(stored["false_alarms"]),
            None if stored["error"] is None else float(stored["error"]),  # type: ignore[arg-type]
        )
    except (KeyError, TypeError, ValueError):
        return None


def _read_point(stored: dict[str, object]) -> CurvePoint:
    answered = _read_share(stored["answered"])
    if answered is None:
        raise ValueError("a point of nothing")
    low, high, mean = (float(stored[name]) for name in ("low", "high", "mean"))  # type: ignore[arg-type]
    return CurvePoint(low, high, mean, answered)


def _read_share(stored: object) -> Share | None:
    return None if stored is None else Share(**stored)  # type: ignore[arg-type]  # JSON
