"""What people see: the log-in, their courses, an activity in its frame, the gradebook."""

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.here import current_lms, get_course, get_course_to_teach, person
from peerqa.demo.lms.platform import Lms
from peerqa.demo.lms.world import Course, Link

routes = Blueprint("courses", __name__)


@routes.get("/")
def home() -> ResponseReturnValue:
    """Show the courses, or whom one may log in as."""
    if g.person is None:
        return render_template("log_in.html")
    lms = current_lms()
    shown = [each for each in lms.world.courses.values() if lms.role_in(g.person, each)]
    return render_template("courses.html", courses=shown)


@routes.post("/log-in")
def log_in() -> ResponseReturnValue:
    """Be somebody, with one click."""
    found = current_lms().world.people.get(request.form.get("person", ""))
    if found is None or not found.what:
        abort(404)
    session["person"] = found.key
    return redirect(url_for("courses.home"))


@routes.post("/log-out")
def log_out() -> ResponseReturnValue:
    """Be nobody."""
    session.clear()
    return redirect(url_for("courses.home"))


@routes.get("/courses/<course_id>")
def course(course_id: str) -> ResponseReturnValue:
    """Show a course with its activities and its people."""
    lms, found = current_lms(), get_course(course_id)
    return render_template(
        "course.html",
        course=found,
        role=lms.role_in(person(), found),
        links=lms.world.links_of(found),
        tools=[tool for tool in lms.world.tools.values() if tool.is_active],
    )


@routes.get("/courses/<course_id>/return")
def come_back(course_id: str) -> ResponseReturnValue:
    """Take people back who leave the tool (launch_presentation's return_url)."""
    found = get_course(course_id)
    told = {name: request.args.get(name, "") for name in ("lti_msg", "lti_errormsg")}
    return render_template("returned.html", course=found, told=told)


@routes.get("/links/<link_id>")
def activity(link_id: str) -> ResponseReturnValue:
    """Show an activity in a frame."""
    link, found = _get_link(link_id)
    source = url_for("launches.open_link", link_id=link.id)
    return render_template("frame.html", course=found, link=link, source=source)


@routes.get("/courses/<course_id>/pick/<client_id>")
def pick(course_id: str, client_id: str) -> ResponseReturnValue:
    """Let a teacher choose what to add, in a frame."""
    found = get_course_to_teach(course_id)
    source = url_for("launches.pick", course_id=found.id, client_id=client_id)
    return render_template("frame.html", course=found, link=None, source=source)


@routes.get("/columns/<column_id>/review/<key>")
def review(column_id: str, key: str) -> ResponseReturnValue:
    """Show what somebody did for a grade, in a frame."""
    column = current_lms().world.columns.get(column_id)
    if column is None:
        abort(404)
    found = get_course_to_teach(column.course)
    source = url_for("launches.review", column_id=column.id, key=key)
    return render_template("frame.html", course=found, link=None, source=source)


@routes.get("/again")
def again() -> ResponseReturnValue:
    """Send the last launch once more, in a frame."""
    source = url_for("launches.again")
    return render_template("frame.html", course=None, link=None, source=source)


@routes.get("/storage")
def storage() -> ResponseReturnValue:
    """Be the frame lti_storage, which keeps data for tools (LTI Platform Storage 0.1)."""
    return render_template("storage.html")


@routes.post("/courses/<course_id>/links")
def add_link(course_id: str) -> ResponseReturnValue:
    """Add a tool to a course without its picker."""
    lms, found = current_lms(), get_course_to_teach(course_id)
    tool = lms.world.tools.get(request.form.get("client_id", ""))
    if tool is None or not tool.is_active:
        abort(404)
    link = Link(
        id=f"link-{lms.world.new_id()}", course=found.id, client_id=tool.client_id,
        title=request.form.get("title", "").strip() or tool.name,
    )  # fmt: skip
    lms.world.links[link.id] = link
    return redirect(url_for("courses.course", course_id=found.id))


@routes.post("/links/<link_id>/delete")
def delete_link(link_id: str) -> ResponseReturnValue:
    """Take an activity out of its course; its columns stay, as in most LMSs."""
    link, found = _get_link(link_id)
    get_course_to_teach(found.id)
    del current_lms().world.links[link.id]
    for column in current_lms().world.columns_of(found):
        if column.link == link.id:
            column.link = None
    return redirect(url_for("courses.course", course_id=found.id))


@routes.post("/courses/<course_id>/copy")
def copy(course_id: str) -> ResponseReturnValue:
    """Copy a course."""
    made = copy_course(current_lms(), get_course_to_teach(course_id))
    return redirect(url_for("courses.course", course_id=made.id))


@routes.post("/courses/<course_id>/people/<key>")
def set_state(course_id: str, key: str) -> ResponseReturnValue:
    """Make somebody active, inactive or deleted in a course."""
    found = get_course_to_teach(course_id)
    state = request.form.get("state", "")
    member = next((member for member in found.members if member.person == key), None)
    if member is None or state not in {"Active", "Inactive", "Deleted"}:
        abort(404)
    member.state = state  # type: ignore[assignment]  # one of the three, as just checked
    return redirect(url_for("courses.course", course_id=found.id))


@routes.get("/courses/<course_id>/gradebook")
def gradebook(course_id: str) -> ResponseReturnValue:
    """Show the grades as people see them; a learner sees their own."""
    lms, found = current_lms(), get_course(course_id)
    teaches = lms.role_in(person(), found) != "learner"
    shown = [
        lms.world.people[member.person]
        for member in found.members
        if "Learner" in member.roles
        and member.state != "Deleted"
        and (teaches or member.person == person().key)
    ]
    return render_template(
        "gradebook.html",
        course=found, people=shown, columns=lms.world.columns_of(found), teaches=teaches,
    )  # fmt: skip


def copy_course(lms: Lms, course: Course) -> Course:
    """Return a copy: the activities with their custom parameters, the columns without grades.

    The copy and each of its activities remember what they were copied from, the newest first.
    """
    world = lms.world
    made = course.model_copy(deep=True)
    made.id = f"c-{world.new_id()}"
    made.title = f"{course.title} (copy)"
    made.history = [course.id, *course.history]
    world.courses[made.id] = made
    twins: dict[str, str] = {}
    for link in world.links_of(course):
        twin = link.model_copy(deep=True)
        twin.id, twin.course = f"link-{world.new_id()}", made.id
        twin.history = [link.id, *link.history]
        world.links[twin.id] = twin
        twins[link.id] = twin.id
    for column in world.columns_of(course):
        twin_column = column.model_copy(deep=True)
        twin_column.id, twin_column.course, twin_column.scores = world.new_id(), made.id, {}
        twin_column.link = twins.get(column.link or "")
        world.columns[twin_column.id] = twin_column
    return made


def _get_link(link_id: str) -> tuple[Link, Course]:
    link = current_lms().world.links.get(link_id)
    if link is None:
        abort(404)
    return link, get_course(link.course)
