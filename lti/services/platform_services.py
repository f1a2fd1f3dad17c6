"""One authorized request to a service of a platform: rosters and gradebooks.

LTI Security Framework 1.0 section 4.1; the media types are those of NRPS 2.0 and AGS 2.0. A token
that the service does not take any more is forgotten, and a new one is tried once.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from lti.services.service_tokens import Registration, forget, get_bearer
from peerqa.database import db
from peerqa.gate import outgoing
from peerqa.outgoing import Reply

MAX_BYTES = 256 * 1024
LONGEST_WAIT = timedelta(hours=24)


def call(
    registration: Registration,
    method: str,
    url: str,
    *,
    scopes: Collection[str],
    at: datetime,
    accepts: str | None = None,
    content_type: str | None = None,
    body: bytes | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """Send a request with an access token; any status may come back, a second 401 too.

    Raises:
        TokenRefused, PlatformBusy, peerqa.outgoing.Refused, Unreachable: it was not even sent, or
            nothing came back.
    """
    assert not db.session().info.get("writing"), "nothing is requested inside a transaction"
    headers = {"Accept": accepts, "Content-Type": content_type}
    sent = {name: value for name, value in headers.items() if value is not None}
    for is_last in (False, True):
        bearer = get_bearer(registration, scopes, at=at)
        sent["Authorization"] = f"Bearer {bearer.token}"
        reply = outgoing().request(method, url, headers=sent, body=body, max_bytes=max_bytes)
        if reply.status != 401:
            return reply
        forget(registration, scopes, bearer)
        if is_last:
            break
    return reply


def wait_for(reply: Reply, *, at: datetime) -> timedelta | None:
    """Return how long the platform asks us to wait, in seconds or until an instant."""
    said = (reply.find_header("Retry-After") or "").strip()
    if said.isascii() and said.isdigit() and len(said) < 9:
        return min(timedelta(seconds=int(said)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
        wait = until - (reply.date or at)
    except (TypeError, ValueError):  # also of an instant without a zone
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)
