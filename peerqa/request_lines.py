"""One line in the log for each request: which route, what came of it, how long it took.

The route is logged as it was declared (`/questions/<id:question_id>`), never as it was called.
"""

import secrets
from time import perf_counter

import structlog
from flask import Flask, Response, g, request

UNREMARKABLE = {"/static/<path:filename>", "/healthz", "/readyz"}  # logged at DEBUG only

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Log every request; install it first, so that its clock starts before the others' work."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = perf_counter()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "began" not in g:  # refused before any of us was asked
        return response
    response.headers["X-Request-Id"] = g.request_id
    route = request.url_rule.rule if request.url_rule else None
    write = log.debug if route in UNREMARKABLE else log.info
    write(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        milliseconds=round((perf_counter() - g.began) * 1000, 1),
    )
    return response
