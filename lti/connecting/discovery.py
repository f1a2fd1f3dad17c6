"""Dynamic Registration with a platform: its configuration is read, and one request registers us.

LTI Dynamic Registration 1.0 sections 3.4 (configuration) and 3.5 (registration). The bearer token
goes along with the configuration request too: Canvas wants it there. What the platform's answer
claims to have granted is kept only as far as it was asked for; launches say what holds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lti.connecting.addresses import host_of, is_in, read_address, read_id, read_issuer
from lti.connecting.tool import TOOL_CONFIGURATION, Tool, client_metadata
from peerqa.errors import N_, Invalid, PeerQAError
from peerqa.outgoing import Client

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
# Issuers of all customers of a vendor: host of the issuer → domains that speak for it.
KNOWN_ISSUERS = {
    "canvas.instructure.com": ("instructure.com", "canvaslms.com"),
    "canvas.beta.instructure.com": ("instructure.com", "canvaslms.com"),
    "canvas.test.instructure.com": ("instructure.com", "canvaslms.com"),
    "blackboard.com": ("blackboard.com", "anthology.com"),
}
MAX_LIST, MAX_TEXT = 200, 300


class RegistrationFailed(PeerQAError):
    """The platform did not do its part."""

    code = "registration-failed"
    status = 502


class BadConfiguration(Invalid):
    """The platform's configuration cannot be used."""

    code = "bad-configuration"


@dataclass(frozen=True)
class Configuration:
    """What a platform says of itself.

    Attributes:
        host: where the configuration was read.
        scopes: that it offers; None when it does not say. claims: likewise.
        messages: its message types, each with its placements.
    """

    host: str
    issuer: str
    authorization_url: str
    token_url: str
    keys_url: str
    registration_url: str
    token_audience: str | None = None
    product: str = ""
    account: str = ""
    scopes: list[str] | None = None
    claims: list[str] | None = None
    messages: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_own_host(self) -> bool:
        """Whether the issuer itself gave the configuration."""
        return host_of(self.issuer) == self.host

    @property
    def is_known(self) -> bool:
        """Whether the two hosts are known to belong together."""
        return is_in(self.host, KNOWN_ISSUERS.get(host_of(self.issuer), ()))


@dataclass(frozen=True)
class Registered:
    """What the platform gave."""

    client_id: str
    deployment_id: str | None
    scopes: list[str]


def fetch_configuration(
    outgoing: Client,
    url: str,
    *,
    token: str,
    https_only: bool,
) -> Configuration:
    """Read a platform's configuration; call outside of transactions.

    Raises:
        BadAddress: the address cannot be one.
        RegistrationFailed: the platform gives none.
        BadConfiguration: something is missing in it.
        peerqa.outgoing.Refused, Unreachable: the address may not or cannot be called.
    """
    url = read_address(url, field="configuration_url", https_only=https_only)
    reply = outgoing.request("GET", url, headers=_headers(token))
    if reply.status != 200:
        raise RegistrationFailed(
            N_(
                "The LMS did not give its configuration (status %(status)s). The registration may "
                "have been used or be too old: begin it again in the LMS."
            ),
            status=reply.status,
        )
    document = _read_object(reply.body)
    if document is None:
        raise BadConfiguration(
            N_("What the LMS gave is no configuration. Is the address of the LMS right?")
        )
    return read_configuration(document, host=host_of(url), https_only=https_only)


def read_configuration(
    document: Mapping[str, Any], *, host: str, https_only: bool
) -> Configuration:
    """Check a configuration (section 3.4; OpenID Connect Discovery 1.0 section 3).

    Raises:
        BadConfiguration: it names what is missing or wrong.
    """

    def address(key: str, name: str) -> str:
        return read_address(_text(document, key), field=name, https_only=https_only)

    said = document.get(PLATFORM_CONFIGURATION)
    platform = said if isinstance(said, dict) else {}
    try:
        return Configuration(
            host=host,
            issuer=read_issuer(_text(document, "issuer"), https_only=https_only),
            authorization_url=address("authorization_endpoint", "authorization_url"),
            token_url=address("token_endpoint", "token_url"),
            keys_url=address("jwks_uri", "keys_url"),
            registration_url=address("registration_endpoint", "registration_url"),
            token_audience=_text(document, "authorization_server") or None,
            product=_text(platform, "product_family_code")[:100],
            account=_text(platform, "https://canvas.instructure.com/lti/account_name")[:100],
            scopes=_texts(document, "scopes_supported"),
            claims=_texts(document, "claims_supported"),
            messages=_read_messages(platform.get("messages_supported")),
        )
    except Invalid as refusal:
        raise BadConfiguration(
            N_("The configuration of the LMS cannot be used: %(reason)s"), reason=str(refusal)
        ) from None


def register(
    outgoing: Client,
    configuration: Configuration,
    tool: Tool,
    *,
    token: str,
) -> Registered:
    """Register PeerQA with the platform, once; call outside of transactions.

    Raises:
        RegistrationFailed: the platform refuses, or gives no client id.
        peerqa.outgoing.Refused, Unreachable: as above.
    """
    metadata = client_metadata(
        tool,
        scopes=configuration.scopes,
        claims=configuration.claims,
        messages=configuration.messages,
    )
    reply = outgoing.request(
        "POST",
        configuration.registration_url,
        headers=_headers(token) | {"Content-Type": "application/json"},
        body=json.dumps(metadata).encode(),
    )
    document = _read_object(reply.body)
    if reply.status not in (200, 201):
        raise _refusal(reply.status, document or {})
    if document is None:
        raise RegistrationFailed(
            N_("The LMS answered, but not with a registration. Nothing is registered here.")
        )
    asked = str(metadata["scope"]).split()
    return _read_registered(document, asked)


def _read_registered(document: Mapping[str, Any], asked: list[str]) -> Registered:
    said = document.get("client_id")
    client_id = str(said) if isinstance(said, str | int) and not isinstance(said, bool) else ""
    echoed = document.get(TOOL_CONFIGURATION)
    deployment_id = echoed.get("deployment_id") if isinstance(echoed, dict) else None
    granted = document.get("scope")
    scopes = asked if not isinstance(granted, str) else [s for s in asked if s in granted.split()]
    try:
        return Registered(
            client_id=read_id(client_id, field="client_id"),
            deployment_id=read_id(str(deployment_id), field="deployment_id")
            if deployment_id not in (None, "")
            else None,
            scopes=scopes,
        )
    except Invalid:
        raise RegistrationFailed(
            N_("The LMS registered PeerQA without a client id that can be used.")
        ) from None


def _refusal(status: int, document: Mapping[str, Any]) -> RegistrationFailed:
    """Say what the platform says (OpenID Connect Dynamic Client Registration 1.0 section 3.3)."""
    reason = _text(document, "error_description") or _text(document, "error")
    if not reason:
        return RegistrationFailed(
            N_(
                "The LMS refused the registration (status %(status)s). It may have been used or be "
                "too old: begin it again in the LMS."
            ),
            status=status,
        )
    return RegistrationFailed(
        N_("The LMS refused the registration (status %(status)s): %(reason)s"),
        status=status,
        reason=reason[:MAX_TEXT],
    )


def _headers(token: str) -> dict[str, str]:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return {"Accept": "application/json", **bearer}


def _read_object(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""


def _texts(document: Mapping[str, Any], key: str) -> list[str] | None:
    value = document.get(key)
    return [v for v in value if isinstance(v, str)][:MAX_LIST] if isinstance(value, list) else None


def _read_messages(value: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in value[:MAX_LIST] if isinstance(value, list) else []:
        if isinstance(each, dict) and (kind := _text(each, "type")):
            found[kind] = [*found.get(kind, ()), *(_texts(each, "placements") or ())]
    return found
