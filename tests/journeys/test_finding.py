"""Finding by keyboard alone: the box, a filter, a search that is kept, and news of a match."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from peerqa.clock import utc_now
from peerqa.models import Member, Space
from peerqa.search import alerts
from peerqa.search.alerts import SETTLED, Alerts
from peerqa.services import questions

pytestmark = pytest.mark.browser

TYPED = "label printer prints too far left"


def type_in_the_box(page: Page) -> None:
    """Look at what the box offers, by arrow keys, and search for what was typed."""
    box = page.get_by_role("combobox", name="Search questions and answers")
    hits = page.get_by_role("listbox", name="Best hits")
    box.focus()
    page.keyboard.type(TYPED)
    expect(hits.get_by_role("option").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(hits.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "find-0-0")
    page.keyboard.press("ArrowUp")
    expect(box).not_to_have_attribute("aria-activedescendant", "find-0-0")
    page.keyboard.press("Escape")
    expect(hits).to_be_hidden()
    expect(box).to_have_value(TYPED)
    page.keyboard.press("ArrowUp")
    expect(hits.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(hits).to_be_hidden()
    box.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(TYPED)


def narrow_and_save(page: Page) -> None:
    page.get_by_text("Filters and order").press("Enter")
    page.get_by_label("Topic", exact=True).press_sequentially("label-printer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Leave out topic:label-printer")).to_be_visible()
    expect(page.locator(".hit").first).to_be_visible()
    page.get_by_text("Tell me of new ones").press("Enter")
    page.get_by_role("button", name="Save this search").press("Enter")
    expect(page.get_by_text("The search is saved.")).to_be_visible()


def test_search_by_keyboard_keep_it_and_be_told(sit_down, company, site, monkeypatch):
    visitor = sit_down(company, "Ana")
    page = visitor.open("/topics/")
    type_in_the_box(page)
    narrow_and_save(page)

    with site.writing() as session:
        questions.post_question(
            session,
            space=session.get_one(Space, company.space_id),
            author=session.get_one(Member, company.people["Lena"]),
            title="The label printer prints much too far to the left",
            topic_names=["label-printer"],
            at=utc_now(),
        )
    site.wait_for_index()
    monkeypatch.setattr(alerts, "utc_now", lambda: utc_now() + SETTLED + timedelta(seconds=1))
    with site.app.app_context():
        Alerts(site.app.extensions["peerqa.search"]).run()

    page = visitor.open("/notifications")
    expect(page.get_by_text("asked what a saved search of yours looks for")).to_be_visible()
