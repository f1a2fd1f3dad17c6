"""Columns of the gradebook: Assignment and Grade Services 2.0, section 3.2.

A tool sees the columns that it made. Reading needs lineitem or lineitem.readonly by name; writing
needs lineitem.
"""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.claims import GRADES_SCOPES, line_item_url
from peerqa.demo.lms.here import current_lms
from peerqa.demo.lms.paging import cut, link_next
from peerqa.demo.lms.platform import Lms
from peerqa.demo.lms.tokens import accept, enter, receive
from peerqa.demo.lms.web import Json, Refused, empty, read_object, reply_json
from peerqa.demo.lms.world import Column, Course, Tool

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
WRITE = f"{GRADES_SCOPES}lineitem"
READ = f"{GRADES_SCOPES}lineitem.readonly"
LARGEST_PAGE = 50

routes = Blueprint("line_items", __name__)


@routes.get("/courses/<course_id>/lineitems")
def index(course_id: str) -> ResponseReturnValue:
    """List the tool's columns; filters and pages as in section 3.2.5."""
    lms = current_lms()
    tool, course = enter(lms, course_id, READ, WRITE, service="items")
    accept(CONTAINER)
    filters = {"resource_link_id": "link", "resource_id": "resource_id", "tag": "tag"}
    rows = [
        column
        for column in lms.world.columns_of(course, tool.client_id)
        if all(
            getattr(column, field) == request.args[name]
            for name, field in filters.items()
            if name in request.args
        )
    ]
    page, query = cut(rows, largest=LARGEST_PAGE)
    reply = reply_json([shown(lms, column) for column in page], media_type=CONTAINER)
    return link_next(reply, f"{lms.issuer}{request.path}", query)


@routes.post("/courses/<course_id>/lineitems")
def create(course_id: str) -> ResponseReturnValue:
    """Make a column."""
    lms = current_lms()
    tool, course = enter(lms, course_id, WRITE, service="items")
    column = make_column(lms, course, tool, read_object(receive(ITEM)))
    lms.note(f"Line item in {course.title}", f"made: {column.label}")
    return reply_json(shown(lms, column), status=201, media_type=ITEM)


@routes.get("/courses/<course_id>/lineitems/<column_id>/lineitem")
def show(course_id: str, column_id: str) -> ResponseReturnValue:
    """Show a column."""
    lms = current_lms()
    tool, course = enter(lms, course_id, READ, WRITE, service="items")
    accept(ITEM)
    return reply_json(shown(lms, get_column(lms, course, tool, column_id)), media_type=ITEM)


@routes.put("/courses/<course_id>/lineitems/<column_id>/lineitem")
def change(course_id: str, column_id: str) -> ResponseReturnValue:
    """Change a column; its id and its activity stay what they are."""
    lms = current_lms()
    tool, course = enter(lms, course_id, WRITE, service="items")
    column = get_column(lms, course, tool, column_id)
    sent = read_object(receive(ITEM))
    fresh = _read(lms, course, tool, sent)
    if sent.get("id") not in {None, shown(lms, column)["id"]} or fresh.link != column.link:
        raise Refused("invalid_request", "id and resourceLinkId cannot be changed.")
    changed = fresh.model_copy(update={"id": column.id, "scores": column.scores})
    lms.world.columns[column.id] = changed
    return reply_json(shown(lms, changed), media_type=ITEM)


@routes.delete("/courses/<course_id>/lineitems/<column_id>/lineitem")
def delete(course_id: str, column_id: str) -> Response:
    """Delete a column with its grades."""
    lms = current_lms()
    tool, course = enter(lms, course_id, WRITE, service="items")
    del lms.world.columns[get_column(lms, course, tool, column_id).id]
    lms.note(f"Line item in {course.title}", "deleted")
    return empty(204)


def get_column(lms: Lms, course: Course, tool: Tool, column_id: str) -> Column:
    """Return a column of this tool in this course.

    Raises:
        Refused: 404, with an empty body.
    """
    column = lms.world.columns.get(column_id)
    if column is None or (column.course, column.client_id) != (course.id, tool.client_id):
        raise Refused("", f"There is no line item {column_id} for this tool.", status=404)
    return column


def make_column(
    lms: Lms, course: Course, tool: Tool, sent: dict[str, Json], *, link: str | None = None
) -> Column:
    """Make a column as a tool describes it; link: the activity that comes with it.

    Raises:
        Refused: the description is wrong.
    """
    column = _read(lms, course, tool, sent if link is None else sent | {"resourceLinkId": link})
    lms.world.columns[column.id] = column
    return column


def shown(lms: Lms, column: Column) -> dict[str, Json]:
    """Return a column as tools see it."""
    item: dict[str, Json] = {
        "id": line_item_url(lms, column.course, column.id, column.client_id),
        "label": column.label,
        "scoreMaximum": column.maximum,
    }
    if column.link:
        item["resourceLinkId"] = column.link
    if column.resource_id:
        item["resourceId"] = column.resource_id
    if column.tag:
        item["tag"] = column.tag
    if column.review_url is not None:
        item["submissionReview"] = {"url": column.review_url} if column.review_url else {}
    return item


def _read(lms: Lms, course: Course, tool: Tool, sent: dict[str, Json]) -> Column:
    """Check a description: section 3.2.7."""
    label, maximum = sent.get("label"), sent.get("scoreMaximum")
    if not isinstance(label, str) or not label.strip():
        raise Refused("invalid_request", "label must be a text.")
    if isinstance(maximum, bool) or not isinstance(maximum, int | float) or not maximum > 0:
        raise Refused("invalid_request", "scoreMaximum must be a number above 0.")
    texts = {name: sent.get(name, "") for name in ("resourceId", "tag")}
    if not all(isinstance(text, str) and len(text) <= 256 for text in texts.values()):
        raise Refused("invalid_request", "resourceId and tag must be texts of at most 256.")
    link_id = sent.get("resourceLinkId")
    link = lms.world.links.get(link_id) if isinstance(link_id, str) else None
    if link_id is not None and (
        link is None or (link.course, link.client_id) != (course.id, tool.client_id)
    ):
        raise Refused("invalid_request", "resourceLinkId is no activity of this tool here.")
    review = sent.get("submissionReview")
    if review is not None and not isinstance(review, dict):
        raise Refused("invalid_request", "submissionReview must be an object.")
    return Column(
        id=lms.world.new_id(),
        course=course.id,
        client_id=tool.client_id,
        label=label.strip(),
        maximum=float(maximum),
        link=link.id if link else None,
        resource_id=texts["resourceId"],
        tag=texts["tag"],
        review_url=str(review.get("url", "")) if review is not None else None,
    )
