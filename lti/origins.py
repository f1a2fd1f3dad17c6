"""Origins of web addresses (RFC 6454): what may frame us, what our token may go to, who is ours."""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_USUAL_PORTS = {"http": 80, "https": 443}


def origin_of(address: str) -> str | None:
    """Return scheme://host[:port] of a web address, or None when it is none.

    Scheme and host in lower case, without the usual port, so that origins can be compared; without
    what would end a source in a Content-Security-Policy.
    """
    if not address.isprintable() or any(sign in address for sign in " \\"):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _USUAL_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if not _HOST.fullmatch(host):
        return None
    usual = _USUAL_PORTS[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, usual} else "")


def is_same_place(address: str, first: str) -> bool:
    """Whether both are whole addresses of one origin, so that a token may go to both."""
    return (found := origin_of(address)) is not None and found == origin_of(first)
