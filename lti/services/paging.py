"""The next page of a service's list: Link headers, read as RFC 8288 section 3 writes them.

NRPS 2.0 section 2.4.2, AGS 2.0 section 3.2.5. Addresses keep their case. A next page must be a
whole address on the host of the first one, since it is asked for with the platform's token.
"""

import re

from lti.origins import is_same_place
from peerqa.errors import N_
from peerqa.outgoing import Reply, Unreadable

MAX_HEADER = 20_000
_LINK = re.compile(
    r"<([^<>]*)>"
    r"((?:\s*;\s*[^\s=;,\"]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,\"]*))?)*)"
)
_PARAMETER = re.compile(r";\s*([^\s=;,\"]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*))")


def find_next(reply: Reply, first: str) -> str | None:
    """Return the address of the next page, or None after the last.

    Args:
        first: the address that the platform gave for the list.

    Raises:
        Unreadable: the next page is not where it may be.
    """
    for header in reply.list_headers("Link"):
        for match in _LINK.finditer(header[:MAX_HEADER]):
            if "next" in _relations(match[2]):
                return _check(match[1].strip(), first, reply)
    return None


def _relations(parameters: str) -> list[str]:
    for match in _PARAMETER.finditer(parameters):
        if match[1].lower() == "rel":  # of several, the first counts
            return (match[2] if match[2] is not None else match[3]).lower().split()
    return []


def _check(address: str, first: str, reply: Reply) -> str:
    if not is_same_place(address, first):
        raise Unreadable(
            N_("%(host)s says that the next page of its list is somewhere else."), host=reply.host
        )
    return address
