"""What goes over the wire in either direction: fetching, JSON, and refusals as the texts want them.

Addresses are used as they are: the LMS listens on the loopback, and talks to tools of this machine.
"""

import json
from collections.abc import Callable
from typing import Any

import urllib3
from flask import Response

Json = Any  # what JSON holds; every reader checks what it takes out
Fetch = Callable[[str], bytes]

_TIMEOUT = urllib3.Timeout(connect=3, read=5)
_LARGEST_REPLY_BYTES = 256 * 1024


class Refused(Exception):
    """The LMS does not take it.

    Attributes:
        code: an OAuth 2.0 error code (RFC 6749, sections 4.1.2.1 and 5.2).
        sentence: what is wrong, for the developer of the tool.
    """

    def __init__(self, code: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.status = status


def fetch(url: str) -> bytes:
    """Return the body behind an address of the tool.

    Raises:
        Refused: it is not there, not 200, or too large.
    """
    try:
        reply = urllib3.request(
            "GET", url, timeout=_TIMEOUT, retries=False, redirect=False, preload_content=False
        )
        body = reply.read(_LARGEST_REPLY_BYTES + 1)
        reply.release_conn()
    except urllib3.exceptions.HTTPError as error:
        raise Refused(
            "invalid_request", f"{url} cannot be read ({type(error).__name__})."
        ) from None
    if reply.status != 200 or len(body) > _LARGEST_REPLY_BYTES:
        raise Refused("invalid_request", f"{url} answered {reply.status}, {len(body)} bytes.")
    return body


def read_object(body: bytes) -> dict[str, Json]:
    """Return the JSON object in a body.

    Raises:
        Refused: there is none.
    """
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("invalid_request", "The body is not a JSON object.")
    return found


def reply_json(body: Json, *, status: int = 200, media_type: str = "application/json") -> Response:
    """Return JSON under its exact media type."""
    return Response(json.dumps(body), status, content_type=media_type)


def empty(status: int) -> Response:
    """Return no body at all; several LMSs refuse like that, and say yes like that."""
    response = Response(b"", status)
    response.headers.pop("Content-Type", None)
    return response
