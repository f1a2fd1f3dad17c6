"""The member's own clock, also on the days on which it is moved."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from peerqa.errors import Invalid
from peerqa.services.notifying.local_time import (
    list_zones,
    next_time,
    quiet_until,
    read_zone,
    zone_of,
)

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")


def utc(day: int, hour: int, minute: int = 0, *, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "hour", "zone", "then"),
    [
        (utc(1, 5), 8, BERLIN, utc(1, 6)),
        (utc(1, 6), 8, BERLIN, utc(2, 6)),  # later, never the same
        (utc(1, 23), 8, KATHMANDU, utc(2, 2, 15)),
        # 29 March: 02:00 is skipped, and counts as 03:00
        (utc(29, 0, month=3), 2, BERLIN, utc(29, 1, month=3)),
        (utc(29, 1, month=3), 2, BERLIN, utc(30, 0, month=3)),
        # 25 October: 02:00 comes twice, the first counts
        (utc(24, 23, month=10), 2, BERLIN, utc(25, 0, month=10)),
        (utc(25, 0, month=10), 2, BERLIN, utc(26, 1, month=10)),
        (utc(25, 0, 30, month=10), 8, BERLIN, utc(25, 7, month=10)),
    ],
)
def test_the_next_time_a_clock_shows_an_hour(at, hour, zone, then):
    assert next_time(at, hour, zone) == then


@pytest.mark.parametrize(
    ("at", "start", "end", "until"),
    [
        (utc(1, 19, 59), 22, 7, None),
        (utc(1, 20), 22, 7, utc(2, 5)),  # across midnight
        (utc(2, 4, 59), 22, 7, utc(2, 5)),
        (utc(2, 5), 22, 7, None),
        (utc(1, 10), 12, 14, utc(1, 12)),  # within a day
        (utc(1, 12), 12, 14, None),
        (utc(1, 12), None, None, None),
        (utc(1, 13), 15, 14, utc(2, 12)),
        # the end of the quiet hours is skipped: they end when the clock has gone on
        (utc(29, 0, 59, month=3), 22, 2, utc(29, 1, month=3)),
        (utc(29, 1, month=3), 22, 2, None),
        # the last quiet hour comes twice: quiet both times
        (utc(25, 1, 30, month=10), 22, 3, utc(25, 2, month=10)),
    ],
)
def test_quiet_hours(at, start, end, until):
    assert quiet_until(at, start, end, BERLIN) == until


def test_only_zones_that_are_known_are_taken():
    assert read_zone(" Europe/Berlin ") == "Europe/Berlin"
    assert read_zone("") is None
    for unknown in ("Mars/Olympus", "../../etc/passwd", "Europe", "Europe/Berlin\x00", "a" * 5000):
        with pytest.raises(Invalid):
            read_zone(unknown)
        assert zone_of(unknown).key == "UTC"
    assert {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia"} <= set(list_zones())
