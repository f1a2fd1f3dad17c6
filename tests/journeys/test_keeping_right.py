"""Keeping answers right: verified and retired by keyboard alone; a guide is made and found."""

import pytest
from playwright.sync_api import Page, expect

from peerqa.clock import utc_now
from peerqa.models import Answer, Member
from peerqa.services import answers, questions
from peerqa.services.answering import doubts
from tests.browser.company import LABELS, Company
from tests.browser.fixtures import SitDown
from tests.browser.keyboard import press, type_into
from tests.browser.site import Site
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

TURNS = 40  # of waiting for the worker, half a second each


def doubt_the_first_answer(site: Site, company: Company) -> None:
    with site.writing() as session:
        lena = session.get_one(Member, company.people["Lena"])
        question = questions.get_question(session, lena, company.questions[LABELS.title])
        answer: Answer = answers.list_answers(session, question)[0]
        reason = "The new firmware wants three seconds."
        doubts.doubt_answer(session, answer=answer, by=lena, reason=reason, at=utc_now())


def open_the_queue(visitor: Visitor) -> Page:
    for _ in range(TURNS):
        page = visitor.open("/reviews")
        if page.get_by_role("link", name=LABELS.title).count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text("Colleagues say that it is no longer right")).to_be_visible()
    return page


def test_a_steward_verifies_and_retires_by_keyboard(
    sit_down: SitDown, company: Company, site: Site
):
    doubt_the_first_answer(site, company)
    marta = sit_down(company, "Marta")
    page = open_the_queue(marta)
    press(marta, "It is right")
    expect(page.get_by_text("You vouch for it.")).to_be_visible()
    expect(page.get_by_text("Nothing is due.")).to_be_visible()

    page = marta.open(company.question(LABELS))
    first = page.locator("article.answer").first
    expect(first).to_contain_text("Marta Zielińska vouches for it until")
    first.get_by_text("No longer right?").focus()
    press(marta, "Retire")
    type_into(marta, "Why it no longer holds", "Station 3 is gone.")
    press(marta, "Retire it")
    retired = page.locator("article.answer", has_text="Retired: this held once")
    expect(retired).to_contain_text("Station 3 is gone.")
    page.get_by_role("button", name="It holds after all").press("Enter")
    expect(retired).to_have_count(0)


def test_a_guide_is_made_from_a_thread_found_and_led_back_from(
    sit_down: SitDown, company: Company, site: Site
):
    marta = sit_down(company, "Marta").open(company.question(LABELS))
    marta.get_by_role("link", name="Make a guide from this").click()
    marta.get_by_label("What it is about").fill("Calibrating any label printer")
    marta.get_by_role("button", name="Make the guide").click()
    expect(marta.get_by_role("heading", level=1)).to_have_text("Calibrating any label printer")
    site.wait_for_index()

    lena = sit_down(company, "Lena").open("/search?q=calibrating+a+label+printer")
    lena.get_by_role("link", name="Calibrating any label printer").click()
    expect(lena.get_by_text("Hold the feed button until")).to_be_visible()
    lena.get_by_role("link", name=LABELS.title).click()
    # the thread names its guide at once; "Near this" may have found it too by then
    lena.get_by_role("link", name="Calibrating any label printer").and_(
        lena.locator("[href^='/guides/']")
    ).click()
    expect(lena.get_by_role("heading", level=1)).to_have_text("Calibrating any label printer")
