"""Registration by URL: LTI Dynamic Registration 1.0, sections 3.4 to 3.7.

An admin pastes the tool's registration address; the tool is opened in a frame with a token that
lasts an hour and is good for one registration. As in Moodle, the tool then waits to be activated.
"""

import secrets
from urllib.parse import urlsplit

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.here import current_lms
from peerqa.demo.lms.platform import INVITATION_LASTS, Lms
from peerqa.demo.lms.tokens import stumble
from peerqa.demo.lms.web import Json, Refused, read_object, reply_json
from peerqa.demo.lms.world import Tool
from peerqa.demo.registration import SCOPES, registration_of

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email", "locale")
MESSAGES = ("LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest")
VARIABLES = ("Context.id", "Context.title", "Context.id.history", "ResourceLink.id",
             "ResourceLink.id.history")  # fmt: skip

routes = Blueprint("registering", __name__)


def invite(lms: Lms) -> str:
    """Return a registration token."""
    token = secrets.token_urlsafe(24)
    lms.invitations[token] = lms.now() + INVITATION_LASTS
    return token


def configuration_address(lms: Lms) -> str:
    """Return where the configuration is."""
    return f"{lms.issuer}/lti/openid-configuration"


@routes.get("/openid-configuration")
def configuration() -> ResponseReturnValue:
    """Describe the LMS to a tool that registers (section 3.4)."""
    lms = current_lms()
    if lms.switches.guards_configuration:
        _check_token(lms)
    known = registration_of(lms.issuer)
    return reply_json(
        {
            "issuer": lms.issuer,
            "authorization_endpoint": known.authorization_url,
            "token_endpoint": known.token_url,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": known.keys_url,
            "registration_endpoint": f"{lms.issuer}/lti/registration",
            "scopes_supported": ["openid", *SCOPES],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": list(CLAIMS),
            PLATFORM: {
                "product_family_code": "northwind-academy",
                "version": "1",
                "messages_supported": [{"type": name} for name in MESSAGES],
                "variables": list(VARIABLES),
            },
        }
    )


@routes.post("/registration")
def register() -> ResponseReturnValue:
    """Take a tool in, once a token; it waits for the admin (sections 3.5 to 3.7)."""
    lms = current_lms()
    stumble(lms, "registration")
    token = _check_token(lms)
    if request.mimetype != "application/json":
        raise Refused("invalid_client_metadata", "The body must be application/json.")
    sent = read_object(request.get_data())
    tool = read_tool(sent)
    with lms.lock:
        if lms.invitations.pop(token, None) is None:
            raise Refused("invalid_token", "The registration token was used.", status=401)
        lms.world.tools[tool.client_id] = tool
    lms.note("Registration", f"{tool.name} waits to be activated")
    told = {**sent[TOOL]} | ({"deployment_id": tool.deployment_id}
                             if lms.switches.names_deployment else {})  # fmt: skip
    return reply_json(
        {**sent, "client_id": tool.client_id, "scope": " ".join(tool.scopes), TOOL: told}
    )


def _check_token(lms: Lms) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    until = lms.invitations.get(token.strip())
    if scheme.lower() != "bearer" or until is None or until <= lms.now():
        raise Refused("invalid_token", "The registration token is missing or old.", status=401)
    return token.strip()


def read_tool(sent: dict[str, Json]) -> Tool:
    """Check what a tool says of itself (section 3.5.1, OpenID Connect Registration section 2).

    Raises:
        Refused: names the field.
    """
    fixed: dict[str, Json] = {
        "application_type": "web", "token_endpoint_auth_method": "private_key_jwt",
    }  # fmt: skip
    for name, value in fixed.items():
        if sent.get(name) != value:
            raise _bad(f"{name} must be {value!r}.")
    if "id_token" not in _texts(sent, "response_types"):
        raise _bad("response_types must name id_token.")
    if not {"implicit", "client_credentials"} <= set(_texts(sent, "grant_types")):
        raise _bad("grant_types must name implicit and client_credentials.")
    about = sent.get(TOOL)
    if not isinstance(about, dict):
        raise _bad(f"{TOOL} is missing.")
    target = _address(about, "target_link_uri")
    domain = about.get("domain")
    if not isinstance(domain, str) or domain not in {urlsplit(target).netloc, _host(target)}:
        raise _bad("domain must be the host of target_link_uri, without a scheme.")
    if not isinstance(about.get("claims"), list) or not {"iss", "sub"} <= set(about["claims"]):
        raise _bad("claims must name iss and sub.")
    redirects = _texts(sent, "redirect_uris")
    login, keys = _address(sent, "initiate_login_uri"), _address(sent, "jwks_uri")
    for url in (*redirects, login, keys):
        if _host(url) != _host(target):
            raise _bad(f"{url} is not in the domain of the tool.")
    asked = str(sent.get("scope", "")).split()
    return Tool(
        client_id=secrets.token_hex(8),
        deployment_id=secrets.token_hex(3),
        name=_text(sent, "client_name"),
        login_url=login,
        redirect_urls=redirects,
        target_url=target,
        keys_url=keys,
        scopes=[scope for scope in SCOPES if scope in asked],
        custom=_custom(about),
        deep_linking_url=_deep_linking(about, target),
        is_active=False,
    )


def _deep_linking(about: dict[str, Json], target: str) -> str | None:
    messages = about.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise _bad("messages must be a list of objects.")
    for message in messages:
        if message.get("type") not in MESSAGES:
            raise _bad(f"The message {message.get('type')!r} is not supported.")
        if message["type"] == "LtiDeepLinkingRequest":
            return str(message.get("target_link_uri") or target)
    return None


def _custom(about: dict[str, Json]) -> dict[str, str]:
    custom = about.get("custom_parameters", {})
    if not isinstance(custom, dict) or not all(isinstance(each, str) for each in custom.values()):
        raise _bad("custom_parameters must hold texts alone.")
    return custom


def _text(sent: dict[str, Json], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _bad(f"{name} must be a text.")
    return value


def _texts(sent: dict[str, Json], name: str) -> list[str]:
    value = sent.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise _bad(f"{name} must be a list of texts, and not empty.")
    return value


def _address(sent: dict[str, Json], name: str) -> str:
    value = _text(sent, name)
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        raise _bad(f"{name} must be an address.")
    return value


def _host(url: str) -> str | None:
    return urlsplit(url).hostname


def _bad(sentence: str) -> Refused:
    return Refused("invalid_client_metadata", sentence)
