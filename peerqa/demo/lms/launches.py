"""A launch, from the platform's side: login initiation, authentication response, the key set.

Security Framework 1.0, section 5.1.1: third-party initiated login, then an OpenID Connect implicit
flow with form_post. The person's log-in here decides who is launched, never the hint alone.
"""

import secrets
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from peerqa.demo.lms import authorization
from peerqa.demo.lms.claims import DEEP_LINKING, RESOURCE, REVIEW, claims_of
from peerqa.demo.lms.faults import FAULTS, SHORT_NAMES, Draft, sign
from peerqa.demo.lms.here import current_lms, find_person, get_course, get_course_to_teach, person
from peerqa.demo.lms.platform import Begun, Lms, Sent
from peerqa.demo.lms.web import Refused, empty, reply_json

routes = Blueprint("launches", __name__)


@routes.get("/links/<link_id>/open")
def open_link(link_id: str) -> ResponseReturnValue:
    """Begin the launch of an activity, in the frame or the window that asks."""
    lms = current_lms()
    link = lms.world.links.get(link_id)
    if link is None:
        abort(404)
    course = get_course(link.course)
    return begin(
        lms,
        Begun(
            person().key, link.client_id, RESOURCE, course.id, link.id, lms.target_of(link),
            lms.now(), window=request.args.get("in") == "window",
        ),
    )  # fmt: skip


@routes.get("/courses/<course_id>/pick/<client_id>")
def pick(course_id: str, client_id: str) -> ResponseReturnValue:
    """Begin deep linking: the tool lets a teacher choose what to add."""
    lms = current_lms()
    course = get_course_to_teach(course_id)
    tool = lms.world.tools.get(client_id)
    if tool is None or tool.deep_linking_url is None:
        abort(404)
    key = secrets.token_urlsafe(16)
    begun = Begun(
        person().key, client_id, DEEP_LINKING, course.id, None, tool.deep_linking_url, lms.now(),
        data=f"data & <{key}>" if lms.switches.sends_data else None,
        return_url=f"{lms.issuer}/lti/picked/{key}",
    )  # fmt: skip
    lms.picking[key] = begun
    return begin(lms, begun)


@routes.get("/columns/<column_id>/review/<key>")
def review(column_id: str, key: str) -> ResponseReturnValue:
    """Begin a submission review: a teacher looks at what somebody did for a grade."""
    lms = current_lms()
    column = lms.world.columns.get(column_id)
    if column is None or key not in lms.world.people:
        abort(404)
    course = get_course_to_teach(column.course)
    tool = lms.world.tools[column.client_id]
    return begin(
        lms,
        Begun(
            person().key, column.client_id, REVIEW, course.id, column.link,
            column.review_url or tool.target_url, lms.now(), column=column.id, for_person=key,
        ),
    )  # fmt: skip


def begin(lms: Lms, begun: Begun) -> ResponseReturnValue:
    """Send the browser to the tool's login, by GET or by POST."""
    hint = secrets.token_urlsafe(16)
    lms.begun[hint] = begun
    tool = lms.world.tools[begun.client_id]
    if not tool.is_active:
        abort(Response(render_template("inactive.html", tool=tool), 403))
    fields = {
        "iss": lms.issuer,
        "login_hint": lms.world.people[begun.person].id,
        "target_link_uri": begun.target,
        "lti_message_hint": hint,
    }
    if lms.switches.sends_client_id:
        fields["client_id"] = tool.client_id
    if lms.switches.sends_deployment:
        fields["lti_deployment_id"] = tool.deployment_id
    if lms.switches.storage != "off" and not begun.window:  # a window has no page beside it
        fields["lti_storage_target"] = lms.switches.storage
    lms.note(f"{begun.message}: login of {lms.world.people[begun.person].what or begun.person}")
    if lms.switches.login_by == "POST":
        return _post(tool.login_url, fields)
    joint = "&" if "?" in tool.login_url else "?"
    return redirect(f"{tool.login_url}{joint}{urlencode(fields)}")


@routes.route("/authorize", methods=["GET", "POST"])
def authorize() -> ResponseReturnValue:
    """Answer the tool with an id_token, or with an error and its state."""
    lms = current_lms()
    asked = authorization.read(lms, request.form if request.method == "POST" else request.args)
    logged_in = find_person(lms)
    try:
        begun = authorization.check(lms, asked, person=logged_in.key if logged_in else None)
    except Refused as refused:
        lms.note("Authentication request", f"{refused.code}: {refused.sentence}")
        fields = {"error": refused.code, "error_description": refused.sentence}
        return _post(asked.redirect_url, fields | ({"state": asked.state} if asked.state else {}))
    fields = answer(lms, asked, begun)
    lms.last_sent = Sent(asked.redirect_url, fields)
    lms.note(f"{begun.message}: id_token sent")
    return _post(asked.redirect_url, fields)


def answer(lms: Lms, asked: authorization.Asked, begun: Begun) -> dict[str, str]:
    """Return the form with the id_token, spoiled as the next launch is to be."""
    nonce = asked.fields["nonce"]
    taken = lms.take_next()
    key = lms.keys.current
    draft = Draft(claims_of(lms, begun, nonce=nonce), key, asked.state, key.kid,
                  last_nonce=lms.last_nonce)  # fmt: skip
    for name in taken.faults:
        draft = FAULTS[name][1](draft)
    gone = {SHORT_NAMES.get(name, name) for name in taken.omit}
    said = {SHORT_NAMES.get(name, name): value for name, value in taken.claims.items()}
    claims = {name: value for name, value in (draft.claims | said).items() if name not in gone}
    lms.last_nonce = nonce
    fields = {"id_token": sign(replace(draft, claims=claims))}
    return fields | ({"state": draft.state} if draft.state is not None else {})


@routes.get("/again")
def again() -> ResponseReturnValue:
    """Send the last form once more, as whoever recorded it would."""
    sent = current_lms().last_sent
    if sent is None:
        abort(404)
    return _post(sent.url, sent.fields)


@routes.get("/keys")
def keys() -> ResponseReturnValue:
    """Publish the key set."""
    lms = current_lms()
    if failure := lms.take_failure("keys"):
        return empty(failure.status or 503)
    return reply_json(lms.keys.document())


def _post(url: str, fields: dict[str, str]) -> Response:
    """Return a page that posts a form: a script does it, or a button where there is none."""
    return make_response(render_template("post.html", url=url, fields=fields))
