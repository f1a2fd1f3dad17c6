"""Where the LMS is, where the tool is, and what both know of each other from the beginning."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from peerqa.clock import utc_now
from peerqa.demo.lms.web import Fetch, fetch

NAME = "Northwind Academy"
CLIENT_ID = "peerqa-demo"
DEPLOYMENT_ID = "1"
SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)


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


@dataclass(frozen=True)
class Registration:
    """What a tool is told when it is registered by hand."""

    name: str
    issuer: str
    client_id: str
    deployment_id: str
    authorization_url: str
    token_url: str
    keys_url: str
    scopes: tuple[str, ...] = SCOPES


def registration_of(
    address: str, *, client_id: str = CLIENT_ID, deployment_id: str = DEPLOYMENT_ID
) -> Registration:
    """Return what a tool must know of the LMS at this address."""
    return Registration(
        name=NAME,
        issuer=address,
        client_id=client_id,
        deployment_id=deployment_id,
        authorization_url=f"{address}/lti/authorize",
        token_url=f"{address}/lti/token",
        keys_url=f"{address}/lti/keys",
    )
