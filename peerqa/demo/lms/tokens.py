"""Access to the services: client credentials with a signed assertion, then bearer tokens.

Security Framework 1.0, sections 4.1 and 4.1.1 (RFC 7523): private_key_jwt, at most five minutes
long, used once, for this very token endpoint.
"""

import secrets
import time
from datetime import timedelta

import jwt
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.here import current_lms
from peerqa.demo.lms.platform import Granted, Lms
from peerqa.demo.lms.switches import Service
from peerqa.demo.lms.tool_keys import Wanted, verify
from peerqa.demo.lms.web import Refused, reply_json
from peerqa.demo.lms.world import Course, Tool

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=5)

routes = Blueprint("tokens", __name__)


@routes.post("/token")
def grant() -> ResponseReturnValue:
    """Sell an access token."""
    lms = current_lms()
    stumble(lms, "token")
    form = request.form
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refused("invalid_request", "The request must be a form (urlencoded).")
    if form.get("grant_type") != "client_credentials":
        raise Refused("unsupported_grant_type", "grant_type must be client_credentials.")
    if form.get("client_assertion_type") != ASSERTION:
        raise Refused("invalid_request", f"client_assertion_type must be {ASSERTION}.")
    tool = _authenticate(lms, form.get("client_assertion", ""))
    asked = form.get("scope", "").split()
    granted = [scope for scope in dict.fromkeys(asked) if scope in tool.scopes]
    if not granted:
        raise Refused("invalid_scope", "None of these scopes is granted to the tool.")
    token = secrets.token_urlsafe(32)
    until = lms.now() + timedelta(seconds=lms.switches.token_seconds)
    lms.granted[token] = Granted(tool.client_id, frozenset(granted), until)
    lms.note("Access token", "granted: " + ", ".join(s.rpartition("/")[2] for s in granted))
    return reply_json(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": lms.switches.token_seconds,
            "scope": " ".join(granted),
        }
    )


def _authenticate(lms: Lms, assertion: str) -> Tool:
    """Return the tool that signed; whose it claims to be decides the key set to ask."""
    try:
        claimed = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise Refused("invalid_client", "client_assertion is no JWT.", status=401) from None
    tool = lms.world.tools.get(str(claimed.get("iss", "")))
    if tool is None or not tool.is_active:
        raise Refused("invalid_client", "No active tool has this client id.", status=401)
    wanted = Wanted(tool.client_id, f"{lms.issuer}/lti/token", tool.keys_url, LONGEST_ASSERTION,
                    needs=("sub", "jti"))  # fmt: skip
    claims = verify(assertion, wanted, lms.tool_keys, at=lms.now())
    if claims["sub"] != tool.client_id:
        raise Refused("invalid_client", "sub must be the client id.")
    if not lms.is_first("jti", f"{tool.client_id} {claims['jti']}"):
        raise Refused("invalid_client", "This assertion (jti) was used before.")
    return tool


def stumble(lms: Lms, service: Service) -> None:
    """Fail, when that is switched on for this service.

    Raises:
        Refused: with the status that was chosen.
    """
    failure = lms.take_failure(service)
    if failure is None:
        return
    if failure.status == 0:
        time.sleep(lms.config.hang_seconds)
    raise Stumbled(failure.status or 503, failure.retry_after)


class Stumbled(Refused):
    """A failure that was switched on; its body is empty, as those of several LMSs."""

    def __init__(self, status: int, retry_after: int | None) -> None:
        super().__init__("", "switched on", status=status)
        self.retry_after = retry_after


def enter(lms: Lms, course_id: str, *scopes: str, service: Service) -> tuple[Tool, Course]:
    """Return whose request it is and about which course; any one of the scopes opens the door.

    Raises:
        Refused: 401 without a living token, 403 without a scope, 404 for another tool's course.
    """
    stumble(lms, service)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    granted = lms.granted.get(token.strip())
    if scheme.lower() != "bearer" or granted is None or granted.until <= lms.now():
        raise Refused("invalid_token", "The access token is missing, unknown or old.", status=401)
    tool = lms.world.tools.get(granted.client_id)
    if tool is None or not tool.is_active:
        raise Refused("invalid_token", "The tool is not active.", status=401)
    # a scope that the admin has withdrawn is gone from tokens too
    if not granted.scopes & set(tool.scopes) & set(scopes):
        raise Refused("insufficient_scope", f"This takes one of {', '.join(scopes)}.", status=403)
    course = lms.world.courses.get(course_id)
    if course is None or request.args.get("client") != tool.client_id:
        raise Refused("not_found", "There is no such course for this tool.", status=404)
    return tool, course


def accept(media_type: str) -> None:
    """Check that the caller takes what is sent.

    Raises:
        Refused: 406.
    """
    accepted = request.headers.get("Accept", "")
    if media_type not in accepted and "*/*" not in accepted:
        raise Refused("not_acceptable", f"Accept must name {media_type}.", status=406)


def receive(media_type: str) -> bytes:
    """Return the body, which must come under its own media type.

    Raises:
        Refused: 415.
    """
    if request.mimetype != media_type:
        raise Refused("unsupported_media_type", f"The body must be {media_type}.", status=415)
    return request.get_data()
