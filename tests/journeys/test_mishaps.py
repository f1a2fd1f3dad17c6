"""What goes wrong between people, browsers and networks, and costs nobody what they typed."""

import re

import pytest
from playwright.sync_api import Page, expect

from peerqa.models import Question
from tests.browser.company import LABELS, RECEIPT
from tests.browser.keyboard import press, type_into
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

TITLE = "Where do I return the old work shoes?"


def begin_to_ask(visitor: Visitor, title: str = TITLE) -> Page:
    """Type a title and come to the details, with scripts or without."""
    page = visitor.open("/ask")
    page.get_by_label("Your question in one sentence").fill(title)
    if not page.get_by_label("Details, if they help").is_visible():
        page.get_by_role("button", name="Look first").click()
    expect(page.get_by_label("Details, if they help")).to_be_visible()
    return page


def first_answer(page: Page) -> str:
    return (page.locator("article.answer").first.get_attribute("id") or "").removeprefix("post-")


def test_two_edits_of_one_answer_lose_nothing_by_keyboard(sit_down, company):
    tomasz, marta = sit_down(company, "Tomasz"), sit_down(company, "Marta")
    number = first_answer(tomasz.open(company.question(LABELS)))
    for editor in (tomasz, marta):
        editor.open(f"/answers/{number}/edit")
    tomasz.page.get_by_label("Your answer").fill("Hold the feed button, until it blinks thrice.")
    tomasz.page.get_by_role("button", name="Save").click()
    expect(tomasz.page.get_by_text("Your changes are saved.")).to_be_visible()

    type_into(marta, "Your answer", "Hold the feed button, and count to four.")
    press(marta, "Save")
    expect(marta.page.get_by_role("heading", name="What differs")).to_be_visible()
    expect(marta.page.locator(".differences del")).to_contain_text("thrice")
    expect(marta.page.locator(".differences ins")).to_contain_text("four")
    expect(marta.page.get_by_label("Your answer")).to_have_value(
        "Hold the feed button, and count to four."
    )
    expect(marta.focused()).to_have_attribute("role", "status")  # the sentence that says so
    type_into(marta, "Your answer", "Three blinks, or count to four.")
    press(marta, "Save")
    expect(marta.page.get_by_text("Your changes are saved.")).to_be_visible()
    expect(marta.page.locator("article.answer").first).to_contain_text("Three blinks, or count")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_typed_text_is_there_after_signing_in_again(sit_down, company, site, scripts):
    ana = sit_down(company, "Ana", java_script_enabled=scripts)
    page = begin_to_ask(ana)
    page.get_by_label("Details, if they help").fill("They are *quite* worn.")
    page.get_by_label("Topics", exact=True).fill("shoes")
    ana.sign_out()
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your sign-in has ended")

    ana.sign_in(site.sign_in(company.people["Ana"]))  # as in another tab
    page.get_by_role("button", name="Continue with what I typed").click()
    expect(page.get_by_label("Your question in one sentence")).to_have_value(TITLE)
    expect(page.get_by_label("Details, if they help")).to_have_value("They are *quite* worn.")
    expect(page.get_by_label("Topics", exact=True)).to_have_value("shoes")
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.get_by_text("Your question is out.")).to_be_visible()


def test_a_look_up_without_a_sign_in_says_so_and_keeps_the_text(sit_down, company):
    ana = sit_down(company, "Ana")
    page = ana.open("/ask")
    ana.sign_out()
    page.get_by_label("Your question in one sentence").press_sequentially(TITLE)
    expect(page.get_by_role("link", name="Sign in in another tab")).to_be_visible()
    expect(page.get_by_label("Your question in one sentence")).to_have_value(TITLE)


def test_a_draft_comes_back_by_keyboard(sit_down, company):
    ana = sit_down(company, "Ana")
    page = ana.open("/ask")
    type_into(ana, "Your question in one sentence", TITLE)
    page.keyboard.press("Enter")  # goes on to the details
    page.keyboard.type("Size 43.")
    wait_until_kept(page, "Size 43.", kept=True)
    expect(page.locator("[data-draft-status]")).not_to_be_empty()
    page = ana.open("/ask")
    expect(page.get_by_label("Your question in one sentence")).to_have_value(TITLE)
    expect(page.get_by_label("Details, if they help")).to_have_value("Size 43.")
    press(ana, "Ask colleagues")
    expect(page.get_by_text("Your question is out.")).to_be_visible()
    wait_until_kept(page, "Size 43.", kept=False)
    expect(ana.open("/ask").get_by_label("Your question in one sentence")).to_have_value("")


def wait_until_kept(page, text, *, kept):
    """Wait for the browser's draft; wait_for_function wants eval, which the CSP forbids."""
    for _ in range(200):
        if (text in page.evaluate("() => JSON.stringify(localStorage)")) is kept:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{text} was kept: {not kept}")


def test_a_double_click_votes_once(sit_down, company):
    page = sit_down(company, "Yusuf").open(company.question(RECEIPT))
    vote = page.get_by_role("button", name="I have this too")
    vote.dblclick()
    expect(vote).to_have_text("I have this too · 1")
    page.reload()
    expect(vote).to_have_text("I have this too · 1")
    expect(vote).to_have_attribute("aria-pressed", "true")


def count_questions(site, company, title: str) -> int:
    with site.reading() as session:
        return (
            session.query(Question)
            .filter_by(organization_id=company.organization_id, title=title)
            .count()
        )


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_a_double_click_asks_once(sit_down, company, site, scripts):
    page = begin_to_ask(sit_down(company, "Ana", java_script_enabled=scripts))
    page.get_by_role("button", name="Ask colleagues").dblclick()
    expect(page.get_by_text("Your question is out.")).to_be_visible()
    assert count_questions(site, company, TITLE) == 1


def test_a_double_click_answers_once(sit_down, company):
    page = sit_down(company, "Yusuf").open(company.question(RECEIPT))
    page.get_by_label("Your answer").fill("And keep a photo of the menu.")
    page.get_by_role("button", name="Answer", exact=True).dblclick()
    expect(page.get_by_text("Your answer is there.")).to_be_visible()
    expect(page.get_by_text("And keep a photo of the menu.")).to_have_count(1)


def ask(visitor: Visitor) -> Page:
    page = begin_to_ask(visitor)
    page.get_by_label("Details, if they help").fill("Size 43.")
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.get_by_text("Your question is out.")).to_be_visible()
    return page


def test_reloading_after_posting_posts_nothing(sit_down, company, site):
    page = ask(sit_down(company, "Ana"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert count_questions(site, company, TITLE) == 1


def test_going_back_after_posting_and_posting_again_posts_nothing(sit_down, company, site):
    page = ask(sit_down(company, "Ana"))
    address = page.url
    page.go_back()
    expect(page.get_by_label("Your question in one sentence")).to_be_visible()
    if page.get_by_role("button", name="Ask colleagues").is_visible():
        page.get_by_label("Your question in one sentence").fill(TITLE)
        page.get_by_label("Details, if they help").fill("Size 43.")
        page.get_by_role("button", name="Ask colleagues").click()
        expect(page).to_have_url(address)
    assert count_questions(site, company, TITLE) == 1


def test_a_page_of_the_person_before_is_refused_kindly(sit_down, company, site):
    shared = sit_down(company, "Ana")
    page = shared.open(company.question(RECEIPT))
    page.get_by_label("Your answer").fill("I would ask Marta.")
    shared.sign_out()
    shared.sign_in(site.sign_in(company.people["Tomasz"]))
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("earlier sign-in")
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    page.get_by_role("button", name="Continue with what I typed").click()
    expect(page.get_by_label("Your answer")).to_have_value("I would ask Marta.")
    page.get_by_role("button", name="Answer", exact=True).click()
    answer = page.locator("article.answer").filter(has_text="I would ask Marta.")
    expect(answer).to_contain_text("Tomasz Kowal")


def test_a_vote_on_a_page_of_the_person_before_is_refused_in_place(sit_down, company, site):
    shared = sit_down(company, "Yusuf")
    page = shared.open(company.question(RECEIPT))
    shared.sign_out()
    shared.sign_in(site.sign_in(company.people["Tomasz"]))
    page.get_by_role("button", name="I have this too").click()
    expect(page.locator("form.vote").first).to_contain_text("earlier sign-in")
    expect(page.get_by_role("button", name="I have this too")).to_have_attribute(
        "aria-pressed", "false"
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_a_refused_form_keeps_the_text_and_leads_to_the_error(sit_down, company, scripts):
    page = begin_to_ask(sit_down(company, "Ana", java_script_enabled=scripts))
    title = page.get_by_label("Your question in one sentence")
    title.fill("Hm")
    page.get_by_label("Details, if they help").fill("All of this must stay.")
    page.get_by_role("button", name="Ask colleagues").click()
    expect(title).to_have_attribute("aria-invalid", "true")
    expect(title).to_be_focused()
    expect(title).to_have_accessible_description(re.compile("Write your question in one sentence"))
    expect(page.get_by_label("Details, if they help")).to_have_value("All of this must stay.")


def test_too_long_an_answer_is_kept(sit_down, company):
    page = sit_down(company, "Tomasz").open(company.question(RECEIPT))
    page.get_by_label("Your answer").fill("long " * 5000)
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_label("Your answer")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Your answer")).to_be_focused()
    expect(page.get_by_label("Your answer")).to_have_value(re.compile("^(long ){5000}$"))


def test_while_the_network_is_away_a_word_says_so(sit_down, company):
    yusuf = sit_down(company, "Yusuf")
    page = yusuf.open(company.question(RECEIPT))
    yusuf.context.set_offline(True)
    page.get_by_role("button", name="I have this too").click()
    expect(page.locator("form.vote").first).to_contain_text("cannot be reached")
    yusuf.context.set_offline(False)
    yusuf.faults.clear()  # the console complains of the network, as it should
    page.get_by_role("button", name="I have this too").click()
    expect(page.get_by_role("button", name="I have this too · 1")).to_be_visible()
