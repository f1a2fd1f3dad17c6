import pytest

from indexer.reliability import log_loss, wilson


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


def test_the_log_loss_is_as_computed_by_hand():
    # -ln .8 = .2231 three times, -ln .25 = 1.3863 once
    assert log_loss([0.8, 0.75], [True, False], [3, 1]) == pytest.approx(
        (3 * 0.22314 + 1.38629) / 4, abs=1e-4
    )
    assert log_loss([1.0, 0.0], [False, True], [1, 1]) < 30  # certain and wrong is bad, not endless
