"""What is kept of what was learned: the numbers alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.ranking import DEFAULT_WEIGHTS, Weights
from indexer.tuning import (
    GRID,
    MOST_OF_A_PERSON,
    choose,
    compare,
    count_threads,
    is_held_back,
    is_within,
    weigh,
)

DEFAULT = GRID.index(DEFAULT_WEIGHTS)


def alike(count: int) -> np.ndarray:
    return np.ones(count)


def test_about_half_of_the_threads_are_held_back_and_always_the_same():
    held = [is_held_back(thread) for thread in range(1_000)]

    assert 450 < sum(held) < 550
    assert held == [is_held_back(thread) for thread in range(1_000)]


def test_a_person_counts_for_so_many_examples_and_no_more():
    weights = weigh(["one"] * 50 + ["two", "three"])

    assert weights[:50].sum() == pytest.approx(MOST_OF_A_PERSON)
    assert weights[50:].tolist() == [1.0, 1.0]
    assert count_threads(range(52), weights) == pytest.approx(MOST_OF_A_PERSON + 2)
    assert count_threads([1] * 52, weights) == 1.0


def test_weights_that_order_no_better_are_not_chosen():
    scores = np.tile([[0.5]], (30, len(GRID)))

    assert choose(scores, range(30), alike(30)) == DEFAULT_WEIGHTS


def test_farther_weights_must_gain_more():
    scores = np.full((30, len(GRID)), 0.5)
    corner, near = GRID.index(Weights(0.75, 0.2)), GRID.index(Weights(0.5, 0.15))
    scores[:3, corner] = 1.0  # one and a half threads
    assert choose(scores, range(30), alike(30)) == DEFAULT_WEIGHTS

    scores[:1, near] = 1.0
    assert choose(scores, range(30), alike(30)) == GRID[near]

    scores[:6, corner] = 1.0
    assert choose(scores, range(30), alike(30)) == GRID[corner]


def test_threads_weigh_alike_however_often_they_are_asked_for():
    before = [0.0] * 20 + [1.0]
    after = [1.0] * 20 + [0.0]
    threads = [1] * 20 + [2]

    compared = compare(before, after, threads, alike(21))

    assert (compared.before, compared.after, compared.gain) == (0.5, 0.5, 0.0)
    assert not compared.wins


@pytest.mark.parametrize(("gaining", "wins"), [(0, False), (3, False), (4, True), (10, True)])
def test_a_win_is_one_whose_interval_excludes_a_loss(gaining, wins):
    before, after = [0.5] * 10, [1.0] * gaining + [0.5] * (10 - gaining)

    assert compare(before, after, range(10), alike(10)).wins is wins


def test_gains_that_others_lose_are_no_win():
    after = [1.0] * 6 + [0.0] * 4

    compared = compare([0.5] * 10, after, range(10), alike(10))

    assert compared.gain == pytest.approx(0.1)
    assert compared.low < 0 < compared.high


def test_the_default_is_in_the_middle_of_what_can_be_learned():
    assert all(is_within(each) for each in GRID)
    for agreement, coverage in [(float("nan"), 0.1), (0.5, float("inf")), (0.8, 0.1), (0.5, 0.21)]:
        assert not is_within(Weights(agreement, coverage))


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(1, 5), st.sampled_from("abc")),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_the_figures_hold_together(rows):
    before, after, threads, people = zip(*rows, strict=True)

    compared = compare(before, after, threads, weigh(people))

    assert compared.low - 1e-9 <= compared.high
    assert compared.gain == pytest.approx(compared.after - compared.before)
    assert min(compared.before, compared.after) >= -1e-9
    assert max(compared.before, compared.after) <= 1 + 1e-9
    assert compare(after, after, threads, weigh(people)).gain == pytest.approx(0)
