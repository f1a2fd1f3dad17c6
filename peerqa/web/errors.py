"""The one handler of what goes wrong: a page, or a fragment for htmx, with a sentence and a way on.

A refusal (PeerQAError) is shown as it is, translated. A database that is away is 503 and a calm
sentence. Anything else is 500 with a number that stands in the log too; the log gets places in the
code, never the message of the exception, since that may quote what somebody wrote. Pages of 5xx
ask the database nothing. Paths under /api/ are answered by the API.
"""

import secrets
import traceback
from dataclasses import dataclass, field

import structlog
from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import RequestRedirect

from peerqa.errors import N_, Busy, NotSignedIn, PeerQAError, TooSoon
from peerqa.gate import ForeignRequest, StalePage
from peerqa.web.pages import is_htmx
from peerqa.web.resume import kept_fields, resume_address
from peerqa.web.sign_in import sign_in_choices

_SENTENCES = {
    400: N_("The browser sent something that could not be read. Nothing was changed."),
    404: N_("There is nothing here, or it is not open to you."),
    405: N_("This address cannot be opened like that."),
    413: N_("This is too large to be sent. Please shorten it."),
}
_PICTURE_TOO_LARGE = N_("A picture has at most 8 MB. Make it smaller, and go back to your text.")
_AWAY = N_("PeerQA cannot reach its memory at this moment. Please try again in a few seconds.")
_BROKEN = N_("Something went wrong here, and it is not your fault. Please try again.")

log = structlog.get_logger()


@dataclass(frozen=True)
class Refusal:
    """What the person is told, and what the browser is."""

    status: int
    sentence: str
    number: str | None = None  # of an unexpected failure, also in the log
    headers: dict[str, str] = field(default_factory=dict)


def install(app: Flask) -> None:
    """Answer every failure of the app."""
    app.register_error_handler(Exception, _answer)


def _answer(error: Exception) -> ResponseReturnValue:
    if isinstance(error, RequestRedirect):  # to the address with its slash; no failure
        return redirect(error.new_url, error.code)
    error = getattr(error, "original_exception", None) or error
    problem = current_app.extensions.get("peerqa.problem")
    if problem is not None and request.path.startswith("/api/"):
        answered: ResponseReturnValue = problem(error)
        return answered
    refusal = _read(error)
    response = _render(refusal, error)
    response.headers.update(refusal.headers)
    response.headers["Vary"] = "HX-Request"
    return response


def _read(error: Exception) -> Refusal:
    if isinstance(error, PeerQAError):
        wait: dict[str, str] = {}
        if isinstance(error, Busy | TooSoon):
            wait = {"Retry-After": str(error.retry_after_seconds)}
        return Refusal(error.status, gettext(error.sentence, **error.context), headers=wait)
    if isinstance(error, HTTPException):
        status = error.code or 500
        sentence = _SENTENCES.get(status, _SENTENCES[400] if status < 500 else _BROKEN)
        if isinstance(error, RequestEntityTooLarge) and _takes_pictures():
            sentence = _PICTURE_TOO_LARGE
        allowed = {"Allow": ", ".join(getattr(error, "valid_methods", None) or ())}
        return Refusal(
            status,
            gettext(sentence),
            headers={name: value for name, value in allowed.items() if value},
        )
    if _is_away(error):
        log.warning("database.away", error=type(error).__name__, endpoint=request.endpoint)
        return Refusal(503, gettext(_AWAY), headers={"Retry-After": "5"})
    number = str(g.get("request_id") or secrets.token_hex(8))
    log.error(
        "request.failed",
        request=number,
        endpoint=request.endpoint,
        method=request.method,
        error=type(error).__name__,
        at=[f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)],
    )
    return Refusal(500, gettext(_BROKEN), number=number)


def _takes_pictures() -> bool:
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "max_bytes")


def _is_away(error: Exception) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def _render(refusal: Refusal, error: Exception) -> Response:
    if is_htmx():
        template = "errors/_refusal.html"
    elif isinstance(error, NotSignedIn):
        return _render_sign_in(refusal)
    elif refusal.status >= 500:
        template = "errors/failure.html"
    else:
        template = "errors/refusal.html"
    kept = [] if is_htmx() or _may_be_foreign(error) else kept_fields()
    can_resume = refusal.status >= 500 or isinstance(error, StalePage | TooSoon)
    return make_response(
        render_template(
            template,
            refusal=refusal,
            kept=kept,
            resume_address=resume_address() if kept and can_resume else "",
        ),
        refusal.status,
    )


def _render_sign_in(refusal: Refusal) -> Response:
    """Show the ways to sign in on the page that was asked for, with what was typed in it."""
    kept = kept_fields()
    return make_response(
        render_template(
            "sign_in/needed.html",
            refusal=refusal,
            kept=kept,
            resume_address=resume_address() if kept else "",
            choices=sign_in_choices(),
        ),
        refusal.status,
    )


def _may_be_foreign(error: Exception) -> bool:
    """Another site's text is never handed on, and too much of it is not even read."""
    is_foreign = isinstance(error, ForeignRequest) and not isinstance(error, StalePage)
    return is_foreign or isinstance(error, RequestEntityTooLarge)
