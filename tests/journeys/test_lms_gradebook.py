"""Rosters and grades between PeerQA and the demo LMS, over HTTP, with both sides' own code."""

import threading
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lti.grading import grades
from lti.models import Account, Context, Deployment, Enrolment, Platform
from lti.people import roster
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.models import Member
from peerqa.services.grades import set_score
from tests.journeys.academy_site import Campus
from tests.journeys.plain_browser import PlainBrowser
from tests.journeys.student import framed
from tests.journeys.test_lms_handshake import enter, launch

pytestmark = pytest.mark.browser

PATIENCE_SECONDS = 30.0


def wait_for(is_so: Callable[[], bool], campus: Campus) -> None:
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not is_so():
        events = [f"{event.what}: {event.verdict}" for event in campus.lms.log]
        assert time.monotonic() < deadline, events
        pause.wait(0.2)


def read_roster(campus: Campus) -> dict[str, Enrolment]:
    """Have the roster read; returns who is in the course, by their ids in the LMS."""
    with campus.site.app.app_context():
        roster.read_due(now=utc_now)
    with campus.site.reading() as session:
        rows = session.execute(
            select(Account.subject, Enrolment)
            .join(Enrolment.account)
            .join(Account.platform)
            .where(Platform.issuer == campus.address)
        )
        return {subject: enrolment for subject, enrolment in rows}


def test_the_whole_roster_is_read_and_who_left_is_marked(campus):
    launch(campus, enter(campus, "petra"))

    wait_for(lambda: len(read_roster(campus)) >= 8, campus)

    found = read_roster(campus)
    present = {subject for subject, enrolment in found.items() if enrolment.left_at is None}
    assert present == {
        "a41f6c02", "0c93d7be", "77e05ad1", "d2b8194f", "5ea7b3f8", "f00d1234", "38d92c75",
        "e5471aa3",
    }  # fmt: skip


@pytest.mark.long
def test_a_roster_that_fails_once_is_no_disaster(campus):
    campus.lms.fail("roster", 429, retry_after=1)
    launch(campus, enter(campus, "petra"))
    read_roster(campus)

    assert launch(campus, enter(campus, "noor")).status == 200


def switch_grades_on(campus: Campus) -> PlainBrowser:
    """Bring a teacher and a learner in, and give the space a column."""
    browser = enter(campus, "petra")
    launch(campus, browser)
    launch(campus, enter(campus, "noor"))
    with campus.site.app.app_context(), transaction() as session:
        context, petra = get_context(session, campus), get_member(session, campus, "77e05ad1")
        grades.switch_on(session, context, by=petra, at=utc_now(), label="Help", maximum=10)
    return browser


def get_context(session, campus: Campus) -> Context:
    return session.scalars(
        select(Context)
        .join(Context.deployment)
        .join(Deployment.platform)
        .where(Platform.issuer == campus.address)
    ).one()


def get_member(session, campus: Campus, subject: str) -> Member:
    return session.scalars(
        select(Member)
        .join(Account, Account.member_id == Member.id)
        .join(Account.platform)
        .where(Platform.issuer == campus.address, Account.subject == subject)
    ).one()


def give(campus: Campus, points: float) -> None:
    with campus.site.app.app_context(), transaction() as session:
        noor = get_member(session, campus, "a41f6c02")
        space = get_context(session, campus).space
        set_score(session, member=noor, space=space, given=points, maximum=10, at=utc_now())


def shown(campus: Campus) -> list[float | None]:
    """Return Noor's visible grades in the LMS."""
    return [
        column.scores["noor"].given
        for column in campus.lms.world.columns.values()
        if "noor" in column.scores and column.scores["noor"].is_visible
    ]


def test_a_score_comes_to_the_gradebook_and_a_newer_one_after_it(campus):
    switch_grades_on(campus)
    give(campus, 6)
    wait_for(lambda: shown(campus) == [6.0], campus)
    give(campus, 8)

    wait_for(lambda: shown(campus) == [8.0], campus)


def test_a_score_comes_though_the_clock_of_the_lms_is_behind(campus):
    campus.lms.switches.clock_ahead_seconds = -5
    switch_grades_on(campus)
    give(campus, 6)
    wait_for(lambda: shown(campus) == [6.0], campus)

    score = next(iter(campus.lms.world.columns.values())).scores["noor"]
    assert score.at <= campus.lms.now()


@pytest.mark.long
def test_a_token_that_ended_early_is_bought_again(campus):
    switch_grades_on(campus)
    give(campus, 6)
    wait_for(lambda: shown(campus) == [6.0], campus)
    campus.lms.granted.clear()
    give(campus, 7)

    wait_for(lambda: shown(campus) == [7.0], campus)


def test_a_teacher_reviews_from_the_gradebook(campus, sit_in_class):
    switch_grades_on(campus)
    give(campus, 6)
    wait_for(lambda: shown(campus) == [6.0], campus)
    campus.lms.switches.storage = "_parent"
    petra = sit_in_class("Petra Lindholm")
    page = petra.open("/courses/c-201/gradebook")
    row = page.get_by_role("row").filter(has_text="Noor van Dijk")
    row.get_by_role("link", name="Review").click()

    expect(framed(page).locator("main")).to_contain_text("Noor van Dijk")
