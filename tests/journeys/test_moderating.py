"""Flag, decide, bring back: three people, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import Company
from tests.browser.fixtures import SitDown

pytestmark = pytest.mark.browser

OPEN = "What is the code of the meeting room display?"
TEXT = "It is the birthday of our best customer."


def press(page: Page, name: str, *, most: int = 80) -> None:
    """Go by Tab to what says this, from where one is, and press Enter."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = str(page.evaluate("document.activeElement.innerText || ''"))
        if " ".join(said.split()) == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name} is not reached")


def test_a_flagged_answer_is_hidden_and_brought_back_by_keyboard(
    sit_down: SitDown, company: Company
):
    thread = f"/questions/{company.questions[OPEN]}"
    lena = sit_down(company, "Lena").open(thread)
    lena.get_by_label("Your answer").fill(TEXT)
    lena.get_by_role("button", name="Answer", exact=True).click()
    tomasz = sit_down(company, "Tomasz").open(thread)
    tomasz.locator("article.answer").last.focus()
    press(tomasz, "Flag this answer")
    tomasz.get_by_role("radio").first.focus()
    tomasz.keyboard.press("ArrowDown")
    press(tomasz, "Flag it")
    expect(tomasz.get_by_text("nobody hears who flagged it")).to_be_visible()

    marta = sit_down(company, "Marta").open("/moderation")
    press(marta, TEXT)
    expect(marta.get_by_text("It says what should stay private or secret")).to_be_visible()
    marta.get_by_label("Why? Whoever wrote it will read this.").focus()
    marta.keyboard.type("It names a customer.")
    marta.set_viewport_size({"width": 360, "height": 800})
    press(marta, "Hide it")
    expect(marta.get_by_text("Decided.")).to_be_visible()

    tomasz.reload()
    expect(tomasz.get_by_text(TEXT)).to_have_count(0)
    lena.reload()
    expect(lena.get_by_text("It names a customer.")).to_be_visible()
    press(marta, TEXT)
    marta.get_by_label("Why? Whoever wrote it will read this.").focus()
    marta.keyboard.type("The customer agreed.")
    press(marta, "Bring it back")
    expect(marta.get_by_text("Decided.")).to_be_visible()
    tomasz.reload()
    expect(tomasz.get_by_text(TEXT)).to_be_visible()
