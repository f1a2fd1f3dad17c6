"""What a teacher picked in the tool comes back: Deep Linking 2.0, sections 4.5 and 3.

The message is the tool's own JWT, for this picker alone, once. Nothing of it is taken when any item
is wrong.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.claims import DEEP, LTI
from peerqa.demo.lms.here import current_lms, find_person
from peerqa.demo.lms.line_items import make_column
from peerqa.demo.lms.platform import Begun, Lms
from peerqa.demo.lms.tool_keys import Wanted, verify
from peerqa.demo.lms.web import Json, Refused
from peerqa.demo.lms.world import Course, Link, Tool

LONGEST = timedelta(hours=1)
RESPONSE = "LtiDeepLinkingResponse"

routes = Blueprint("deep_linking", __name__)


@routes.post("/picked/<key>")
def picked(key: str) -> ResponseReturnValue:
    """Take the items into the course, or show what went wrong."""
    lms = current_lms()
    begun = lms.picking.get(key)
    person = find_person(lms)
    if begun is None or person is None or person.key != begun.person:
        raise Refused("invalid_request", "Nobody in this browser is waiting for this choice.")
    course = lms.world.courses[begun.course]
    try:
        claims = check(lms, begun, request.form.get("JWT", ""))
        added = take(lms, course, lms.world.tools[begun.client_id], claims)
    except Refused as refused:
        lms.note("Deep linking response", refused.sentence)
        page = render_template("picked.html", course=course, refused=refused, claims={})
        return page, 400
    del lms.picking[key]
    lms.note("Deep linking response", f"{len(added)} added to {course.title}")
    texts = {name: claims.get(f"{DEEP}{name}", "") for name in ("msg", "errormsg", "log")}
    return render_template("picked.html", course=course, added=added, claims=texts)


def check(lms: Lms, begun: Begun, token: str) -> dict[str, Json]:
    """Return the claims of the response.

    Raises:
        Refused: the tool did not say this, or not to this picker.
    """
    tool = lms.world.tools[begun.client_id]
    wanted = Wanted(tool.client_id, lms.issuer, tool.keys_url, LONGEST, needs=("nonce",))
    claims = verify(token, wanted, lms.tool_keys, at=lms.now())
    expected = {
        "message_type": RESPONSE, "version": "1.3.0", "deployment_id": tool.deployment_id,
    }  # fmt: skip
    for name, value in expected.items():
        if claims.get(f"{LTI}{name}") != value:
            raise Refused("invalid_request", f"{name} must be {value!r}.")
    if claims.get(f"{DEEP}data") != begun.data:
        raise Refused("invalid_request", "data is not what was sent, letter by letter.")
    if not lms.is_first("picked", f"{tool.client_id} {claims['nonce']}"):
        raise Refused("invalid_request", "This response was sent before (nonce).")
    return claims


def take(lms: Lms, course: Course, tool: Tool, claims: dict[str, Json]) -> list[Link]:
    """Add the items as activities; none when one of them is wrong.

    Raises:
        Refused: names the item.
    """
    items = claims.get(f"{DEEP}content_items", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refused("invalid_request", "content_items must be a list of objects.")
    if len(items) > 1 and not lms.switches.accepts_several:
        raise Refused("invalid_request", "Only one item can be added (accept_multiple).")
    with lms.lock:
        before = lms.world.model_copy(deep=True)
        try:
            return [_add(lms, course, tool, item) for item in items]
        except Refused:
            lms.world = before
            raise


def _add(lms: Lms, course: Course, tool: Tool, item: dict[str, Json]) -> Link:
    kinds = {"ltiResourceLink"} | ({"link"} if lms.switches.accepts_links else set())
    if item.get("type") not in kinds:
        raise Refused("invalid_request", f"Items of type {item.get('type')!r} are not accepted.")
    title, text, url = (item.get(name, "") for name in ("title", "text", "url"))
    if not all(isinstance(each, str) for each in (title, text, url)):
        raise Refused("invalid_request", "title, text and url must be texts.")
    if url and urlsplit(url).netloc != urlsplit(tool.target_url).netloc:
        raise Refused("invalid_request", "The url of an LTI link must be the tool's.")
    custom = item.get("custom", {})
    if not isinstance(custom, dict) or not all(isinstance(each, str) for each in custom.values()):
        raise Refused("invalid_request", "custom must hold texts alone.")
    link = Link(
        id=f"link-{lms.world.new_id()}", course=course.id, client_id=tool.client_id,
        title=title or tool.name, text=text, url=url, custom=custom,
    )  # fmt: skip
    lms.world.links[link.id] = link
    if (line_item := item.get("lineItem")) is not None:
        if not lms.switches.accepts_line_items:
            raise Refused("invalid_request", "Line items are not accepted here.")
        if not isinstance(line_item, dict):
            raise Refused("invalid_request", "lineItem must be an object.")
        make_column(lms, course, tool, {"label": link.title} | line_item, link=link.id)
    return link
