from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from indexer.evaluation import (
    METRICS,
    Judged,
    auc,
    bootstrap,
    expected_calibration_error,
    judge_gate,
    reliability,
    score,
)

relevances = some.lists(some.integers(0, 3).map(float), max_size=15)
hits = some.lists(some.tuples(some.floats(0, 1), some.booleans()), max_size=30)


def figures(found, wanted):
    return dict(zip(METRICS, score(found, wanted), strict=True))


def test_a_right_hit_in_the_third_place_of_two_right_ones():
    found = figures([0, 0, 1, 0], [1, 1])

    assert found == pytest.approx({
        "p@1": 0, "success@10": 1, "mrr@10": 1 / 3, "recall@10": 0.5,
        "ndcg@10": (1 / log2(4)) / (1 + 1 / log2(3)),
    })  # fmt: skip


def test_what_is_more_relevant_gains_more_when_it_comes_first():
    upside_down = figures([1, 2], [2, 1])["ndcg@10"]

    assert upside_down == pytest.approx((1 + 2 / log2(3)) / (2 + 1 / log2(3)))
    assert figures([2, 1], [1, 2])["ndcg@10"] == 1


def test_the_eleventh_hit_does_not_count():
    assert set(figures([0] * 10 + [1], [1]).values()) == {0.0}


def test_nothing_found_scores_nothing():
    assert set(figures([], [1]).values()) == {0.0}


def test_where_nothing_is_right_nothing_is_scored():
    with pytest.raises(ValueError):
        score([0, 0], [])


@given(relevances.filter(any))
def test_figures_are_shares_and_the_best_order_is_worth_one(found):
    wanted = [each for each in found if each > 0]
    best = figures(sorted(found, reverse=True), wanted)

    assert all(0 <= each <= 1 + 1e-9 for each in score(found, wanted))
    assert best["p@1"] == best["mrr@10"] == 1
    assert best["ndcg@10"] == pytest.approx(1)
    assert score(found, wanted)[3] <= best["ndcg@10"] + 1e-9


def test_the_interval_of_what_never_changes_is_that_figure():
    assert bootstrap(np.full((7, 1), 0.25)).tolist() == [[0.25, 0.25]]


def test_the_same_draw_is_used_for_every_column_and_every_run():
    values = np.random.default_rng(1).random((40, 1))
    bounds = bootstrap(np.hstack([values, values, 1 - values]))

    assert bounds[0].tolist() == bounds[1].tolist()
    assert bounds[0] == pytest.approx(bootstrap(values)[0])
    assert bounds[2] == pytest.approx(1 - bounds[0][::-1])


def test_an_interval_is_as_wide_as_the_theory_says():
    values = np.array([[0.0], [1.0]] * 200)
    low, high = bootstrap(values)[0]

    expected = 1.96 * 0.5 / 400**0.5
    assert (low, high) == pytest.approx((0.5 - expected, 0.5 + expected), abs=0.005)


def test_auc_counts_pairs_and_ties_half():
    # right .9 and .5, wrong .5 and .1: of four pairs three are in order and one is a tie
    assert auc([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == 3.5 / 4


def test_auc_wants_both_kinds():
    assert auc([0.9, 0.5], [True, True]) is None
    assert auc([], []) is None


@given(hits)
def test_auc_of_the_opposite_is_the_rest(found):
    given_, right = [p for p, _ in found], [r for _, r in found]
    forwards, backwards = auc(given_, right), auc([1 - p for p in given_], right)

    # 1 - p may make a tie of what was none
    if forwards is not None and len({1 - p for p in given_}) == len(set(given_)):
        assert forwards + backwards == pytest.approx(1)


def test_calibration_error_weighs_the_bins_by_their_hits():
    # two hits near .9 of which one is right, and two at .1 of which none is
    curve = reliability([0.9, 0.9, 0.1, 0.1], [True, False, False, False])

    assert expected_calibration_error(curve) == pytest.approx((2 * 0.4 + 2 * 0.1) / 4)
    assert [each.count for each in curve] == [0, 2, 0, 0, 0, 0, 0, 0, 0, 2]


def test_nothing_said_has_no_calibration_error():
    assert expected_calibration_error(reliability([], [])) is None


@given(hits)
def test_every_hit_is_in_one_bin_and_the_error_is_a_share(found):
    curve = reliability([p for p, _ in found], [r for _, r in found])
    error = expected_calibration_error(curve)

    assert sum(each.count for each in curve) == len(found)
    assert error is None if not found else 0 <= error <= 1
    for each in curve:
        assert each.count == 0 or each.low - 1e-9 <= each.probability <= each.high + 1e-9


def test_the_gate_is_judged_on_all_that_it_shows():
    look_ups = [
        Judged([0.95, 0.7, 0.1], [True, False, False], has_answer=True),  # shows two, one right
        Judged([0.3], [True], has_answer=True),  # silent though it was right
        Judged([0.9], [False], has_answer=False),  # a false alarm
        Judged([0.2], [False], has_answer=False),  # silent, as it should be
    ]

    gate = judge_gate(look_ups, 0.8)

    assert (gate.shown, gate.speaking, gate.judged) == (3, 2, 4)
    assert (gate.precision, gate.recall, gate.false_alarms) == (1 / 3, 1 / 2, 1 / 2)
    assert (gate.first_precision, gate.first_recall) == (1 / 2, 1 / 2)
    assert gate.auc == 3 / 4


def test_at_most_three_hits_are_shown():
    shown = judge_gate([Judged([0.9] * 5, [True] * 5, has_answer=True)], 0.8).shown

    assert shown == 3


def test_a_hit_without_a_probability_claims_nothing():
    gate = judge_gate([Judged([None, 0.9], [True, False], has_answer=True)], 0.8)

    assert (gate.judged, gate.shown, gate.precision) == (0, 1, 0)


def test_of_nothing_nothing_is_said():
    gate = judge_gate([], 0.8)

    assert (gate.auc, gate.precision, gate.recall, gate.false_alarms, gate.ece) == (None,) * 5


@given(hits, some.floats(0.05, 0.95))
def test_a_higher_target_never_shows_more(found, target):
    look_ups = [Judged([p], [r], has_answer=r) for p, r in found]

    assert judge_gate(look_ups, target).shown >= judge_gate(look_ups, target + 0.04).shown
