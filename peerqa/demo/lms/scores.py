"""Scores and results: Assignment and Grade Services 2.0, sections 3.3 and 3.4, as Moodle does it.

A score must be strictly newer than the last one (409); one from the future is taken, and then
blocks all that come before its time. Whoever cannot be graded is refused with an empty 400. A score
that is not final erases the grade that people saw.
"""

import math
from datetime import datetime

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from peerqa.demo.lms.claims import GRADES_SCOPES
from peerqa.demo.lms.here import current_lms
from peerqa.demo.lms.line_items import get_column, shown
from peerqa.demo.lms.paging import cut, link_next
from peerqa.demo.lms.platform import Lms
from peerqa.demo.lms.tokens import accept, enter, receive
from peerqa.demo.lms.web import Json, Refused, empty, read_object, reply_json
from peerqa.demo.lms.world import Column, Course, Person, Score

SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
ACTIVITIES = {"Initialized", "Started", "InProgress", "Submitted", "Completed"}
GRADINGS = {"FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"}
LARGEST_PAGE = 50

routes = Blueprint("scores", __name__)


@routes.post("/courses/<course_id>/lineitems/<column_id>/lineitem/scores")
def post(course_id: str, column_id: str) -> Response:
    """Take a score."""
    lms = current_lms()
    tool, course = enter(lms, course_id, f"{GRADES_SCOPES}score", service="scores")
    column = get_column(lms, course, tool, column_id)
    sent = read_object(receive(SCORE))
    score = _read(sent)
    person = _gradable(lms, course, sent)
    with lms.lock:
        before = column.scores.get(person.key)
        if before is not None and score.at <= before.at:
            raise Refused("conflict", "A score of this time or later is already here.", status=409)
        column.scores[person.key] = score
    verdict = f"{score.given} of {score.maximum}, {score.grading}"
    lms.note(f"Score in {column.label} for {person.name}", verdict)
    return empty(200)


@routes.get("/courses/<course_id>/lineitems/<column_id>/lineitem/results")
def results(course_id: str, column_id: str) -> ResponseReturnValue:
    """Say what people see as their grades."""
    lms = current_lms()
    tool, course = enter(lms, course_id, f"{GRADES_SCOPES}result.readonly", service="results")
    column = get_column(lms, course, tool, column_id)
    accept(RESULTS)
    rows = [
        _result(lms, column, lms.world.people[key], score)
        for key, score in column.scores.items()
        if score.is_visible
        and request.args.get("user_id") in {None, lms.world.people[key].id}
    ]  # fmt: skip
    page, query = cut(rows, largest=LARGEST_PAGE)
    reply = reply_json(page, media_type=RESULTS)
    return link_next(reply, f"{lms.issuer}{request.path}", query)


def _result(lms: Lms, column: Column, person: Person, score: Score) -> dict[str, Json]:
    item = shown(lms, column)["id"]
    base, _, query = item.partition("?")
    assert score.given is not None, "a visible score has a grade"
    return {
        "id": f"{base}/results/{person.id}?{query}",
        "scoreOf": item,
        "userId": person.id,
        "resultScore": score.given * column.maximum / (score.maximum or column.maximum),
        "resultMaximum": column.maximum,
        **({"comment": score.comment} if score.comment else {}),
    }


def _gradable(lms: Lms, course: Course, sent: dict[str, Json]) -> Person:
    """Return who is graded.

    Raises:
        Refused: an empty 400 for anybody who is no learner there.
    """
    subject = sent.get("userId")
    person = lms.world.person_of(subject) if isinstance(subject, str) else None
    member = course.find(person) if person else None
    if person is None or member is None or "Learner" not in member.roles:
        raise Refused("", "userId is nobody who can be graded in this course.", status=400)
    return person


def _read(sent: dict[str, Json]) -> Score:
    """Check a score: section 3.4.1 to 3.4.9."""
    if sent.get("activityProgress") not in ACTIVITIES:
        raise Refused("invalid_request", "activityProgress is missing or unknown.")
    if sent.get("gradingProgress") not in GRADINGS:
        raise Refused("invalid_request", "gradingProgress is missing or unknown.")
    given, maximum = _number(sent, "scoreGiven"), _number(sent, "scoreMaximum")
    if given is not None and (maximum is None or maximum <= 0):
        raise Refused("invalid_request", "scoreGiven comes with a scoreMaximum above 0.")
    if given is not None and given < 0:
        raise Refused("invalid_request", "scoreGiven must not be negative.")
    comment = sent.get("comment", "")
    if not isinstance(comment, str):
        raise Refused("invalid_request", "comment must be a text.")
    return Score(
        at=_instant(sent.get("timestamp")), given=given, maximum=maximum, comment=comment,
        activity=sent["activityProgress"], grading=sent["gradingProgress"],
    )  # fmt: skip


def _number(sent: dict[str, Json], name: str) -> float | None:
    value = sent.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused("invalid_request", f"{name} must be a number.")
    return float(value)


def _instant(value: Json) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refused("invalid_request", "timestamp must be ISO 8601.") from None
    if found.tzinfo is None:
        raise Refused("invalid_request", "timestamp must have a time zone.")
    return found
