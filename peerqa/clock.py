"""The time, asked for in one place: front doors call utc_now(), everything below takes `at`."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present instant, in UTC, with its zone."""
    return datetime.now(UTC)
