"""From what the methods found to the figures that are reported."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.evaluation import DEPTH, METRICS, GateFigures, Judged, bootstrap, judge_gate, score
from peerqa.evaluation.folder import Folder, Query
from peerqa.evaluation.methods import LookedUp, Methods, first_words, typed
from peerqa.temporary_home import Tell

FIRST_WORDS = (3, 5, 8)
SUCCESS = METRICS.index("success@10")
DIGITS = 4

Figures = dict[str, float]
Table = NDArray[np.float64]  # a row for each query that has an answer, a column for each metric


def compare(
    methods: Methods, folder: Folder, queries: Sequence[Query], tell: Tell
) -> dict[str, object]:
    """Return the figures of all methods, their intervals, and PeerQA's gain over meaning alone.

    Args:
        methods: of the corpus that holds the folder's documents.
        folder: what is right.
        queries: all have an answer; at least one.
        tell: hears how far it is.
    """
    tables: dict[str, Table] = {}
    for name, find in methods.by_name.items():
        tell(f"Looking {len(queries)} titles up: {name}.")
        tables[name] = np.array([_score(find(query), folder, query) for query in queries])
    gain = tables["peerqa"] - tables["meaning"]
    return {
        "methods": {name: _named(table.mean(axis=0)) for name, table in tables.items()},
        "intervals": {name: _intervals(table) for name, table in tables.items()},
        "gain_over_meaning": {"mean": _named(gain.mean(axis=0)), "intervals": _intervals(gain)},
    }


def judge(
    methods: Methods, folder: Folder, queries: Sequence[Query], *, target: float
) -> GateFigures:
    """Judge the gate on what is found by the title; every query counts, answered or not."""
    look_ups = [methods.look_up(typed(query)) for query in queries]
    return judge_gate(_judged(look_ups, folder, queries), target)


def follow_typing(
    methods: Methods, folder: Folder, queries: Sequence[Query], *, target: float, tell: Tell
) -> dict[str, object]:
    """Return what is found and shown after the first words of the titles."""
    table: dict[str, object] = {}
    for count in FIRST_WORDS:
        tell(f"Looking up the first {count} words of {len(queries)} titles.")
        look_ups = [methods.look_up(first_words(query, count)) for query in queries]
        gate = judge_gate(_judged(look_ups, folder, queries), target)
        found = [
            _score(look_up.documents, folder, query)[SUCCESS]
            for look_up, query in zip(look_ups, queries, strict=True)
            if folder.wanted(query)
        ]
        table[str(count)] = {
            "success@10": rounded(float(np.mean(found))),
            "shown": gate.shown,
            "speaking": gate.speaking,
            "precision": rounded(gate.precision),
            "recall": rounded(gate.recall),
            "false_alarms": rounded(gate.false_alarms),
        }
    return table


def gate_as_json(gate: GateFigures) -> dict[str, object]:
    """Return the figures of the gate by their names, rounded."""

    def tidy(value: object) -> object:
        if isinstance(value, list | tuple):
            return [tidy(each) for each in value]
        if isinstance(value, dict):
            return {key: tidy(each) for key, each in value.items()}
        return rounded(value) if isinstance(value, float) else value

    return {key: tidy(value) for key, value in gate.as_json().items()}


def rounded(figure: float | None) -> float | None:
    """Return the figure with as many digits as are reported."""
    return None if figure is None else round(figure, DIGITS)


def _score(found: Sequence[str], folder: Folder, query: Query) -> list[float]:
    wanted = folder.wanted(query)
    return score([wanted.get(each, 0.0) for each in found[:DEPTH]], list(wanted.values()))


def _judged(look_ups: Sequence[LookedUp], folder: Folder, queries: Sequence[Query]) -> list[Judged]:
    pairs = [(each, folder.wanted(query)) for each, query in zip(look_ups, queries, strict=True)]
    return [
        Judged(each.probabilities, [found in wanted for found in each.documents], bool(wanted))
        for each, wanted in pairs
    ]


def _named(figures: NDArray[np.float64]) -> Figures:
    return {
        name: round(float(figure), DIGITS) for name, figure in zip(METRICS, figures, strict=True)
    }


def _intervals(table: Table) -> dict[str, list[float]]:
    bounds = bootstrap(table)
    return {
        name: [round(float(bound), DIGITS) for bound in pair]
        for name, pair in zip(METRICS, bounds, strict=True)
    }
