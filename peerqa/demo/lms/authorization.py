"""The authentication request of a tool, checked: Security Framework 1.0 section 5.1.1.2.

Two mistakes are never answered to the redirect address: a client that is not known, and an address
that is not registered exactly. All others go back to the tool as an error, with its state.
"""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from peerqa.demo.lms.platform import LOGIN_LASTS, Begun, Lms
from peerqa.demo.lms.web import Refused
from peerqa.demo.lms.world import Tool

FIELDS = (
    "scope", "response_type", "response_mode", "prompt", "client_id", "redirect_uri", "state",
    "nonce", "login_hint", "lti_message_hint",
)  # fmt: skip


class Untrusted(Refused):
    """It cannot be said to the tool, since nobody knows whether the address is the tool's."""


@dataclass(frozen=True)
class Asked:
    """An authentication request of a known tool, at an address of that tool."""

    tool: Tool
    redirect_url: str
    fields: dict[str, str]

    @property
    def state(self) -> str | None:
        """What the tool gets back with the answer."""
        return self.fields.get("state")


def read(lms: Lms, sent: MultiDict[str, str]) -> Asked:
    """Return the request, when its client and its address are known.

    Raises:
        Untrusted: they are not.
    """
    fields = {name: sent[name] for name in FIELDS if name in sent}
    tool = lms.world.tools.get(fields.get("client_id", ""))
    if tool is None or not tool.is_active:
        raise Untrusted("unauthorized_client", "No active tool has this client_id.")
    redirect_url = fields.get("redirect_uri", "")
    if redirect_url not in tool.redirect_urls:
        raise Untrusted("invalid_request", "The redirect_uri is not registered, letter by letter.")
    if repeated := [name for name in sent if len(sent.getlist(name)) > 1]:
        raise Untrusted("invalid_request", f"Sent more than once: {', '.join(repeated)}.")
    return Asked(tool, redirect_url, fields)


def check(lms: Lms, asked: Asked, *, person: str | None) -> Begun:
    """Return the launch that is asked for.

    Args:
        person: the key of who is logged in to the LMS in this browser.

    Raises:
        Refused: to be sent to the tool.
    """
    fields = asked.fields
    wanted = {
        "response_type": ("id_token", "unsupported_response_type"),
        "response_mode": ("form_post", "invalid_request"),
        "scope": ("openid", "invalid_scope"),
        "prompt": ("none", "invalid_request"),
    }
    for name, (value, code) in wanted.items():
        if fields.get(name) != value:
            raise Refused(code, f"{name} must be {value}.")
    for name in ("nonce", "state", "login_hint"):
        if not fields.get(name):
            raise Refused("invalid_request", f"{name} is missing.")
    if not lms.is_first("nonce", f"{asked.tool.client_id} {fields['nonce']}"):
        raise Refused("invalid_request", "This nonce was used before.")
    found = lms.world.people.get(person or "")
    if found is None:
        raise Refused("login_required", "Nobody is logged in to the LMS in this browser.")
    if fields["login_hint"] != found.id:
        raise Refused("login_required", "The login_hint is another person's.")
    return _take_hint(lms, asked, found.key)


def _take_hint(lms: Lms, asked: Asked, person: str) -> Begun:
    hint = asked.fields.get("lti_message_hint", "")
    with lms.lock:
        begun = lms.begun.get(hint)
        if begun is None or begun.client_id != asked.tool.client_id or begun.person != person:
            raise Refused("invalid_request", "The lti_message_hint is unknown or was used.")
        if lms.switches.hints_used_once:
            del lms.begun[hint]
    if lms.now() - begun.at > LOGIN_LASTS:
        raise Refused("invalid_request", "The launch was begun too long ago.")
    return begun
