"""PeerQA in the frame of the demo LMS, in Chromium, with the cookies that browsers allow."""

import re

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests.browser.cookie_jars import Cookies
from tests.journeys.student import Student, framed

pytestmark = pytest.mark.browser

QUESTION = "Who waters the plants in the entrance hall over Christmas?"
ANSWER = "Sigrid has the key, write to her before the 20th."
LEARNER, SECOND, TEACHER = "Noor van Dijk", "Emil Novák", "Petra Lindholm"
IN_A_TAB = "Open PeerQA in a new tab"


def expect_inside(frame: FrameLocator, name: str) -> None:
    expect(frame.get_by_role("heading", name="Workshop floor", level=1)).to_be_visible()
    expect(frame.locator("body")).to_contain_text(name)


def type_question(frame: FrameLocator) -> None:
    frame.get_by_label("Your question in one sentence").fill(QUESTION)
    frame.get_by_role("button", name="Ask a colleague").click()
    expect(frame.get_by_role("button", name="Ask colleagues")).to_be_visible()


def ask(frame: FrameLocator) -> None:
    type_question(frame)
    frame.get_by_role("button", name="Ask colleagues").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(QUESTION)
    expect(frame.get_by_text("Your question is out.")).to_be_visible()


def answer(frame: FrameLocator) -> None:
    frame.get_by_role("link", name=QUESTION).click()
    frame.get_by_label("Your answer").fill(ANSWER)
    frame.get_by_role("button", name="Answer", exact=True).click()
    expect(frame.get_by_text("Your answer is there.")).to_be_visible()


@pytest.mark.parametrize(
    "cookies", [Cookies.NO_THIRD_PARTY, pytest.param(Cookies.ALLOWED, marks=pytest.mark.long)]
)
def test_a_learner_asks_and_is_answered_inside_the_frame(sit_in_class, cookies):
    noor, petra = sit_in_class(LEARNER, cookies), sit_in_class(TEACHER, cookies)
    frame = noor.open_activity()
    expect_inside(frame, LEARNER)
    ask(frame)
    answer(petra.open_activity())

    noor.page.reload()
    frame.get_by_role("link", name=QUESTION).click()

    expect(frame.locator("article.answer")).to_contain_text(ANSWER)
    assert noor.page.url.startswith(noor.campus.address)


@pytest.mark.parametrize(
    ("method", "storage"),
    [
        ("GET", "off"),
        ("POST", "lti_storage"),
        pytest.param("GET", "_parent", marks=pytest.mark.long),
        pytest.param("GET", "lti_storage", marks=pytest.mark.long),
        pytest.param("POST", "off", marks=pytest.mark.long),
        pytest.param("POST", "_parent", marks=pytest.mark.long),
    ],
)
def test_the_frame_opens_however_the_login_comes(sit_in_class, campus, method, storage):
    campus.lms.switches.login_by, campus.lms.switches.storage = method, storage

    expect_inside(sit_in_class(LEARNER).open_activity(), LEARNER)


def without_login_cookie(student: Student) -> None:
    """Lose what the login gave the browser, before the launch comes."""

    def forget(route: Route) -> None:
        student.context.clear_cookies(name=re.compile("^peerqa_lti_"))
        route.continue_()

    student.context.route(re.compile("/lti/authorize"), forget)


@pytest.mark.parametrize(
    "storage", ["lti_storage", pytest.param("_parent", marks=pytest.mark.long)]
)
def test_a_lost_login_cookie_is_replaced_by_the_platforms_storage(sit_in_class, campus, storage):
    campus.lms.switches.storage = storage
    noor = sit_in_class(LEARNER)
    without_login_cookie(noor)

    expect_inside(noor.open_activity(), LEARNER)


def open_tab(student: Student, frame: FrameLocator, name: str = IN_A_TAB) -> Page:
    with student.context.expect_page() as opened:
        frame.get_by_role("button", name=name).or_(frame.get_by_role("link", name=name)).click()
    return opened.value


def test_without_cookies_in_the_frame_peerqa_works_in_a_tab(sit_in_class):
    noor = sit_in_class(LEARNER, Cookies.NONE_IN_FRAMES)

    tab = open_tab(noor, noor.open_activity())

    expect(tab.get_by_role("heading", name="Workshop floor", level=1)).to_be_visible()
    expect(tab.locator("body")).to_contain_text(LEARNER)
    assert tab.url.startswith(noor.campus.site.address)


def test_a_browser_without_any_cookie_is_told_so_in_one_sentence(sit_in_class):
    noor = sit_in_class(LEARNER, Cookies.NONE)

    tab = open_tab(noor, noor.open_activity())

    expect(tab.get_by_role("heading", level=1)).to_contain_text("blocks every cookie")


def test_without_cookies_and_storage_a_tab_begins_anew(sit_in_class, campus):
    campus.lms.switches.storage, campus.lms.switches.hints_used_once = "off", False
    noor = sit_in_class(LEARNER, Cookies.NONE_IN_FRAMES)

    tab = open_tab(noor, noor.open_activity())

    expect(tab.get_by_role("heading", name="Workshop floor", level=1)).to_be_visible()


@pytest.mark.long
def test_where_an_lms_takes_its_hint_once_the_tab_says_how_to_go_on(sit_in_class, campus):
    campus.lms.switches.storage = "off"
    noor = sit_in_class(LEARNER, Cookies.NONE_IN_FRAMES)

    tab = open_tab(noor, noor.open_activity())

    expect(tab.get_by_role("heading", level=1)).to_contain_text("course")
    window = noor.open("/courses/c-201").get_by_role("link", name="In a new window").first
    with noor.context.expect_page() as opened:
        window.click()
    expect(opened.value.get_by_role("heading", name="Workshop floor", level=1)).to_be_visible()


def test_two_activities_at_once_in_a_fresh_browser_both_open(sit_in_class):
    noor = sit_in_class(LEARNER)
    second = noor.context.new_page()
    for page, link in ((noor.page, "link-c-201"), (second, "link-c-202")):
        page.goto(f"{noor.address}/links/{link}", wait_until="commit")

    expect(framed(noor.page).get_by_role("heading", name="Workshop floor", level=1)).to_be_visible()
    expect(framed(second).get_by_role("heading", name="Orders and delivery")).to_be_visible()
    noor.page.bring_to_front()
    ask(framed(noor.page))


def test_another_persons_page_that_is_still_open_writes_nothing(sit_in_class):
    noor = sit_in_class(LEARNER)
    old = noor.open_activity()
    type_question(old)
    first, noor.page = noor.page, noor.context.new_page()
    noor.log_in(SECOND)
    expect_inside(noor.open_activity(), SECOND)

    framed(first).get_by_role("button", name="Ask colleagues").click()

    expect(framed(first).locator("body")).to_contain_text("an earlier sign-in")
    expect(noor.open_activity().get_by_role("link", name=QUESTION)).to_have_count(0)


def test_a_frame_grows_with_its_page_where_the_lms_obeys(sit_in_class, campus):
    page = sit_in_class(TEACHER).open("/links/link-c-201")
    box = page.locator("iframe.tool")
    expect_inside(framed(page), TEACHER)
    expect(box).not_to_have_attribute("style", "")

    inner = framed(page).locator("html").evaluate("e => [e.scrollHeight, e.clientHeight]")
    assert inner[0] <= inner[1] + 2


@pytest.mark.long
def test_a_frame_of_fixed_height_scrolls_inside(sit_in_class, campus):
    campus.lms.switches.resizes = False
    page = sit_in_class(TEACHER).open("/links/link-c-201")
    expect_inside(framed(page), TEACHER)

    assert page.locator("iframe.tool").bounding_box()["height"] == 450
    frame = framed(page)
    type_question(frame)
    frame.get_by_role("button", name="Ask colleagues").scroll_into_view_if_needed()
    expect(frame.get_by_role("button", name="Ask colleagues")).to_be_in_viewport()


def test_reload_and_back_are_harmless(sit_in_class):
    noor = sit_in_class(LEARNER)
    expect_inside(noor.open_activity(), LEARNER)
    for _ in range(2):
        noor.page.reload()
        expect_inside(framed(noor.page), LEARNER)
    type_question(framed(noor.page))
    noor.page.evaluate("history.back()")  # in the frame; the LMS page has nowhere to go back to
    expect_inside(framed(noor.page), LEARNER)
