"""Asking, from the first word to the posted question, on more than one device."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keyboard import press, type_into
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


def test_a_question_without_a_name_shows_it_to_nobody_by_keyboard(sit_down, company):
    ana, tomasz = sit_down(company, "Ana"), sit_down(company, "Tomasz")
    page = ana.open("/ask")
    type_into(ana, "Your question in one sentence", "Who decides who gets the early shift?")
    expect(page.get_by_text("No earlier question answers this.")).to_be_visible()
    press(ana, "Ask without my name", key="Space")
    press(ana, "Ask colleagues")
    expect(page.get_by_text("Your question is out, without your name.")).to_be_visible()
    expect(page.get_by_text("You asked this as")).to_be_visible()

    seen = tomasz.open(page.url.removeprefix(ana.address).partition("?")[0])
    expect(seen.locator("article .by").first).to_contain_text("(anonymous)")
    expect(seen.locator("main")).not_to_contain_text("Ana")
    seen.get_by_label("Your answer").fill("The shift leads do, every second Monday.")
    seen.get_by_role("button", name="Answer", exact=True).click()
    expect(seen.get_by_text("Your answer is there.")).to_be_visible()

    inbox = ana.open("/notifications")
    expect(inbox.get_by_role("heading", name="What you asked anonymously")).to_be_visible()
    press(ana, "Who decides who gets the early shift?")
    expect(page.get_by_text("The shift leads do")).to_be_visible()
    press(ana, "This solved it")
    expect(page.locator("article.accepted")).to_be_visible()
    expect(tomasz.open("/notifications").get_by_text("A colleague says that")).to_be_visible()
