"""What a server answered, and the refusals when there is no such thing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from peerqa.errors import N_, PeerQAError


class Refused(PeerQAError):
    """PeerQA does not send to this address."""

    code = "address-refused"
    status = 422


class Unreachable(PeerQAError):
    """Nothing usable came back; later it may."""

    code = "unreachable"
    status = 502


class Unreadable(Unreachable):
    """What came back is not what was asked for."""

    code = "unreadable-reply"


@dataclass(frozen=True)
class Reply:
    """What a server answered; a redirect is an answer like any other.

    Attributes:
        headers: names in lower case; each with all its values, in order.
        host: who answered, for sentences.
    """

    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: bytes
    host: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300

    @property
    def date(self) -> datetime | None:
        """The server's clock, where it told it."""
        try:
            read = parsedate_to_datetime(self.find_header("Date") or "")
        except (TypeError, ValueError):
            return None
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)

    def list_headers(self, name: str) -> tuple[str, ...]:
        """Return every value of a header."""
        return self.headers.get(name.lower(), ())

    def find_header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next(iter(self.list_headers(name)), None)

    def json(self) -> Any:  # Any: JSON of others; readers check each shape
        """Read the body as JSON.

        Raises:
            Unreadable: it is none; often a page in HTML.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Unreadable(
                N_("%(host)s answered with something that is not JSON."), host=self.host
            ) from None
