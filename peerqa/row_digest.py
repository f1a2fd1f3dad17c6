"""What tells the rows of two tables apart, whatever order and whichever database they come from."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

_MODULUS = 1 << 256


class RowDigest:
    """Adds up the SHA-256 of rows."""

    def __init__(self) -> None:
        self.count = 0
        self.total = 0

    def add(self, row: Sequence[Any]) -> None:  # Any: what columns hold
        """Take a row in."""
        hashed = hashlib.sha256()
        for value in row:
            part = _as_bytes(value)
            hashed.update(b"%d:" % len(part))
            hashed.update(part)
        self.total = (self.total + int.from_bytes(hashed.digest())) % _MODULUS
        self.count += 1


def _as_bytes(value: object) -> bytes:
    """Write a value so that only equal ones are written alike, whichever database it is from."""
    match value:
        case bytes():
            return b"b" + value
        case datetime():
            return b"d" + value.astimezone(UTC).isoformat().encode()
        case float():
            return b"f" + value.hex().encode()
        case str():
            return b"s" + value.encode("utf-8", "surrogatepass")
        case _:
            return b"j" + json.dumps(value, sort_keys=True).encode()
