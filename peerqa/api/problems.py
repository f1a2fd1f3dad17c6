"""Refusals as RFC 9457 problems: application/problem+json, with a code for programs.

Every error under /api/ comes through problem_of(), whoever raised it; the app finds it as
extensions["peerqa.problem"]. What was not foreseen is logged with an id, and says that id only.
"""

import secrets
import traceback
from collections.abc import Mapping
from functools import singledispatch
from http import HTTPStatus

import structlog
from flask import Response, g, make_response, request
from flask_babel import gettext
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from peerqa.errors import N_, Busy, Invalid, NotSignedIn, PeerQAError, TooSoon
from peerqa.models import Post, Question
from peerqa.services.posts import EditConflict

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 20  # told at once; who sends a thousand unknown fields needs no thousand sentences

log = structlog.get_logger()


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    detail: str


class PresentText(BaseModel):
    """The text as it is now, for an edit that began from an older one."""

    version: int
    title: str | None = None
    body: str


class Problem(BaseModel):
    """Why a request was not done (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] | None = None
    present: PresentText | None = None
    request: str | None = None


class BadFields(Exception):
    """Fields that cannot be taken as they were sent; told as Invalid, with all of them."""

    def __init__(self, errors: list[ErrorDetails]) -> None:
        super().__init__()
        self.errors = errors


class Malformed(PeerQAError):
    """The body is not JSON."""

    code = "malformed"


class DatabaseAway(Busy):
    """The database cannot be reached."""

    code = "database-away"


class HttpRefusal(PeerQAError):
    """A refusal of the HTTP layer: no such address, method, size or media type."""

    code = "http"

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status  # type: ignore[misc]  # one class for all of HTTP's own refusals
        self.code = code  # type: ignore[misc]


class Unexpected(PeerQAError):
    """A mistake of ours."""

    code = "unexpected"
    status = 500


_HTTP = {
    400: ("malformed", N_("This request cannot be read.")),
    404: ("not-found", N_("There is nothing at this address.")),
    405: ("method-not-allowed", N_("This address does not take this method.")),
    413: ("too-large", N_("This is larger than anything that is taken here.")),
    415: ("wrong-media-type", N_("Send the body as application/json.")),
}
_FIELDS = {
    "missing": N_("This is needed."),
    "extra_forbidden": N_("There is no such field here."),
    "model_type": N_("The body must be a JSON object."),
    "string_type": N_("This must be a text."),
    "string_too_short": N_("Use at least %(min_length)s characters."),
    "string_too_long": N_("Use at most %(max_length)s characters."),
    "string_pattern_mismatch": N_("This has a character that cannot be stored."),
    "int_type": N_("This must be a whole number."),
    "int_parsing": N_("This must be a whole number."),
    "bool_parsing": N_("This must be true or false."),
    "greater_than_equal": N_("This must be %(ge)s or more."),
    "less_than_equal": N_("This must be %(le)s or less."),
    "list_type": N_("This must be a list."),
    "too_long": N_("At most %(max_length)s fit in here."),
    "literal_error": N_("Choose one of these: %(expected)s."),
}


def problem_of(error: Exception) -> Response:
    """Turn any exception into its problem; redirects and ready responses stay what they are."""
    if isinstance(error, HTTPException) and (error.response or (error.code or 500) < 400):
        return make_response(error)
    refusal = _refusal(error)
    problem = _describe(refusal)
    if isinstance(refusal, EditConflict) and g.get("is_precondition"):
        problem.status = HTTPStatus.PRECONDITION_FAILED.value
    if isinstance(error, BadFields):
        problem.errors = [_field_error(found) for found in error.errors]
    if isinstance(refusal, Unexpected):
        problem.request = _log(error)
    response = Response(
        problem.model_dump_json(exclude_none=True), problem.status, mimetype=MEDIA_TYPE
    )
    response.headers.update(_headers(error, refusal))
    return response


@singledispatch
def _refusal(error: Exception) -> PeerQAError:  # noqa: ARG001 - chosen by its type
    return Unexpected(N_("Something went wrong here. Nothing was done; please try again later."))


@_refusal.register
def _(error: PeerQAError) -> PeerQAError:
    return error


@_refusal.register
def _(error: BadFields) -> PeerQAError:  # noqa: ARG001 - chosen by its type
    return Invalid(N_("Some of this cannot be taken as it was sent."))


@_refusal.register
def _(error: HTTPException) -> PeerQAError:
    status = error.code or 500
    code, sentence = _HTTP.get(status, ("refused", error.name))
    return HttpRefusal(status, code, sentence)


@_refusal.register(OperationalError)
@_refusal.register(InterfaceError)
@_refusal.register(DisconnectionError)
@_refusal.register(PoolTimeoutError)
def _(error: Exception) -> PeerQAError:  # noqa: ARG001 - the log has it
    return DatabaseAway(
        N_("The database cannot be reached now. Please try again in a few seconds.")
    )


def refusal_of_fields(error: ValidationError) -> Exception:
    """Say what pydantic found, by field."""
    found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return Malformed(N_("The body is not JSON in UTF-8."))
    return BadFields(found[:MAX_ERRORS])


def _describe(refusal: PeerQAError) -> Problem:
    sentence = _say(refusal.sentence, refusal.context)
    if isinstance(refusal, NotSignedIn):
        sentence = _say(N_("Send a valid token: “Authorization: Bearer …”."))
    problem = Problem(
        type=f"urn:peerqa:problem:{refusal.code}",
        title=_title(refusal),
        status=refusal.status,
        detail=sentence,
        code=refusal.code,
    )
    if isinstance(refusal, Invalid) and refusal.field:
        problem.errors = [FieldError(field=refusal.field, detail=sentence)]
    elif isinstance(refusal, EditConflict):
        problem.present = _present(refusal.present)
    return problem


def _title(refusal: PeerQAError) -> str:
    """Return what all problems of this code have in common, or else HTTP's own word."""
    if refusal.code == PeerQAError.code:
        return HTTPStatus(refusal.status).phrase
    return refusal.code.replace("-", " ").capitalize()


def _field_error(found: ErrorDetails) -> FieldError:
    sentence = _FIELDS.get(found["type"], N_("This cannot be taken as it is."))
    field = ".".join(str(part) for part in found["loc"])[:100]
    return FieldError(field=field, detail=_say(sentence, found.get("ctx")))


def _present(post: Post) -> PresentText:
    title = post.title if isinstance(post, Question) else None
    return PresentText(version=post.version, title=title, body=post.body)


def _headers(error: Exception, refusal: PeerQAError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if isinstance(refusal, Busy | TooSoon):
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        sent = "Authorization" in request.headers
        headers["WWW-Authenticate"] = "Bearer" + (' error="invalid_token"' if sent else "")
    return headers


def _log(error: Exception) -> str:
    """Log where it happened, never the message: that may quote what somebody wrote."""
    number = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    log.error(
        "request.failed",
        request=number,
        endpoint=request.endpoint,
        method=request.method,
        error=type(error).__name__,
        at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
    return number


def _say(sentence: str, context: Mapping[str, object] | None = None) -> str:
    text: str = gettext(sentence)
    return text % context if context else text
