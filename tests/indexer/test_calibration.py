import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.calibration import CONSERVATIVE_PRIOR, Gate, fit, state

GATE = Gate(bias=-6.0, similarity=5.0, gap=10.0, source="tests")
UNIT = st.floats(0, 1)


def judged(gate: Gate, count: int, *, seed: int = 1):
    """Hits judged by colleagues of whom the gate is the truth."""
    chance = np.random.default_rng(seed)
    features = np.column_stack([chance.uniform(0.2, 1, count), chance.uniform(0, 0.6, count)])
    probabilities = [gate.probability(similarity, gap) for similarity, gap in features]
    return features, list(chance.uniform(size=count) < probabilities)


@given(similarity=st.floats(-1e9, 1e9), gap=st.floats(-1e9, 1e9))
def test_a_probability_is_one_whatever_the_features(similarity, gap):
    assert 0 < GATE.probability(similarity, gap) <= 1


@given(similarity=UNIT, gap=UNIT, more=st.floats(0, 0.5))
def test_nearer_and_more_outstanding_is_more_probable(similarity, gap, more):
    prior = CONSERVATIVE_PRIOR

    assert prior.probability(similarity + more, gap) >= prior.probability(similarity, gap)
    assert prior.probability(similarity, gap + more) >= prior.probability(similarity, gap)


@pytest.mark.parametrize(
    ("similarity", "gap", "shown"),
    [
        (0.80, 0.35, "very_likely"),
        (0.55, 0.28, "very_likely"),
        (0.45, 0.26, "possibly"),
        (0.75, 0.23, "possibly"),
        (0.55, 0.20, None),
        (0.45, 0.10, None),
        (0.87, 0.07, None),  # one of many that are all alike
        (0.30, 0.23, None),
    ],
)
def test_the_prior_shows_a_good_paraphrase_and_is_silent_otherwise(similarity, gap, shown):
    assert state(CONSERVATIVE_PRIOR.probability(similarity, gap), 0.8) == shown


@pytest.mark.parametrize(
    ("probability", "target", "shown"),
    [
        (0.80, 0.8, "very_likely"),
        (0.79, 0.8, "possibly"),
        (0.68, 0.8, "possibly"),
        (0.67, 0.8, None),
        (0.85, 0.9, "possibly"),
        (0.80, 0.9, None),
        (0.79, 0.5, "possibly"),
        (0.24, 0.5, None),
    ],
)
def test_a_hit_is_shown_according_to_the_target(probability, target, shown):
    assert state(probability, target) == shown


def test_without_feedback_the_prior_stays():
    learned = fit([], [], prior=GATE, strength=50)

    assert learned.bias == pytest.approx(GATE.bias)
    assert (learned.similarity, learned.gap) == (pytest.approx(5.0), pytest.approx(10.0))
    assert learned.source == "tests, then 0 judged hits"


def test_much_feedback_overtakes_the_prior():
    features, labels = judged(GATE, 20_000)

    learned = fit(features, labels, prior=CONSERVATIVE_PRIOR, strength=50)

    for similarity, gap in [(0.5, 0.1), (0.7, 0.3), (0.9, 0.2)]:
        assert learned.probability(similarity, gap) == pytest.approx(
            GATE.probability(similarity, gap), abs=0.04
        )


def test_a_refusal_lowers_and_a_confirmation_raises():
    hit = (0.7, 0.28)
    before = CONSERVATIVE_PRIOR.probability(*hit)

    refused = fit([hit], [False], prior=CONSERVATIVE_PRIOR, strength=50)
    confirmed = fit([hit], [True], prior=CONSERVATIVE_PRIOR, strength=50)

    assert refused.probability(*hit) < before < confirmed.probability(*hit)


def test_a_stronger_prior_moves_less():
    hits, labels = [(0.7, 0.28)] * 5, [False] * 5
    moved = [
        fit(hits, labels, prior=CONSERVATIVE_PRIOR, strength=strength).probability(0.7, 0.28)
        for strength in (10, 50, 500)
    ]

    assert moved == sorted(moved)


@given(
    hits=st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 2), st.booleans()), max_size=30),
    strength=st.floats(0, 1_000),
)
def test_fitting_always_ends_in_numbers(hits, strength):
    """Also where all labels agree, which has no finite maximum without a prior."""
    learned = fit(
        [hit[:2] for hit in hits],
        [hit[2] for hit in hits],
        prior=CONSERVATIVE_PRIOR,
        strength=strength,
    )

    assert np.isfinite([learned.bias, learned.similarity, learned.gap]).all()


def test_a_hit_without_a_label_is_refused():
    with pytest.raises(ValueError):
        fit([(0.5, 0.1)], [], prior=GATE, strength=1)


def test_a_weight_is_as_many_hits():
    hits, labels = [(0.7, 0.28), (0.6, 0.3)], [False, True]

    weighted = fit(hits, labels, prior=GATE, strength=50, weights=[3, 2])
    repeated = fit(
        [*[hits[0]] * 3, *[hits[1]] * 2], [False] * 3 + [True] * 2, prior=GATE, strength=50
    )

    assert weighted.bias == pytest.approx(repeated.bias)
    assert weighted.gap == pytest.approx(repeated.gap)


def test_the_prior_s_word_on_the_unseen_moves_nothing_by_itself():
    learned = fit([], [], prior=CONSERVATIVE_PRIOR, strength=1, unseen=100)

    assert learned.gap == pytest.approx(CONSERVATIVE_PRIOR.gap)
