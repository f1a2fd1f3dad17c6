"""What an admin or a platform says of itself: addresses and ids, checked before they are kept.

Whether an address may be called at all is decided each time, by the guarded client.
"""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from peerqa.database import storable
from peerqa.errors import N_, Invalid

MAX_ADDRESS = 1000
MAX_ID = 255  # as LTI Core 1.3 says of deployment_id; OpenID Connect of issuers and subjects
_NAMES = {
    "issuer": N_("issuer"),
    "authorization_url": N_("login request address"),
    "token_url": N_("access token address"),
    "keys_url": N_("keyset address"),
    "registration_url": N_("registration address"),
    "configuration_url": N_("configuration address"),
}


class BadAddress(Invalid):
    """This is no address that can be kept."""

    code = "bad-address"


def read_address(text: str, *, field: str, https_only: bool) -> str:
    """Return an address of a platform, as it is: platforms compare it by the letter.

    Args:
        field: a key of the names above.
        https_only: everywhere but in the demo.

    Raises:
        BadAddress: with a sentence that names the field.
    """
    name = _NAMES[field]
    text = text.strip()
    parts = _split(text)
    schemes = {"https"} if https_only else {"https", "http"}
    if parts is None or not text.isprintable() or any(c in text for c in " \\<>\"'"):
        raise BadAddress(N_("The %(name)s is no web address."), field=field, name=name)
    if len(text) > MAX_ADDRESS:
        raise BadAddress(N_("The %(name)s is too long."), field=field, name=name)
    if parts.scheme not in schemes:
        raise BadAddress(N_("The %(name)s must begin with https://."), field=field, name=name)
    if parts.username is not None or parts.password is not None or "#" in text:
        raise BadAddress(
            N_("The %(name)s must be without a user name and without a # part."),
            field=field,
            name=name,
        )
    return text


def read_issuer(text: str, *, https_only: bool) -> str:
    """Return an issuer: an address without a query (OpenID Connect Core 1.0 section 2).

    Raises:
        BadAddress: it is none.
    """
    issuer = read_address(text, field="issuer", https_only=https_only)
    if "?" in issuer or len(issuer) > MAX_ID:
        raise BadAddress(N_("The issuer must be a short address without a ?."), field="issuer")
    return issuer


def read_id(text: str, *, field: str) -> str:
    """Return an id that the platform gave, as it is: ids are case-sensitive.

    Raises:
        Invalid: it is empty, too long, or cannot be an id.
    """
    text = storable(text.strip())
    if not text:
        raise Invalid(N_("Please give the id that the LMS shows."), field=field)
    if len(text) > MAX_ID or not text.isprintable():
        raise Invalid(N_("An id has at most %(most)s characters."), field=field, most=MAX_ID)
    return text


def host_of(address: str) -> str:
    """Return the host, with its port where it names one."""
    parts = _split(address)
    return parts.netloc.rpartition("@")[2].lower() if parts else ""


def is_in(host: str, domains: Collection[str]) -> bool:
    """Whether the host is one of these domains, or below one."""
    name = host.partition(":")[0]
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises when it is no number
    except ValueError:
        return None
    return parts if parts.scheme and parts.hostname else None
