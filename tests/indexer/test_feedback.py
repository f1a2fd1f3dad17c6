"""What is learned from colleagues, by simulation: worlds whose truth is known, with seeds."""

import numpy as np
import pytest

from indexer import feedback
from indexer.calibration import CONSERVATIVE_PRIOR, Gate, bar, is_sane
from indexer.evaluation import expected_calibration_error, reliability
from indexer.feedback import Judgement, learn, weigh

PRIOR = CONSERVATIVE_PRIOR
TARGET = 0.8
TOO_SURE = Gate(PRIOR.bias - 2, PRIOR.similarity, PRIOR.gap, "a world of formulaic titles")
NEVER_SHOWN = [(0.5, 0.05), (0.85, 0.08), (0.6, 0.1)]


def world(truth, count: int, *, seed: int) -> list[Judgement]:
    """Judgements on hits that the prior shows; three of each person, on 200 questions."""
    chance = np.random.default_rng(seed)
    judged: list[Judgement] = []
    while len(judged) < count:
        similarity, gap = chance.uniform(0.35, 0.95), chance.uniform(0, 0.5)
        if PRIOR.probability(similarity, gap) >= bar(TARGET):
            answered = bool(chance.uniform() < truth(similarity, gap))
            question, by = int(chance.integers(200)), f"person {len(judged) // 3}"
            judged.append(Judgement(similarity, gap, answered, question, by, was_shown=True))
    return judged


def error(gate: Gate, judged: list[Judgement]) -> float:
    foretold = [gate.probability(each.similarity, each.gap) for each in judged]
    curve = reliability(foretold, [each.answered for each in judged])
    return expected_calibration_error(curve) or 0.0


def one(number: int, *, answered: bool, question: int | None = None, by: str | None = None):
    return Judgement(
        0.6,
        0.3,
        answered,
        number if question is None else question,
        f"person {number}" if by is None else by,
        was_shown=True,
    )


def test_two_hundred_judgements_take_most_of_the_error_away():
    tested = world(TOO_SURE.probability, 2_000, seed=100)
    learned = [
        learn(world(TOO_SURE.probability, 200, seed=seed), prior=PRIOR, target=TARGET)
        for seed in range(6)
    ]

    assert {each.verdict for each in learned} == {"own"}
    assert error(PRIOR, tested) > 0.14
    assert np.mean([error(each.gate, tested) for each in learned]) < 0.07


def test_the_more_is_said_the_smaller_the_error():
    tested = world(TOO_SURE.probability, 4_000, seed=100)
    errors = [
        np.mean(
            [
                error(
                    learn(
                        world(TOO_SURE.probability, count, seed=seed), prior=PRIOR, target=TARGET
                    ).gate,
                    tested,
                )
                for seed in range(3)
            ]
        )
        for count in (50, 200, 1_000)
    ]

    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.05


def test_where_the_prior_is_right_nothing_gets_worse():
    for seed in range(4):
        tested = world(PRIOR.probability, 2_000, seed=seed + 100)

        learned = learn(world(PRIOR.probability, 200, seed=seed), prior=PRIOR, target=TARGET)

        assert error(learned.gate, tested) < error(PRIOR, tested) + 0.03


@pytest.mark.parametrize("count", [200, 3_000])
def test_hits_that_are_never_shown_do_not_become_likely(count):
    """All that is shown is nearly always right, whatever its figures: nothing is said below."""
    learned = learn(world(lambda *_: 0.97, count, seed=1), prior=PRIOR, target=TARGET)

    for figures in NEVER_SHOWN:
        assert learned.gate.probability(*figures) < 0.35 < bar(TARGET)


def test_without_the_prior_s_word_on_what_is_never_shown_they_would(monkeypatch):
    monkeypatch.setattr(feedback, "UNSEEN_SHARE", 0.0)

    judged = world(lambda *_: 0.97, 3_000, seed=1)

    assert feedback._fit(judged, weigh(judged), PRIOR).probability(0.6, 0.15) > 0.5


def test_a_hit_that_is_far_and_was_judged_all_the_same_may_become_likely():
    """Titles of duplicates are looked up whatever their figures: that is no word on the unseen."""
    judged = [
        Judgement(0.6, 0.2, number % 8 > 0, number, f"link {number}", was_shown=False)
        for number in range(200)
    ]

    assert learn(judged, prior=PRIOR, target=TARGET).gate.probability(0.6, 0.2) > 0.7


def test_nothing_said_leaves_the_prior():
    learned = learn([], prior=PRIOR, target=TARGET)

    assert (learned.gate, learned.verdict, list(learned.foretold)) == (PRIOR, "too-few", [])


@pytest.mark.parametrize("answered", [True, False])
def test_one_kind_alone_is_not_enough_however_much(answered):
    judged = [one(number, answered=answered) for number in range(300)]

    assert learn(judged, prior=PRIOR, target=TARGET).verdict == "too-few"


def test_one_person_alone_is_not_enough_however_much_they_say():
    judged = [one(number, answered=number % 2 == 0, by="the same") for number in range(300)]

    assert weigh(judged).sum() == pytest.approx(feedback.MOST_OF_A_PERSON)
    assert learn(judged, prior=PRIOR, target=TARGET).verdict == "too-few"


def test_one_question_alone_is_not_enough_however_much_is_said_of_it():
    judged = [one(number, answered=number % 2 == 0, question=7) for number in range(300)]

    assert weigh(judged).sum() == pytest.approx(feedback.MOST_OF_A_QUESTION)
    assert learn(judged, prior=PRIOR, target=TARGET).verdict == "too-few"


def test_what_one_person_says_again_of_a_question_counts_once():
    again = [one(1, answered=False, by="the same") for _ in range(3)]

    assert weigh([*again, one(2, answered=True)]).tolist() == pytest.approx([1 / 3] * 3 + [1])


def test_what_foretells_questions_held_back_no_better_is_not_used():
    """Where the prior is right already, what little was said leads astray as often as not."""
    learned = [
        learn(world(PRIOR.probability, 100, seed=seed), prior=PRIOR, target=TARGET)
        for seed in range(10)
    ]

    kept = [each for each in learned if each.verdict == "no-better"]
    assert kept
    assert all(each.gate is PRIOR for each in kept)
    for each in learned:
        if each.loss is not None and each.prior_loss is not None:
            assert (each.loss < each.prior_loss) is (each.verdict == "own")


def test_less_precision_than_the_target_and_than_before_is_not_used():
    """The far ones mostly answer, of the near ones few do: what is learned would show more far."""
    shown = np.array([True] * 6 + [False] * 4)
    after, before = [0.9] * 10, [0.9] * 6 + [0.1] * 4

    assert feedback._is_less_precise(after, before, shown, np.ones(10), target=0.8)
    assert not feedback._is_less_precise(after, before, shown, np.ones(10), target=0.5)
    assert not feedback._is_less_precise(before, after, shown, np.ones(10), target=0.8)


def test_the_order_of_what_was_said_does_not_matter():
    judged = world(TOO_SURE.probability, 120, seed=5)

    forwards = learn(judged, prior=PRIOR, target=TARGET).gate
    backwards = learn(judged[::-1], prior=PRIOR, target=TARGET).gate

    assert forwards.bias == pytest.approx(backwards.bias)
    assert forwards.gap == pytest.approx(backwards.gap)


@pytest.mark.parametrize(
    ("gate", "sane"),
    [
        (PRIOR, True),
        (TOO_SURE, True),
        (Gate(float("nan"), 1.9, 28.1, ""), False),
        (Gate(-7.2, float("inf"), 28.1, ""), False),
        (Gate(-7.2, 1.9, 1e9, ""), False),
        (Gate(-7.2, 1.9, -3.0, ""), False),  # what stands out less would be likelier
        (Gate(3.0, 1.9, 28.1, ""), False),  # what is near nothing would be likely
    ],
)
def test_a_gate_that_cannot_be_judged_by_is_known(gate, sane):
    assert is_sane(gate) is sane
