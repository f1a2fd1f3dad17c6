"""Flag, decide, bring back: three people, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.company import Company
from tests.browser.fixtures import SitDown
from tests.browser.keyboard import press

pytestmark = pytest.mark.browser

OPEN = "What is the code of the meeting room display?"
TEXT = "It is the birthday of our best customer."


def test_a_flagged_answer_is_hidden_and_brought_back_by_keyboard(
    sit_down: SitDown, company: Company
):
    thread = f"/questions/{company.questions[OPEN]}"
    lena = sit_down(company, "Lena").open(thread)
    lena.get_by_label("Your answer").fill(TEXT)
    lena.get_by_role("button", name="Answer", exact=True).click()
    reader = sit_down(company, "Tomasz")
    tomasz = reader.open(thread)
    tomasz.locator("article.answer").last.focus()
    press(reader, "Flag this answer")
    tomasz.get_by_role("radio").first.focus()
    tomasz.keyboard.press("ArrowDown")
    press(reader, "Flag it")
    expect(tomasz.get_by_text("nobody hears who flagged it")).to_be_visible()

    steward = sit_down(company, "Marta")
    marta = steward.open("/moderation")
    press(steward, TEXT)
    expect(marta.get_by_text("It says what should stay private or secret")).to_be_visible()
    marta.get_by_label("Why? Whoever wrote it will read this.").focus()
    marta.keyboard.type("It names a customer.")
    marta.set_viewport_size({"width": 360, "height": 800})
    press(steward, "Hide it")
    expect(marta.get_by_text("Decided.")).to_be_visible()

    tomasz.reload()
    expect(tomasz.get_by_text(TEXT)).to_have_count(0)
    lena.reload()
    expect(lena.get_by_text("It names a customer.")).to_be_visible()
    press(steward, TEXT)
    marta.get_by_label("Why? Whoever wrote it will read this.").focus()
    marta.keyboard.type("The customer agreed.")
    press(steward, "Bring it back")
    expect(marta.get_by_text("Decided.")).to_be_visible()
    tomasz.reload()
    expect(tomasz.get_by_text(TEXT)).to_be_visible()
