"""Pages of a service's list, with the next one named in a Link header (RFC 8288)."""

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from flask import Response, request

from peerqa.demo.lms.web import Refused

Row = TypeVar("Row")


def cut(rows: Sequence[Row], *, largest: int) -> tuple[list[Row], str | None]:
    """Return the page that is asked for, and the query of the next one.

    Raises:
        Refused: limit or page is no number.
    """
    limit, page = _number("limit", largest), _number("page", 1)
    size = max(1, min(limit, largest))
    begin = (page - 1) * size
    more = begin + size < len(rows)
    query = urlencode({**request.args, "page": page + 1}) if more else None
    return list(rows[begin : begin + size]), query


def link_next(response: Response, address: str, query: str | None) -> Response:
    """Name the next page, if there is one; others are named in headers of their own."""
    response.headers.add("Link", f'<{address}?page=1>; rel="first"')
    if query is not None:
        response.headers.add("Link", f'<{address}?{query}>; rel="next"')
    return response


def _number(name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
        raise Refused("invalid_request", f"{name} must be a number from 1.")
    return int(text)
