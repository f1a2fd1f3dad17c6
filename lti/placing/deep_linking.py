"""The answer to a deep linking request: a JWT of ours that the browser carries to the platform.

Deep Linking 2.0 section 4.4 (the request's settings) and 4.5 (the response). The return address
comes out of the signed request alone. What we place is an ltiResourceLink whose configuration is in
custom parameters, since those survive the copy of a course (section 4.3.2).

pylti1p3 builds the message (content_items.py); data is echoed only when it was sent, and times come
from our clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti.launching.refusals import LaunchRefused
from lti.models import Picking
from lti.origins import origin_of
from lti.services import keys
from peerqa.errors import N_, Invalid
from peerqa.secrets import InstanceKey, new_token

LINK = "ltiResourceLink"
CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LASTS = timedelta(minutes=5)
LONGEST_URL = 4000


class ReturnAddressMissing(LaunchRefused):
    code = "return-address-missing"
    says = N_("The LMS did not say where your choice shall go, so nothing can be chosen.")


class ReturnAddressUnsafe(LaunchRefused):
    code = "return-address-unsafe"
    says = N_("The LMS wants your choice at an address that is not a safe one (https).")
    remedy = N_("The LMS must be reached by https, and its deep_link_return_url must say so.")


@dataclass(frozen=True)
class Item:
    """One link to place."""

    key: str  # of its placement
    title: str
    text: str
    column_of: int | None = None  # the space whose gradebook column comes with it


@dataclass(frozen=True)
class Reply:
    """What goes back beside the items: messages for the person, and for the platform's log."""

    message: str | None = None
    error: str | None = None
    error_log: str | None = None


NOTHING_SAID = Reply()


def read_return_address(url: str, *, allows_http: bool) -> str:
    """Return the address of the signed request, when a form may be sent there.

    Any host that the platform's signature vouches for: a Canvas customer's is not its issuer's.

    Raises:
        ReturnAddressMissing: there is none.
        ReturnAddressUnsafe: it is no https address.
    """
    if not url:
        raise ReturnAddressMissing
    origin = origin_of(url)
    is_address = (
        origin is not None
        and (allows_http or origin.startswith("https:"))
        and len(url) <= LONGEST_URL
        and not any(sign in url for sign in '"<>^`{|}')
    )
    if not is_address:
        raise ReturnAddressUnsafe
    return url


def takes_links(picking: Picking) -> bool:
    """Whether the platform takes the only thing that PeerQA can place."""
    return LINK in picking.accepts_types


def make_response(
    session: Session,
    key: InstanceKey,
    picking: Picking,
    items: Sequence[Item],
    *,
    target: str,
    at: datetime,
    reply: Reply = NOTHING_SAID,
) -> str:
    """Return the signed response.

    Args:
        target: the address that the placed links open: ours.
        items: none when the person turned back, or could not choose.

    Raises:
        Invalid: there are several, and the platform takes one.
    """
    if len(items) > 1 and not picking.accepts_several:
        raise Invalid(N_("The LMS takes one link at a time here. Choose one."), field="pick")
    from lti.placing import (
        content_items,  # pylti1p3 takes 15 MB, and few processes ever place a link
    )

    claims = content_items.build(picking, items, target=target)
    if picking.data is None:
        del claims[f"{CLAIM}data"]
    claims |= {
        "nonce": new_token(),
        "iat": int(at.timestamp()),
        "exp": int((at + LASTS).timestamp()),
    }
    said = {"msg": reply.message, "errormsg": reply.error, "errorlog": reply.error_log}
    claims |= {f"{CLAIM}{name}": text for name, text in said.items() if text}
    return keys.sign(session, key, claims, at=at)
