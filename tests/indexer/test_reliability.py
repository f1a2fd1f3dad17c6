import pytest

from indexer.reliability import bins, calibration_error, log_loss, wilson


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [
        # by hand: z² = 3.8415; (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
        (160, 200, 0.7392, 0.8495),
    ],
)
def test_wilson_is_as_computed_by_hand(successes, count, low, high):
    interval = wilson(successes, count)

    assert interval is not None
    assert interval.share == successes / count
    assert (interval.low, interval.high) == (
        pytest.approx(low, abs=1e-4),
        pytest.approx(high, abs=1e-4),
    )


def test_nothing_has_no_share():
    assert wilson(0, 0) is None


def test_hits_of_about_the_same_probability_are_one_bin():
    first, second, last = bins([0.0, 0.05, 0.65, 1.0], [False, True, True, True])

    assert (first.low, first.high, first.count, first.answered) == (0.0, 0.1, 2, 1)
    assert first.mean == pytest.approx(0.025)
    assert (second.low, second.count, second.answered) == (0.6, 1, 1)
    assert (last.low, last.high, last.count, last.answered) == (0.9, 1.0, 1, 1)


def test_the_calibration_error_is_as_computed_by_hand():
    # bins: .2 of two, one answered: off by |.4 - 1| = .6; .9 of two, both: off by |1.8 - 2| = .2
    error = calibration_error([0.2, 0.2, 0.9, 0.9], [True, False, True, True])

    assert error == pytest.approx((0.6 + 0.2) / 4)
    assert calibration_error([], []) == 0.0


def test_the_log_loss_is_as_computed_by_hand():
    # -ln .8 = .2231 three times, -ln .25 = 1.3863 once
    assert log_loss([0.8, 0.75], [True, False], [3, 1]) == pytest.approx(
        (3 * 0.22314 + 1.38629) / 4, abs=1e-4
    )
    assert log_loss([1.0, 0.0], [False, True], [1, 1]) < 30  # certain and wrong is bad, not endless
