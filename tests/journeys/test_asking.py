"""Asking, from the first word to the posted question, on more than one device."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FIRST, SECOND = "Where do the spare saddles lie?", "Where do the spare pedals lie?"


def title_of(page: Page):
    return page.get_by_label("Your question in one sentence")


def begin(visitor: Visitor, title: str) -> Page:
    page = visitor.open("/ask")
    title_of(page).fill(title)
    page.get_by_label("Details, if they help").fill("I looked in the cellar.")
    expect(page.get_by_text("Draft saved", exact=True)).to_be_visible()
    return page


def test_what_was_begun_on_one_device_goes_on_on_another(sit_down, company):
    desk, phone = sit_down(company, "Ana"), sit_down(company, "Ana")
    at_desk = begin(desk, FIRST)
    on_phone = phone.open("/ask")
    expect(title_of(on_phone)).to_have_value(FIRST)

    title_of(on_phone).fill(SECOND)
    expect(on_phone.get_by_text("Draft saved", exact=True)).to_be_visible()
    at_desk.get_by_label("Details, if they help").fill("I looked in the cellar, and upstairs.")

    choice = at_desk.get_by_role("alert").filter(has_text="You wrote this in two places.")
    expect(choice).to_contain_text(FIRST)
    expect(choice).to_contain_text(SECOND)
    choice.get_by_role("button", name="Keep this one (Kept elsewhere)").click()
    expect(title_of(at_desk)).to_have_value(SECOND)
    expect(choice).to_be_hidden()
    at_desk.get_by_role("button", name="Ask colleagues").click()
    expect(at_desk.get_by_text("Your question is out.")).to_be_visible()
    expect(desk.open("/ask").get_by_role("button", name="Discard draft")).to_be_hidden()
    expect(title_of(desk.page)).to_have_value("")
