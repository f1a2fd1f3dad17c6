"""Where a request may go: addresses read strictly, and the networks that nobody may name."""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]  # host, port → addresses as text; may raise OSError

PORTS = {"http": 80, "https": 443}
MAX_URL = 4096
_SAFE = "/%:@!$&'()*+,;=~?-._[]"
_STRANGE = re.compile(r"[\x00-\x20\x7f\\]")

# What Python's own tables miss, or learned late: the wraps in which an IPv4 address hides.
_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "::/96", "::ffff:0:0/96",
        "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Target:
    """An address, taken apart."""

    scheme: str
    host: str  # in ASCII, lower case, without brackets
    port: int
    path: str  # with the query


def read_target(url: str) -> Target:
    """Take an address apart.

    Raises:
        ValueError: it is no http address, names a user, or holds what no address holds.
    """
    if len(url) > MAX_URL or _STRANGE.search(url):
        raise ValueError("not an address")
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in PORTS or parts.username is not None or parts.password is not None:
        raise ValueError("not an http address")
    host = _read_host(parts.hostname or "")
    if parts.port == 0:
        raise ValueError("not a port")
    path = quote(parts.path or "/", safe=_SAFE)
    query = "?" + quote(parts.query, safe=_SAFE) if parts.query else ""
    return Target(scheme, host, parts.port or PORTS[scheme], path + query)


def _read_host(host: str) -> str:
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    name = host.encode("idna").decode("ascii").lower()  # UnicodeError is a ValueError
    if not re.fullmatch(r"[a-z0-9_.-]{1,253}", name) or ".." in name or name.startswith("."):
        raise ValueError("not a host")
    return name


def is_public(address: Address) -> bool:
    """Whether the address belongs to the internet, and is no wrap of another one."""
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or any(address in network for network in _NEVER)
    )


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve_in_time(resolver: Resolver, target: Target, deadline: float) -> list[Address]:
    """Ask the resolver, which may block for half a minute, and wait no longer than the deadline.

    Raises:
        OSError: there is no such host, or no answer in time.
        ValueError: the resolver answered with something else than addresses.
    """
    answers: list[Sequence[str] | BaseException] = []

    def ask() -> None:
        try:
            answers.append(resolver(target.host, target.port))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            answers.append(error)

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if not answers:
        raise TimeoutError
    if isinstance(answers[0], BaseException):
        raise answers[0]
    return [ipaddress.ip_address(text) for text in answers[0]]
