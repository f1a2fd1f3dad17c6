"""Hours of work on somebody's own clock: when the next begins, and when so many have passed."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = frozenset(range(5))  # Monday to Friday
_LONGEST = 60  # days that are looked through: nobody is waited for longer


@dataclass(frozen=True)
class WorkingTime:
    """When somebody works."""

    zone: ZoneInfo
    from_hour: int = 9
    until_hour: int = 17  # 24 is midnight
    days: frozenset[int] = WEEKDAYS  # 0 is Monday; never empty

    def hours_of(self, day: datetime) -> tuple[datetime, datetime]:
        """Return when the work of a day begins and ends, in UTC."""
        start = datetime.combine(day.date(), time(self.from_hour), self.zone)
        if self.until_hour == 24:
            end = datetime.combine(day.date() + timedelta(days=1), time(0), self.zone)
        else:
            end = datetime.combine(day.date(), time(self.until_hour), self.zone)
        return start.astimezone(UTC), end.astimezone(UTC)


def at_work_from(at: datetime, work: WorkingTime) -> datetime:
    """Return when they are at work next: this instant, when they are."""
    return after_hours(at, 0, work)


def after_hours(at: datetime, hours: float, work: WorkingTime) -> datetime:
    """Return the instant at which they have worked so many hours since this one.

    With 0 hours it is when they work next.
    """
    left = timedelta(hours=hours)
    day = at.astimezone(work.zone)
    for _ in range(_LONGEST):
        start, end = work.hours_of(day)
        if day.weekday() in work.days and end > at:
            begun = max(at, start)
            if begun + left <= end:
                return begun + left
            left -= end - begun
        day += timedelta(days=1)
    return at + timedelta(days=_LONGEST)
