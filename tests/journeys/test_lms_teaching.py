"""What teachers of the demo LMS do with PeerQA, in Chromium, third-party cookies blocked."""

import pytest
from playwright.sync_api import expect

from tests.journeys.student import Student, framed

pytestmark = pytest.mark.browser

LEARNER, TEACHER = "Noor van Dijk", "Petra Lindholm"


def pick_own_board(petra: Student) -> None:
    frame = petra.open_picker()
    frame.get_by_role("link", name="Choose this course's board").click()
    frame.get_by_label("Title in the course").fill("Help from colleagues")
    frame.get_by_role("button", name="Add to the course").click()


def test_a_teacher_places_the_board_and_a_learner_opens_it(sit_in_class, campus):
    petra = sit_in_class(TEACHER)
    pick_own_board(petra)

    expect(petra.page.get_by_role("link", name="Help from colleagues")).to_be_visible()
    assert petra.page.url == f"{campus.address}/courses/c-201"
    noor = sit_in_class(LEARNER)
    noor.open("/courses/c-201").get_by_role("link", name="Help from colleagues").click()
    heading = framed(noor.page).get_by_role("heading", name="Workshop floor", level=1)
    expect(heading).to_be_visible()


@pytest.mark.long
def test_a_teacher_who_cancels_comes_back_to_the_lms(sit_in_class, campus):
    petra = sit_in_class(TEACHER)
    frame = petra.open_picker()
    frame.get_by_role("button", name="Cancel").or_(frame.get_by_role("link", name="Cancel")).click()

    expect(frame.get_by_role("heading", name="Nothing was added")).to_be_visible()
    frame.get_by_role("link", name="Back to the course").click()
    expect(petra.page.get_by_role("heading", name="Workshop floor", level=1)).to_be_visible()


def test_a_copied_course_opens(sit_in_class, campus):
    petra = sit_in_class(TEACHER)
    pick_own_board(petra)
    expect(petra.page.get_by_role("link", name="Help from colleagues")).to_be_visible()
    petra.page.get_by_role("button", name="Copy this course").click()
    petra.page.get_by_role("link", name="Help from colleagues").click()

    expect(framed(petra.page).get_by_role("heading", level=1)).to_be_visible()
    expect(framed(petra.page).locator("body")).to_contain_text(TEACHER)
