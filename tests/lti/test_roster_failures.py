"""Rosters that cannot be read: remembered, not hammered, and nobody is changed."""

from datetime import timedelta

import pytest

from lti.people import roster, roster_reading
from peerqa.outgoing import client
from tests.conftest import NOON
from tests.lti.fake_lms import Answer
from tests.lti.services import ROSTER, Course, make_course, one_key, page, person, read, state

assert one_key


@pytest.fixture
def course(session, organization, lms) -> Course:
    return make_course(session, organization, lms)


SOON = timedelta(minutes=5)


def refused_page(status: int) -> Answer:
    return Answer(status, b"<html>secret-canary</html>")


@pytest.mark.parametrize(
    ("answers", "sentence", "pause"),
    [
        ((refused_page(403),), "status 403", timedelta(hours=4)),
        ((refused_page(404),), "no roster of this course any more", timedelta(hours=4)),
        ((refused_page(401),), "status 401", timedelta(hours=4)),
        ((refused_page(302),), "status 302", timedelta(hours=4)),
        ((refused_page(500),), "status 500", SOON),
        ((Answer(429, headers=(("Retry-After", "7200"),)),), "status 429", timedelta(hours=2)),
        ((Answer(body=b"<html>"),), "not JSON", SOON),
        ((Answer(body=[]),), "no roster", SOON),
        ((Answer(body={"members": {}}),), "no roster", SOON),
        ((page(),), "empty roster", SOON),
        ((page(person("ann", status="Deleted")),), "empty roster", SOON),
        ((page(None, 7, {}, {"user_id": 7}, {"user_id": ""}),), "empty roster", SOON),
        ((page({"user_id": "a\x00b"}, {"user_id": "\ud800"}),), "empty roster", SOON),
        ((page(person("ann"), next="/roster?page=2"),), "somewhere else", SOON),
        ((page(person("ann"), next="https://evil.example/r"),), "somewhere else", SOON),
        ((Answer(after_seconds=1),), "in time", SOON),
    ],
    ids=str,
)  # fmt: skip
def test_what_fails_is_remembered_and_changes_nobody(course, monkeypatch, answers, sentence, pause):
    read(course, page(person("ann", name="Ann"), person("ben", name="Ben")))
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.5)
    read(course, *answers)

    assert course.names() == ["Ann", "Ben"]
    assert sentence in state(course).roster_error
    assert "canary" not in state(course).roster_error
    assert course.context.roster_failed_count == 1
    assert 0.79 * pause <= course.context.roster_due_at - NOON <= 1.21 * pause
    assert course.context.roster_read_at == NOON


def test_a_second_page_that_fails_changes_nobody(course):
    read(course, page(person("ann", name="Ann"), person("ben", name="Ben")))
    course.lms.answer("/p2", Answer(500))
    read(course, page(person("ann"), person("new"), next=f"{course.lms.url}/p2"))

    assert course.names() == ["Ann", "Ben"]


def test_pages_that_go_round_come_to_an_end(course):
    loop = f"{course.lms.url}{ROSTER}?limit=200"
    read(course, page(person("ann"), next=loop))

    assert "do not come to an end" in state(course).roster_error
    assert len(course.lms.asked_for(ROSTER)) == 1


def test_the_pauses_grow_and_end_with_a_success(course):
    course.lms.answer(ROSTER, refused_page(403))
    pauses = []
    for _ in range(9):
        course.at = course.context.launched_at = state(course).roster_due_at
        course.session.commit()
        roster.read_due(now=course.now)
        pauses.append(state(course).roster_due_at - course.at)

    assert pauses[0] < pauses[2] < pauses[4]
    assert pauses[-1] <= timedelta(days=7) * 1.2
    read(course, page(person("ann")))
    assert (state(course).roster_failed_count, course.context.roster_error) == (0, None)


def test_a_roster_is_read_every_four_hours_while_the_course_is_used(course):
    course.lms.answer(ROSTER, page(person("ann")))
    for _ in range(20):
        roster.read_due(now=course.now)
        course.later(hours=1)
    assert len(course.lms.asked_for(ROSTER)) == 5

    course.later(days=15)
    assert roster.read_due(now=course.now) == 0


@pytest.mark.parametrize("change", ["disabled", "waiting", "nothing offered"])
def test_a_course_that_is_not_open_is_not_read(course, session, change):
    if change == "disabled":
        course.platform.disabled_at = NOON
    elif change == "waiting":
        course.context.deployment.state = "waiting"
    else:
        course.context.roster_url = None
    session.commit()

    assert roster.read_due(now=course.now) == 0


def test_an_lms_that_is_down_does_not_starve_the_others(course, session, organization, monkeypatch):
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.6)
    campus_url = course.lms.url
    for number in range(5):
        dead = make_course(
            session, organization, course.lms, issuer=f"https://dead{number}.example"
        )
        dead.context.deployment.platform = course.platform
        dead.context.deployment.deployment_id = f"dead{number}"
        dead.context.roster_url = f"{campus_url}/dead"
        dead.context.roster_due_at = NOON - timedelta(hours=1)
    course.context.roster_due_at = None
    course.lms.answer("/dead", Answer(after_seconds=1))
    alive = make_course(session, organization, course.lms, issuer="https://alive.example")
    alive.lms.answer(ROSTER, page(person("ann", name="Ann")))
    session.commit()

    assert roster.read_due(now=course.now) == 2
    assert alive.names() == ["Ann"]
    assert len(course.lms.asked_for("/dead")) == 1


def test_a_roster_without_end_is_not_read_to_its_end(course, monkeypatch):
    read(course, page(person("ann", name="Ann")))
    monkeypatch.setattr(roster_reading, "MAX_PEOPLE", 2)

    read(course, page(*(person(f"made-up-{number}") for number in range(3))))

    assert course.names() == ["Ann"]
    assert "longer than PeerQA reads" in state(course).roster_error
