"""A platform's gradebook over HTTP: our column, found or made, looked at, and a score posted.

AGS 2.0 sections 3.2 (line items) and 3.4 (scores). Nothing is stored here. Whoever made a column
and did not hear so (a time-out) finds it by its resource id. Addresses of columns must be on the
host of the list, since our token goes there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti.grading import grade_messages as messages
from lti.origins import is_same_place
from lti.services.paging import find_next
from lti.services.platform_services import call
from lti.services.service_tokens import PlatformBusy, Registration
from peerqa.errors import N_, PeerQAError
from peerqa.outgoing import Reply, Unreadable

MAX_PAGES = 20
MAX_URL = 2000

Clock = Callable[[], datetime]


class Stopped(PeerQAError):
    """Nothing more can be sent to a column until somebody has acted."""

    code = "gradebook-closed"
    status = 502


class ColumnGone(Stopped):
    """The column is there no more."""

    code = "column-gone"


@dataclass(frozen=True)
class Column:
    """A column to work on, copied out of its rows."""

    id: int
    url: str | None  # None until it is made there
    label: str
    maximum: float
    space_id: int
    items_url: str | None
    scopes: frozenset[str]
    registration: Registration


def look_at(column: Column, url: str, *, at: datetime) -> Reply:
    """See whether our column is there; the reply tells the platform's time too.

    Raises:
        ColumnGone: it was deleted.
        Stopped: we may not see it any more.
        PlatformBusy: not now.
    """
    reply = call(
        column.registration, "GET", url, scopes=[messages.LINE_ITEM], at=at,
        accepts=messages.ITEM_TYPE,
    )  # fmt: skip
    check(reply)
    return reply


def find_or_make(column: Column, *, now: Clock) -> tuple[str, Reply]:
    """Return the address of our column, and the last reply.

    Raises:
        Stopped: we may not make one.
        PlatformBusy: not now.
    """
    needed = {messages.LINE_ITEM, messages.SCORE}
    if column.items_url is None or not needed <= column.scopes:
        raise Stopped(N_("The LMS does not let PeerQA make a column and send scores any more."))
    return _find(column, column.items_url, now=now) or _make(column, column.items_url, at=now())


def post_score(column: Column, url: str, body: bytes, *, at: datetime) -> Reply:
    """Send one score; what the status means for a person is the caller's matter.

    Raises:
        Stopped: we may send none any more.
        PlatformBusy: not now.
    """
    reply = call(
        column.registration, "POST", messages.scores_url(url), scopes=[messages.SCORE], at=at,
        content_type=messages.SCORE_TYPE, body=body,
    )  # fmt: skip
    if reply.status in {401, 403, 429} or reply.status >= 500:
        check(reply)
    return reply


def check(reply: Reply) -> None:
    """Refuse what is no success."""
    if reply.is_success:
        return
    if reply.status == 429 or reply.status >= 500:
        raise PlatformBusy(reply)
    if reply.status in {404, 410}:
        raise ColumnGone(
            N_("Somebody deleted the column in the LMS. Switch scores on again to have a new one.")
        )
    if reply.status in {401, 403}:
        raise Stopped(
            N_(
                "The LMS does not let PeerQA into this gradebook any more (status %(status)s). "
                "Its admin can allow that."
            ),
            status=reply.status,
        )
    raise Stopped(
        N_("The LMS does not take PeerQA's column (status %(status)s)."), status=reply.status
    )


def _find(column: Column, items_url: str, *, now: Clock) -> tuple[str, Reply] | None:
    """Look through the list, which a platform may filter for us or not."""
    page: str | None = messages.items_url(items_url, column.space_id)
    for _ in range(MAX_PAGES):
        assert page is not None
        reply = call(
            column.registration, "GET", page, scopes=[messages.LINE_ITEM], at=now(),
            accepts=messages.ITEMS_TYPE,
        )  # fmt: skip
        if reply.status in {401, 403, 404, 405}:
            return None  # making one may be allowed all the same
        check(reply)
        listed = reply.json()
        for item in listed if isinstance(listed, list) else []:
            if _is_ours(item, column.space_id):
                return _read_url(item, items_url, reply), reply
        page = find_next(reply, items_url)
        if page is None:
            return None
    return None


def _is_ours(item: Any, space_id: int) -> bool:  # Any: JSON of others
    return (
        isinstance(item, dict)
        and item.get("resourceId") == messages.resource_id(space_id)
        and item.get("tag") == messages.TAG
    )


def _make(column: Column, items_url: str, *, at: datetime) -> tuple[str, Reply]:
    body = messages.item_body(label=column.label, maximum=column.maximum, space_id=column.space_id)
    reply = call(
        column.registration, "POST", items_url, scopes=[messages.LINE_ITEM], at=at,
        accepts=messages.ITEM_TYPE, content_type=messages.ITEM_TYPE, body=body,
    )  # fmt: skip
    if reply.status in {404, 410}:
        raise Stopped(N_("The LMS has no gradebook for this course any more."))
    check(reply)
    return _read_url(reply.json(), items_url, reply), reply


def _read_url(item: Any, items_url: str, reply: Reply) -> str:  # Any: JSON of others
    url = item.get("id") if isinstance(item, dict) else None
    if not isinstance(url, str) or len(url) > MAX_URL or not is_same_place(url, items_url):
        raise Unreadable(N_("%(host)s made a column and did not say where it is."), host=reply.host)
    return url
