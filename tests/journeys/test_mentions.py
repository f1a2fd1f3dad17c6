"""Naming a colleague while one writes, by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.company import THREADS

pytestmark = pytest.mark.browser


def test_a_colleague_is_named_by_keyboard(sit_down, company):
    visitor = sit_down(company, "Ana")
    page = visitor.open(company.question(THREADS[0]))
    area = page.get_by_role("textbox", name="Your answer")
    offered = page.get_by_role("listbox", name="Colleagues")
    area.focus()
    page.keyboard.type("Ask @ko")
    expect(offered.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(offered.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")

    expect(area).to_have_value("Ask @Tomasz Kowal ")
    expect(offered).to_be_hidden()
    page.keyboard.type("and @le")
    expect(offered).to_be_visible()
    page.keyboard.press("Escape")
    expect(offered).to_be_hidden()
    page.keyboard.press("Enter")
    expect(area).to_have_value("Ask @Tomasz Kowal and @le\n")
