"""Which text an edit was made from: a version in the body, or an entity tag in If-Match.

RFC 9110, 8.8.3 and 13.1.1: what does not match is answered by 412, with the present text, as a
version in the body that is too old is by 409.
"""

import re

from flask import Response, g, request
from pydantic import BaseModel

from peerqa.api.contract import MAX_ID, reply
from peerqa.errors import N_, Invalid

_TAG = re.compile(r'\s*"([1-9][0-9]{0,9})"\s*')


def version_of(sent: int | None) -> int:
    """Return the version that an edit was made from.

    Raises:
        Invalid: none was said, or two different ones.
    """
    tag = request.headers.get("If-Match")
    if tag is None:
        if sent is None:
            raise Invalid(
                N_("Say which version you edit: “version” in the body, or If-Match."),
                field="version",
            )
        return sent
    found = _TAG.fullmatch(tag)
    number = int(found.group(1)) if found else 0
    if not 0 < number <= MAX_ID or sent not in {None, number}:
        raise Invalid(
            N_("If-Match must be the one ETag that was read, and the same as “version”."),
            field="version",
        )
    g.is_precondition = True  # so a conflict is 412: see problems.py
    return number


def tagged(shape: BaseModel, status: int = 200, *, place: str | None = None) -> Response:
    """Send a post as JSON, with its version as its entity tag."""
    version = shape.version  # type: ignore[attr-defined]  # the shapes of posts have one
    headers = {"ETag": f'"{version}"'} | ({"Location": place} if place else {})
    return reply(shape, status, headers=headers)
