"""A question reaches who knows: asked, passed on, the next one, and an answer makes it quiet."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company
from tests.browser.fixtures import SitDown
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

TITLE = "The labels of the Zebra printer come out too far left"
TURNS = 40  # of waiting for the worker, half a second each


def wait_until_asked(visitor: Visitor) -> Page:
    for _ in range(TURNS):
        page = visitor.open("/for-me")
        if page.get_by_role("link", name=TITLE, exact=True).count():
            return page
        page.wait_for_timeout(500)
    raise AssertionError("nobody was asked")


def test_a_question_reaches_who_knows_and_goes_on_when_they_pass(
    sit_down: SitDown, company: Company
):
    ana = sit_down(company, "Ana")
    page = ana.open("/ask")
    page.get_by_label("Your question in one sentence").fill(TITLE)
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    address = page.url.removeprefix(ana.address).partition("?")[0]

    tomasz = sit_down(company, "Tomasz")
    page = wait_until_asked(tomasz)
    expect(page.get_by_text("You helped with")).to_be_visible()
    page.get_by_label("Why you pass").select_option("No time this week")
    page.get_by_role("button", name="Pass").click()
    expect(page.get_by_text("You passed. Somebody else is asked.")).to_be_visible()

    marta = sit_down(company, "Marta")
    page = wait_until_asked(marta)
    page.get_by_role("link", name=TITLE, exact=True).click()
    page.get_by_role("button", name="I am on it").click()
    expect(page.get_by_text("Nobody else is asked meanwhile.")).to_be_visible()
    page.get_by_label("Your answer").fill("Measure the new roll: hold the feed button.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("Your answer is there.")).to_be_visible()
    expect(page.get_by_text("Do you know this?")).to_have_count(0)
    expect(marta.open("/for-me").get_by_text("Nobody waits for you.")).to_be_visible()

    page = ana.open(address)
    expect(page.get_by_text("Measure the new roll")).to_be_visible()
    expect(page.get_by_role("heading", name="Who is asked")).to_have_count(0)
