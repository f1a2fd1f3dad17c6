"""Lists by keyset cursor: `limit + 1` rows, no totals, no row twice when something is posted."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from peerqa.errors import N_, Invalid

PAGE_SIZE = 20
LARGEST_ID = 2**31 - 1  # PostgreSQL's integer; it fails over a larger one
Row = TypeVar("Row")


@dataclass(frozen=True)
class Cursor:
    """Where a page ends: the instant and the id of its last row."""

    at: datetime
    id: int

    def encode(self) -> str:
        """Return an opaque text for a URL."""
        text = json.dumps([self.at.isoformat(), self.id])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, and the cursor of the next when there is one."""

    rows: Sequence[Row]
    next: str | None


def read_id(text: str | None) -> int | None:
    """Read an id out of a form, a query or a parameter; None for what no row can have."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None


def read_cursor(text: str | None) -> Cursor | None:
    """Read a cursor from a URL.

    Raises:
        Invalid: it was not made by encode().
    """
    if not text:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        at, row_id = json.loads(raw)
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or type(row_id) is not int or not 0 < row_id <= LARGEST_ID:
            raise ValueError(text)  # true is an int too, but no id
        return Cursor(instant.astimezone(UTC), row_id)
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise Invalid(
            N_("This page address is damaged. Go back to the first page."), field="after"
        ) from None


def cut(
    rows: Sequence[Row], *, limit: int = PAGE_SIZE, cursor_of: Callable[[Row], Cursor]
) -> Page[Row]:
    """Make a page of `limit` rows out of at most `limit + 1`."""
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], cursor_of(rows[limit - 1]).encode())
