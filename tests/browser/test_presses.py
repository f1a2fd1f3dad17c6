"""What is pressed stays where it is until it is let go, on the narrowest screen too."""

import pytest
from playwright.sync_api import expect

from tests.browser.company import RECEIPT, Company
from tests.browser.fixtures import SitDown

pytestmark = pytest.mark.browser


def test_a_comment_is_posted_by_one_press_on_a_narrow_screen(sit_down: SitDown, company: Company):
    """The hour beside times, which keyboards bring up, moved the button from under the pointer."""
    page = sit_down(company, "Lena", viewport={"width": 320, "height": 640}).open(
        company.question(RECEIPT)
    )
    page.locator("summary", has_text="Comment").first.click()
    page.get_by_label("Your comment").first.fill("It took them a week, then it was there.")
    page.get_by_role("button", name="Post comment").first.click()

    expect(page.get_by_text("Your comment is there.")).to_be_visible()
