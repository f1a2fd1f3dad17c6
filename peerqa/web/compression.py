"""Styles and scripts travel compressed.

Pages do not: they carry a token beside what was typed, and the length of the two compressed
together would tell of the token (the BREACH attack, 2013).
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

from peerqa.gate import is_static

SMALLEST_BYTES = 1000
_TEXTS = {"text/css", "text/javascript", "image/svg+xml"}


def install(app: Flask) -> None:
    """Compress what the app serves from static/."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not is_static(request.endpoint) or response.mimetype not in _TEXTS:
        return response
    response.headers["Vary"] = "Accept-Encoding"
    if response.status_code != 200 or request.accept_encodings["gzip"] == 0:
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) >= SMALLEST_BYTES:
        response.set_data(_gzip(plain))
        response.headers["Content-Encoding"] = "gzip"
        etag, _ = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)  # the same text, in other bytes
    return response


@lru_cache(maxsize=32)
def _gzip(plain: bytes) -> bytes:
    return gzip.compress(plain, mtime=0)
