"""Working hours on somebody's own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerqa.services.routing.working_time import WEEKDAYS, WorkingTime, after_hours, at_work_from

BERLIN = WorkingTime(ZoneInfo("Europe/Berlin"))
MONDAY_NOON = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)  # 12:00 in Berlin


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0, MONDAY_NOON),
        (5, datetime(2026, 6, 1, 15, 0, tzinfo=UTC)),  # 17:00 there, the end of the day
        (6, datetime(2026, 6, 2, 8, 0, tzinfo=UTC)),
        (8, datetime(2026, 6, 2, 10, 0, tzinfo=UTC)),
        (40, datetime(2026, 6, 8, 10, 0, tzinfo=UTC)),  # over a weekend
    ],
)
def test_hours_pass_while_somebody_works(hours, expected):
    assert after_hours(MONDAY_NOON, hours, BERLIN) == expected


def test_a_weekend_is_waited_out_and_each_has_a_clock_of_their_own():
    saturday = datetime(2026, 6, 6, 12, 0, tzinfo=UTC)
    assert at_work_from(saturday, BERLIN) == datetime(2026, 6, 8, 7, 0, tzinfo=UTC)
    auckland = WorkingTime(ZoneInfo("Pacific/Auckland"))
    assert at_work_from(saturday, auckland) == datetime(2026, 6, 7, 21, 0, tzinfo=UTC)


def test_who_works_on_one_day_until_midnight():
    friday = WorkingTime(ZoneInfo("UTC"), 20, 24, frozenset({4}))
    assert after_hours(MONDAY_NOON, 4, friday) == datetime(2026, 6, 6, 0, 0, tzinfo=UTC)


def test_clocks_that_move_lose_nobody_an_hour():
    """In the night of 25 October 2026 clocks in Berlin go back: 9:00 is 8:00 UTC after it."""
    friday_evening = datetime(2026, 10, 23, 16, 0, tzinfo=UTC)
    assert at_work_from(friday_evening, BERLIN) == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)


@given(
    st.integers(0, 365 * 24 * 60),
    st.floats(0, 60),
    st.floats(0, 20),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_more_hours_never_end_sooner(minutes, hours, more, zone, days):
    work = WorkingTime(ZoneInfo(zone), 9, 17, frozenset(days) or WEEKDAYS)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = after_hours(at, hours, work)
    assert at <= end <= after_hours(at, hours + more, work) <= at + timedelta(days=75)
