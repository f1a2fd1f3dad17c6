"""The main job: ask, see that it was answered; or ask, answer, accept, and be found a moment later.

Three times: with everything, by keyboard alone, and without JavaScript.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from peerqa.markup import render
from tests.browser.company import LABELS, RECEIPT, Company
from tests.browser.fixtures import SitDown
from tests.browser.keyboard import press_until_focused
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

IN_OTHER_WORDS = "label printer prints everything too far to the left"
NEW = "Who waters the plants in the entrance hall over Christmas?"
NEW_IN_OTHER_WORDS = "plants in the hall need water during the holidays, who does that?"
DETAILS = "Last year **two of them** died.\n\n- the palm\n- the fern"
ANSWER = "Sigrid has the key:\n\n1. write to her before the 20th,\n2. `plants@northwind.example`"
INDEXED_WITHIN = 25.0  # seconds: five times the promise


def look_for(page: Page, typed: str) -> None:
    page.get_by_label("Your question in one sentence").press_sequentially(typed)


def test_an_earlier_answer_appears_while_typing_and_solves_it(sit_down: SitDown, company: Company):
    ana = sit_down(company, "Ana")
    page = ana.open("/")
    page.get_by_role("link", name="Ask a colleague").click()
    look_for(page, IN_OTHER_WORDS)

    hit = page.locator(".hit").filter(has_text=LABELS.title)
    expect(page.get_by_role("heading", name="A colleague already answered this")).to_be_visible()
    expect(hit.locator("mark")).not_to_be_empty()
    assert hit.locator("mark").inner_text().strip() in render(LABELS.answers[0][1]).plain
    expect(page.locator("#similar-status")).to_contain_text("1")
    hit.get_by_role("button", name="This solved it").click()

    expect(page.get_by_text("Glad it did.")).to_be_focused()
    expect(page).to_have_url(re.compile("/ask$"))
    tomasz = sit_down(company, "Tomasz").open("/notifications")
    expect(tomasz.get_by_text("Your answer solved it for somebody")).to_be_visible()


def test_the_marked_sentence_is_marked_where_it_stands(sit_down: SitDown, company: Company):
    page = sit_down(company, "Ana").open("/ask")
    look_for(page, IN_OTHER_WORDS)
    marked = page.locator(".hit mark").inner_text().strip()
    page.get_by_role("link", name=LABELS.title).click()
    page.wait_for_url(re.compile("/questions/"))  # loaded whole: arriving at the answer ends first

    marks = page.locator("article.answer mark")  # several, where a passage holds code
    expect(marks.first).to_be_in_viewport()
    assert "".join(marks.all_inner_texts()).strip() == marked
    page.get_by_role("button", name="This solved it").click()
    expect(page.get_by_text("Glad it did.")).to_be_focused()


def test_what_is_different_goes_away_and_stays_away(sit_down: SitDown, company: Company):
    page = sit_down(company, "Ana").open("/ask")
    look_for(page, IN_OTHER_WORDS)
    page.get_by_role("button", name="Mine is different").click()
    expect(page.get_by_text("Good to know.")).to_be_focused()
    expect(page.get_by_role("link", name=LABELS.title)).to_have_count(0)


def post_new_question(ana: Visitor) -> str:
    page = ana.open("/ask")
    look_for(page, NEW)
    expect(page.get_by_text("No earlier question answers this.")).to_be_visible()
    expect(page.locator(".hit")).to_have_count(0)
    page.get_by_label("Details, if they help").fill(DETAILS)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview strong")).to_have_text("two of them")
    page.get_by_label("Topics", exact=True).fill("office, plants")
    page.get_by_role("button", name="Ask colleagues").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)
    expect(page.get_by_text("Your question is out.")).to_be_visible()
    expect(page.locator("article.post li")).to_have_text(["the palm", "the fern"])
    return page.url.partition("?")[0]


def answer_it(tomasz: Visitor) -> None:
    page = tomasz.open("/")
    page.get_by_role("link", name="Still open").click()
    page.get_by_role("link", name=NEW).click()
    page.get_by_label("Your answer").fill(ANSWER)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview code")).to_have_text("plants@northwind.example")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("Your answer is there.")).to_be_visible()
    expect(page.locator("article.answer li")).to_have_count(2)


def accept_it(ana: Visitor) -> None:
    page = ana.open("/")
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_text("Tomasz Kowal answered your question")).to_have_count(1)
    page.get_by_role("link", name=NEW).click()
    page.get_by_role("button", name="This solved it").click()
    expect(page.get_by_text("This solved it for")).to_be_visible()


def find_it(lena: Visitor) -> None:
    page = lena.open("/ask")
    look_for(page, NEW_IN_OTHER_WORDS)
    expect(page.get_by_role("link", name=NEW)).to_be_visible()
    expect(page.locator(".hit mark")).not_to_be_empty()


def test_a_new_question_is_answered_accepted_and_found(sit_down, company, site):
    ana, tomasz = sit_down(company, "Ana"), sit_down(company, "Tomasz")
    post_new_question(ana)
    answer_it(tomasz)
    site.wait_for_index(seconds=INDEXED_WITHIN)
    accept_it(ana)
    find_it(sit_down(company, "Lena"))
    inbox = tomasz.open("/notifications")
    expect(inbox.get_by_text("Ana Duarte says that your answer solved it")).to_be_visible()


def test_an_earlier_answer_by_keyboard(sit_down, company):
    ana = sit_down(company, "Ana")
    page = ana.open("/")
    press_until_focused(ana, "Ask a colleague")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What would you like to know?")
    press_until_focused(ana, "Your question in one sentence")
    page.keyboard.type(IN_OTHER_WORDS)
    expect(page.locator(".hit")).to_have_count(1)
    expect(page.get_by_label("Your question in one sentence")).to_be_focused()
    press_until_focused(ana, "This solved it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Glad it did.")).to_be_focused()
    press_until_focused(ana, "Back to the first page", most=2)


def test_a_new_question_by_keyboard(sit_down, company, site):
    ana = sit_down(company, "Ana")
    page = ana.open("/ask")
    press_until_focused(ana, "Your question in one sentence")
    page.keyboard.type(NEW)
    expect(page.get_by_text("No earlier question answers this.")).to_be_visible()
    page.keyboard.press("Enter")  # goes on to the details, and posts nothing
    expect(page.get_by_label("Details, if they help")).to_be_focused()
    page.keyboard.type("The **palm** above all.")
    press_until_focused(ana, "Preview")
    page.keyboard.press("Enter")
    expect(page.locator(".preview strong")).to_have_text("palm")
    assert ana.focused().count() == 1
    press_until_focused(ana, "Ask colleagues")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)

    lena = sit_down(company, "Lena")
    page = lena.open(page.url.removeprefix(site.address).partition("?")[0])
    press_until_focused(lena, "I have this too")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="I have this too")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.get_by_role("button", name="I have this too")).to_be_focused()
    press_until_focused(lena, "Your answer")
    page.keyboard.type("I do.")
    press_until_focused(lena, "Answer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answer is there.")).to_be_visible()

    page = ana.open(page.url.removeprefix(site.address).partition("?")[0])
    press_until_focused(ana, "This solved it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This solved it for")).to_be_visible()


def test_the_skip_link_leads_past_the_header(sit_down, company):
    ana = sit_down(company, "Ana")
    page = ana.open(company.question(LABELS))
    press_until_focused(ana, "Skip to the page", most=1)
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert ana.focused().evaluate("e => Boolean(e.closest('main'))")


def test_an_earlier_answer_without_javascript(sit_down, company):
    page = sit_down(company, "Ana", java_script_enabled=False).open("/ask")
    page.get_by_label("Your question in one sentence").fill(IN_OTHER_WORDS)
    page.get_by_role("button", name="Look first").click()
    expect(page.locator(".hit mark")).not_to_be_empty()
    page.get_by_role("button", name="This solved it").click()
    expect(page.get_by_text("Glad it did.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(LABELS.title)


def test_what_is_different_without_javascript(sit_down, company):
    page = sit_down(company, "Ana", java_script_enabled=False).open("/ask")
    page.get_by_label("Your question in one sentence").fill(IN_OTHER_WORDS)
    page.get_by_role("button", name="Look first").click()
    page.get_by_role("button", name="Mine is different").click()
    expect(page.get_by_label("Your question in one sentence")).to_have_value(IN_OTHER_WORDS)
    expect(page.get_by_role("link", name=LABELS.title)).to_have_count(0)
    page.get_by_label("Details, if they help").fill("It is the small one.")
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.get_by_text("Your question is out.")).to_be_visible()


def test_a_new_question_without_javascript(sit_down, company, site):
    ana = sit_down(company, "Ana", java_script_enabled=False)
    page = ana.open("/ask")
    page.get_by_label("Your question in one sentence").fill(NEW)
    page.get_by_role("button", name="Look first").click()
    expect(page.get_by_text("No earlier question answers this.")).to_be_visible()
    page.get_by_label("Details, if they help").fill(DETAILS)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview strong")).to_have_text("two of them")
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.get_by_text("Your question is out.")).to_be_visible()

    answer_it(sit_down(company, "Tomasz", java_script_enabled=False))
    accept_it(ana)
    site.wait_for_index(seconds=INDEXED_WITHIN)
    lena = sit_down(company, "Lena", java_script_enabled=False)
    page = lena.open("/ask")
    page.get_by_label("Your question in one sentence").fill(NEW_IN_OTHER_WORDS)
    page.get_by_role("button", name="Look first").click()
    expect(page.get_by_role("link", name=NEW)).to_be_visible()


def test_voting_and_searching_without_javascript(sit_down, company):
    page = sit_down(company, "Marta", java_script_enabled=False).open("/")
    page.get_by_role("searchbox").first.fill("lunch bill gone, money back?")
    page.get_by_role("button", name="Search").first.click()
    page.get_by_role("link", name=RECEIPT.title).click()
    page.get_by_role("button", name="I have this too").click()
    expect(page.get_by_role("button", name="I have this too · 1")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="I have this too").click()
    expect(page.get_by_role("button", name="I have this too", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


def test_a_search_that_found_nothing_becomes_a_question(sit_down, company):
    page = sit_down(company, "Ana").open(f"/search?q={IN_OTHER_WORDS}")
    page.get_by_role("link", name="Ask colleagues").click()
    expect(page.get_by_label("Your question in one sentence")).to_have_value(IN_OTHER_WORDS)
    expect(page.locator(".hit").filter(has_text=LABELS.title)).to_be_visible()
