"""What a gate would learn here: colleagues who look things up and say what they think of the hits.

Nobody is asked. The titles of one half are looked up in turn, at random and again and again, as
people would; what the product shows for them is confirmed or refused by the labels, each time by
somebody else, and the product learns from it as it does at night. The other half tells how well the
learned gate foretells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.calibration import CONSERVATIVE_PRIOR, Gate, state
from indexer.evaluation import SHOWN, GateFigures, Judged, judge_gate
from indexer.feedback import Judgement, Learned, learn
from peerqa.evaluation.figures import gate_as_json
from peerqa.evaluation.folder import Folder, Query
from peerqa.evaluation.methods import LookedUp, Methods, typed

SEED = 20261101
MOST_LOOK_UPS = 20  # for each row of feedback: where hardly anything is shown, it ends without


@dataclass(frozen=True)
class Simulated:
    """What was said, what was learned from it, and how it then foretells the other half."""

    judged: Sequence[Judgement]
    learned: Learned
    before: GateFigures
    after: GateFigures

    def as_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {
            "rows": len(self.judged),
            "confirmed": sum(each.answered for each in self.judged),
            "questions": len({each.question for each in self.judged}),
            "verdict": self.learned.verdict,
            "before": gate_as_json(self.before),
            "after": gate_as_json(self.after),
        }


def simulate(
    methods: Methods,
    folder: Folder,
    said_to: Sequence[Query],
    measured_on: Sequence[Query],
    *,
    rows: int,
    target: float,
) -> Simulated:
    """Collect so many rows of feedback on some queries, and measure on others.

    Args:
        said_to: none of them shares a thread with those measured on.
        rows: of feedback; fewer come where hardly anything is shown.
    """
    judged = _collect(methods, folder, said_to, rows=rows, target=target)
    learned = learn(judged, prior=CONSERVATIVE_PRIOR, target=target)
    return Simulated(
        judged,
        learned,
        _measure(methods, folder, measured_on, CONSERVATIVE_PRIOR, target),
        _measure(methods, folder, measured_on, learned.gate, target),
    )


def _collect(
    methods: Methods, folder: Folder, queries: Sequence[Query], *, rows: int, target: float
) -> list[Judgement]:
    random = np.random.default_rng(SEED)
    judged: list[Judgement] = []
    numbers: dict[str, int] = {}
    for place in random.integers(0, max(1, len(queries)), rows * MOST_LOOK_UPS if queries else 0):
        query = queries[place]
        wanted = folder.wanted(query)
        for document, figures in _shown(methods.look_up(typed(query)), target):
            similarity, gap = figures
            person = f"person {len(judged)}"
            question = numbers.setdefault(document, len(numbers))
            judged.append(Judgement(similarity, gap, document in wanted, question, person, True))
        if len(judged) >= rows:
            return judged[:rows]
    return judged


def _shown(found: LookedUp, target: float) -> list[tuple[str, tuple[float, float]]]:
    """Return the hits that the prior shows at a target, with their figures."""
    return [
        (document, figures)
        for document, figures in zip(found.documents, found.figures, strict=True)
        if figures and state(CONSERVATIVE_PRIOR.probability(*figures), target)
    ][:SHOWN]


def _measure(
    methods: Methods, folder: Folder, queries: Sequence[Query], gate: Gate, target: float
) -> GateFigures:
    look_ups = []
    for query in queries:
        found, wanted = methods.look_up(typed(query)), folder.wanted(query)
        given = [gate.probability(*each) if each else None for each in found.figures]
        look_ups.append(Judged(given, [each in wanted for each in found.documents], bool(wanted)))
    return judge_gate(look_ups, target)
