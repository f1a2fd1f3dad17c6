"""Hours on a member's own clock: when it is quiet there, and when the next morning is.

Clocks are moved twice a year: an hour that is skipped counts as the moment after it, and of an hour
that comes twice the first one counts.
"""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from peerqa.errors import N_, Invalid


@cache
def _known() -> frozenset[str]:
    """Return the names of all zones; the files of the machine are listed once."""
    return frozenset(available_timezones())


@cache
def list_zones() -> tuple[str, ...]:
    """Return the names of the places that can be chosen, and UTC; by name.

    Names without a place ("EST", "Etc/GMT-3") are left out: most of them know no summer time.
    """
    places = {zone for zone in _known() if "/" in zone}
    return ("UTC", *sorted(z for z in places if not z.startswith(("Etc/", "SystemV/", "US/"))))


def read_zone(name: str) -> str | None:
    """Return the name of a zone; None for none.

    Raises:
        Invalid: there is no such zone.
    """
    name = name.strip()
    if name and name != "UTC" and name not in _known():
        raise Invalid(N_("This time zone is not known. Choose the nearest city."), field="zone")
    return name or None


def zone_of(name: str | None) -> ZoneInfo:
    """Return the zone of that name; UTC where there is none, or none any more."""
    return ZoneInfo(name if name is not None and name in _known() else "UTC")


def next_time(after: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """Return the next instant, later than this one, at which the clocks there show this full hour.

    Args:
        hour: 0 to 23.
    """
    today = after.astimezone(zone).date()
    for days in range(3):
        shown = datetime.combine(today + timedelta(days), time(hour), zone).astimezone(UTC)
        if shown > after:
            return shown
    raise AssertionError("some day has this hour")


def quiet_until(
    at: datetime, start: int | None, end: int | None, zone: ZoneInfo
) -> datetime | None:
    """Return when the quiet hours end in which this instant lies; None where it lies in none.

    Args:
        start: the first quiet hour there; greater than the end where the night is in between.
        end: the first hour that is not quiet any more.
    """
    if start is None or end is None:
        return None
    hour = at.astimezone(zone).hour
    is_quiet = start <= hour < end if start < end else hour >= start or hour < end
    return next_time(at, end, zone) if is_quiet else None
