"""Where the LMS is, where the tool is, and what it takes from its surroundings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from peerqa.clock import utc_now
from peerqa.demo.lms.web import Fetch, fetch


@dataclass(frozen=True)
class LmsConfig:
    """What an LMS is made of.

    Attributes:
        address: its own, without a slash at the end; it is also the issuer.
        tool: the address of the tool that it knows from the beginning.
        home: where keys and courses are kept; None keeps them in memory.
        now: the clock; the "clock ahead" switch moves what it says.
        fetch: how the tool's keys are read.
        hang_seconds: how long a service takes that is switched to time out.
    """

    address: str
    tool: str
    home: Path | None = None
    now: Callable[[], datetime] = utc_now
    fetch: Fetch = fetch
    hang_seconds: float = 20.0
