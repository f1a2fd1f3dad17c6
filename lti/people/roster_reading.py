"""A roster as the platform lists it: every page, or a refusal; nothing is stored here.

NRPS 2.0 sections 2.1 (membership), 2.2 (status; roles may be short names) and 2.4 (pages).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lti.launching.claims import is_variable
from lti.services.paging import find_next
from lti.services.platform_services import call
from lti.services.service_tokens import PlatformBusy, Registration
from peerqa.database import storable
from peerqa.errors import N_, PeerQAError
from peerqa.outgoing import Reply, Unreachable, Unreadable

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
PAGE_PEOPLE = 200  # that we ask for; platforms may send fewer, and Moodle sends all unless asked
MAX_PAGE_BYTES = 2 * 1024 * 1024
MAX_PAGES = 500
MAX_PEOPLE = 100_000
MAX_SECONDS = 120.0
MAX_TEXT = 255
MAX_ROLES = 20


class RosterRefused(PeerQAError):
    """The platform does not show this roster; asking again soon would not help."""

    code = "roster-refused"
    status = 502


@dataclass(frozen=True)
class Listed:
    """Somebody on a roster."""

    subject: str
    name: str | None
    email: str | None
    roles: tuple[str, ...]
    is_here: bool  # and not Inactive or Deleted


def read_roster(
    registration: Registration, url: str, *, now: Callable[[], datetime]
) -> dict[str, Listed]:
    """Return everybody on every page, by subject.

    Raises:
        RosterRefused: it is not shown to us, or is gone.
        PeerQAError: it cannot be read now.
    """
    people: dict[str, Listed] = {}
    end = time.monotonic() + MAX_SECONDS
    page: str | None = _with_limit(url)
    seen: set[str] = set()
    while page is not None:
        if page in seen or len(seen) >= MAX_PAGES:
            raise Unreadable(N_("The pages of the roster do not come to an end."))
        if time.monotonic() > end:
            raise Unreachable(N_("Reading the roster took too long."))
        seen.add(page)
        reply = call(
            registration, "GET", page, scopes=[SCOPE], at=now(), accepts=MEDIA_TYPE,
            max_bytes=MAX_PAGE_BYTES,
        )  # fmt: skip
        _check_status(reply)
        for listed in _read_page(reply):
            before = people.get(listed.subject)
            people[listed.subject] = _merge(before, listed) if before else listed
        if len(people) > MAX_PEOPLE:
            raise Unreadable(N_("The roster is longer than PeerQA reads."))
        page = find_next(reply, url)
    return people


def _with_limit(url: str) -> str:
    query = urlsplit(url).query
    if any(part.startswith("limit=") for part in query.split("&")):
        return url
    address, _, _ = url.partition("#")
    return f"{address}{'&' if query else '?'}limit={PAGE_PEOPLE}"


def _check_status(reply: Reply) -> None:
    if reply.status == 429 or reply.status >= 500:
        raise PlatformBusy(reply)
    if reply.status in {404, 410}:
        raise RosterRefused(
            N_("The LMS has no roster of this course any more (status %(status)s)."),
            status=reply.status,
        )
    if not reply.is_success:
        raise RosterRefused(
            N_("The LMS does not let PeerQA read who is in this course (status %(status)s)."),
            status=reply.status,
        )


def _read_page(reply: Reply) -> list[Listed]:
    said = reply.json()
    members = said.get("members") if isinstance(said, dict) else None
    if not isinstance(members, list):
        raise Unreadable(N_("%(host)s answered with something that is no roster."), host=reply.host)
    read = (_read_member(entry) for entry in members)
    return [listed for listed in read if listed is not None]


def _read_member(entry: Any) -> Listed | None:  # Any: JSON of others
    if not isinstance(entry, dict):
        return None
    subject = entry.get("user_id")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_TEXT:
        return None  # of somebody whom the platform does not identify
    if storable(subject) != subject:
        return None
    status = entry.get("status")
    roles = entry.get("roles")
    return Listed(
        subject=subject,
        name=_text(entry.get("name")) or _joined(entry),
        email=_text(entry.get("email")),
        roles=tuple(
            role[:MAX_TEXT]
            for role in (roles if isinstance(roles, list) else [])[:MAX_ROLES]
            if isinstance(role, str) and role and storable(role) == role
        ),
        is_here=not isinstance(status, str) or status.lower() not in {"inactive", "deleted"},
    )


def _joined(entry: dict[str, Any]) -> str | None:  # Any: JSON of others
    names = (_text(entry.get(part)) for part in ("given_name", "family_name"))
    return " ".join(name for name in names if name) or None


def _text(value: object) -> str | None:
    """Return a text, unless it is empty or a variable that the platform did not fill in."""
    if not isinstance(value, str):
        return None
    tidy = storable(value).strip()[:MAX_TEXT]
    return None if not tidy or is_variable(tidy) else tidy


def _merge(first: Listed, again: Listed) -> Listed:
    """Join two entries of a person, as in several sections: present in one is present."""
    roles = tuple(dict.fromkeys((*first.roles, *again.roles)))
    return replace(
        first,
        name=first.name or again.name,
        email=first.email or again.email,
        roles=roles[:MAX_ROLES],
        is_here=first.is_here or again.is_here,
    )
