"""Answering together: a conflict is settled and undone from the history; duplicates are merged.

Once with a mouse, and the merge by keyboard alone. (What a conflict shows: test_mishaps.py.)
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.company import LABELS, Company
from tests.browser.fixtures import SitDown

pytestmark = pytest.mark.browser

TWIN = "What is the code of the meeting room display?"
ADVICE = "Hold the feed button until"


def test_who_was_slower_chooses_and_the_history_gives_the_first_text_back(
    sit_down: SitDown, company: Company
):
    tomasz, marta = sit_down(company, "Tomasz"), sit_down(company, "Marta")
    for editor in (tomasz, marta):
        page = editor.open(company.question(LABELS))
        page.get_by_role("link", name="Edit this answer").first.click()
    tomasz.page.get_by_label("Your answer").fill("Hold the feed button for three seconds.")
    tomasz.page.get_by_label("Why, if it is not obvious").fill("The new firmware wants it.")
    tomasz.page.get_by_role("button", name="Save").click()
    marta.page.get_by_label("Your answer").fill("Hold the feed button for ten seconds.")
    marta.page.get_by_role("button", name="Save").click()

    expect(marta.page.get_by_text("Somebody changed this")).to_be_focused()
    expect(marta.page.locator("ins")).to_contain_text("inserted: ten")
    expect(marta.page.get_by_role("link", name="Keep what was saved")).to_be_visible()
    marta.page.get_by_role("button", name="Save mine").click()
    expect(marta.page.locator("article.answer").first).to_contain_text("ten seconds")

    marta.page.locator("article.answer").first.get_by_role("link", name="edited").click()
    expect(marta.page.get_by_role("heading", level=1)).to_have_text("History of this answer")
    expect(marta.page.get_by_text("The new firmware wants it.")).to_be_visible()
    marta.page.get_by_role("button", name="Restore version 1").click()
    expect(marta.page.get_by_text("The earlier text is back")).to_be_visible()
    expect(marta.page.locator("article.answer").first).to_contain_text(ADVICE)


def merge_the_twin(page: Page, company: Company) -> None:
    page.get_by_label("Address or number of the earlier question").fill(company.question(LABELS))


def test_a_duplicate_is_merged_led_on_from_and_taken_apart_again(
    sit_down: SitDown, company: Company
):
    twin = f"/questions/{company.questions[TWIN]}"
    lena = sit_down(company, "Lena").open(twin)
    lena.get_by_label("Your answer").fill("It stands on the back of the display.")
    lena.get_by_role("button", name="Answer", exact=True).click()
    marta = sit_down(company, "Marta").open(twin)
    merge_the_twin(marta, company)
    marta.get_by_role("button", name="Merge the two").click()
    expect(marta.get_by_text("1 answer moves")).to_be_visible()
    marta.get_by_role("button", name="Merge", exact=True).click()
    expect(marta.get_by_text("The answers of both stand here now.")).to_be_visible()

    lena.reload()  # the old address, as in a mail or a bookmark
    expect(lena).to_have_url(re.compile(rf"{company.question(LABELS)}\?"))
    expect(lena.get_by_text("You were led here from")).to_be_visible()
    expect(lena.get_by_text("It stands on the back of the display.")).to_be_visible()

    marta.get_by_role("link", name=TWIN).first.click()
    marta.get_by_role("button", name="Undo the merge").click()
    expect(marta.get_by_text("The answers are back where they were.")).to_be_visible()
    expect(marta.get_by_text("It stands on the back of the display.")).to_be_visible()


def test_a_merge_needs_no_mouse(sit_down: SitDown, company: Company):
    page = sit_down(company, "Marta").open(f"/questions/{company.questions[TWIN]}")
    page.get_by_label("Address or number of the earlier question").focus()
    page.keyboard.type(company.question(LABELS))
    for _ in range(2):  # past "Mark as duplicate"
        page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Merge the two")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Merge two questions?")
    page.get_by_role("button", name="Merge", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The answers of both stand here now.")).to_be_visible()


def test_what_was_deleted_comes_back_without_javascript(sit_down: SitDown, company: Company):
    page = sit_down(company, "Tomasz", java_script_enabled=False).open(company.question(LABELS))
    page.get_by_role("link", name="Delete this answer").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("It is gone.")).to_be_visible()
    expect(page.get_by_text(ADVICE)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is back.")).to_be_visible()
    expect(page.locator("article.accepted")).to_contain_text(ADVICE)
