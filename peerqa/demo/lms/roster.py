"""The roster of a course: Names and Role Provisioning Services 2.0, section 3."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.claims import ROSTER_SCOPE, roles_of
from peerqa.demo.lms.here import current_lms
from peerqa.demo.lms.paging import cut, link_next
from peerqa.demo.lms.platform import Lms
from peerqa.demo.lms.tokens import accept, enter
from peerqa.demo.lms.web import Json, Refused, reply_json
from peerqa.demo.lms.world import Course, Membership

CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_COURSE_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"

routes = Blueprint("roster", __name__)


@routes.get("/courses/<course_id>/memberships")
def memberships(course_id: str) -> ResponseReturnValue:
    """Say who is in the course, page by page."""
    lms = current_lms()
    _, course = enter(lms, course_id, ROSTER_SCOPE, service="roster")
    accept(CONTAINER)
    wanted = request.args.get("role", "")
    if wanted and "#" not in wanted:
        wanted = _COURSE_ROLE + wanted
    if link_id := request.args.get("rlid"):
        link = lms.world.links.get(link_id)
        if link is None or link.course != course.id:
            raise Refused("not_found", "There is no such activity in the course.", status=404)
    rows = [m for m in course.members if not wanted or wanted in _roles(lms, course, m)]
    page, query = cut(rows, largest=lms.switches.page_size)
    address = f"{lms.issuer}{request.path}"
    body = {
        "id": f"{address}?{request.query_string.decode()}",
        "context": {"id": course.id, "label": course.label, "title": course.title},
        "members": [_entry(lms, course, member) for member in page],
    }
    lms.note(f"Roster of {course.title}", f"{len(page)} people sent")
    return link_next(reply_json(body, media_type=CONTAINER), address, query)


def _entry(lms: Lms, course: Course, member: Membership) -> dict[str, Json]:
    person = lms.world.people[member.person]
    roles = _roles(lms, course, member)
    if lms.switches.short_roster_roles:
        roles = [role.rpartition("#")[2] for role in roles if role.startswith(_COURSE_ROLE)]
    entry: dict[str, Json] = {"status": member.state, "user_id": person.id, "roles": roles}
    if person.is_private or member.state == "Deleted":
        return entry
    if lms.switches.shares_names:
        entry |= {"name": person.name, "given_name": person.given, "family_name": person.family}
    if lms.switches.shares_emails and person.email:
        entry["email"] = person.email
    return entry


def _roles(lms: Lms, course: Course, member: Membership) -> list[str]:
    person = lms.world.people[member.person]
    there = course.model_copy(update={"members": [member.model_copy(update={"state": "Active"})]})
    return roles_of(person, there)
