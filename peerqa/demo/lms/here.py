"""The LMS of the running request, and who is logged in to it in this browser."""

import secrets
from pathlib import Path

from flask import abort, current_app, g, session

from peerqa.demo.lms.keyring import replace
from peerqa.demo.lms.platform import Lms
from peerqa.demo.lms.world import Course, Person


def current_lms() -> Lms:
    """Return the LMS."""
    found = current_app.extensions["lms"]
    assert isinstance(found, Lms)
    return found


def find_person(lms: Lms) -> Person | None:
    """Return who is logged in."""
    return lms.world.people.get(session.get("person", ""))


def person() -> Person:
    """Return who is logged in; pages other than the first have somebody."""
    found = g.person
    if not isinstance(found, Person):
        abort(401)
    return found


def get_course(course_id: str) -> Course:
    """Return a course in which the person has a place."""
    course = current_lms().world.courses.get(course_id)
    if course is None or not current_lms().role_in(person(), course):
        abort(404)
    return course


def get_course_to_teach(course_id: str) -> Course:
    """Return a course that the person may change."""
    course = get_course(course_id)
    if current_lms().role_in(person(), course) == "learner":
        abort(403)
    return course


def session_key(home: Path | None) -> str:
    """Return the key of the log-in cookie, the same after a restart."""
    if home is None:
        return secrets.token_hex(32)
    path = home / "session.key"
    if not path.exists():
        replace(path, secrets.token_hex(32))
    return path.read_text(encoding="ascii")
