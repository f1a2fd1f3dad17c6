"""A steward's pages of a course, in the browser: real launches, a real roster, a real gradebook."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from lti.models import Account, Context, LineItem
from tests.browser.test_accessible import find_overflowing, list_violations
from tests.browser.visitor import Visitor, seen_out
from tests.demo.academy import FIRST_LINK
from tests.journeys.academy_site import Campus
from tests.journeys.plain_browser import PlainBrowser

pytestmark = pytest.mark.browser


@pytest.fixture
def sit_down(headless: Browser):
    """Return a function: campus → its course's steward at a browser, and the space's id."""
    with seen_out() as visitors:

        def sit(campus: Campus, **options: object) -> tuple[Visitor, int]:
            space_id, member_id = launch_as_teacher(campus)
            context = headless.new_context(locale="en-GB", **options)
            visitors.append(visitor := Visitor(context, campus.site.address, campus.address))
            visitor.sign_in(campus.site.sign_in(member_id))
            return visitor, space_id

        yield sit


def launch_as_teacher(campus: Campus) -> tuple[int, int]:

    campus.lms.switches.storage = "off"
    for person in ("noor", "petra"):
        browser = PlainBrowser()
        browser.post(f"{campus.address}/log-in", {"person": person})
        assert browser.open(f"{campus.address}/lti/links/{FIRST_LINK}/open").status == 200
    subject = campus.lms.world.people["petra"].id
    with campus.site.reading() as session:
        context = session.scalars(select(Context).order_by(Context.id.desc()).limit(1)).one()
        account = session.scalars(
            select(Account).where(
                Account.subject == subject, Account.organization_id == campus.organization_id
            )
        ).one()
        return context.space_id, account.member_id


def test_a_score_comes_from_the_page_into_the_gradebook(campus: Campus, sit_down):
    visitor, space_id = sit_down(campus)
    page = visitor.open(f"/lti/spaces/{space_id}/grades")
    page.get_by_role("button", name="Switch scores on").click()
    expect(page.get_by_text("Switched on")).to_be_visible()
    page.get_by_text("Set the score of Noor van Dijk").click()
    page.get_by_label("Score", exact=True).first.fill("8,5")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("8.5 of 10")).to_be_visible()
    with campus.site.reading() as session:
        column = session.scalars(select(LineItem).order_by(LineItem.id.desc()).limit(1)).one()
        assert column.context.space_id == space_id


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_the_pages_of_stewards_are_for_everybody(campus: Campus, sit_down, scheme):
    visitor, space_id = sit_down(campus, color_scheme=scheme)
    for path in (
        f"/spaces/{space_id}", f"/lti/spaces/{space_id}/roster", f"/lti/spaces/{space_id}/grades",
        "on", f"/lti/spaces/{space_id}/grades",
    ):  # fmt: skip
        if path == "on":
            visitor.page.get_by_role("button", name="Switch scores on").click()
            expect(visitor.page.get_by_text("Switched on")).to_be_visible()
            continue
        page = visitor.open(path)
        for summary in page.locator("summary").all():
            summary.click()
        assert list_violations(page) == [], path
        page.set_viewport_size({"width": 320, "height": 640})
        assert find_overflowing(page) == [], path
        page.set_viewport_size({"width": 1000, "height": 800})
