"""An admin connects an LMS in the browser, from zero; every page of it can be used by everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from lti.models import Deployment, Invitation, Platform
from peerqa.models import Organization
from peerqa.services import members
from tests.browser.test_accessible import find_overflowing, list_violations
from tests.browser.visitor import Visitor, seen_out
from tests.conftest import NOON
from tests.journeys.academy_site import Campus, open_campus

pytestmark = pytest.mark.browser


@pytest.fixture
def bare_campus(framed_site) -> Iterator[Campus]:
    """An LMS that knows nothing of PeerQA yet."""
    with open_campus(framed_site, is_registered=False) as campus:
        yield campus


@pytest.fixture
def sit_down(chromium: Browser):
    """Return a function: campus → its PeerQA admin at a browser; nothing forbidden happened."""
    with seen_out() as visitors:

        def sit(campus: Campus, **options: object) -> Visitor:
            context = chromium.new_context(locale="en-GB", **options)
            visitors.append(visitor := Visitor(context, campus.site.address, campus.address))
            visitor.sign_in(campus.site.sign_in(make_admin(campus)))
            return visitor

        yield sit


def make_admin(campus: Campus) -> int:
    with campus.site.writing() as session:
        organization = session.get_one(Organization, campus.organization_id)
        made = members.create_member(
            session, organization=organization, name="Ada Admin", is_admin=True, at=NOON
        )
        return made.id


def test_an_lms_is_connected_by_one_address(bare_campus: Campus, sit_down):
    visitor = sit_down(bare_campus)
    page = visitor.open("/admin/lms/add")
    page.get_by_role("button", name="Make a registration address").click()
    address = page.get_by_label("Registration address", exact=True).input_value()

    page.goto(f"{bare_campus.address}/")
    page.get_by_role("button", name="Ilse Vermeer").click()
    page.get_by_role("link", name="Tools").first.click()
    page.get_by_label("Registration URL").fill(address)
    page.get_by_role("button", name="Register", exact=True).click()
    frame = page.frame_locator("iframe[name=tool]")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Register PeerQA with")
    frame.get_by_role("button", name="Register").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("PeerQA is registered")
    frame.get_by_role("button", name="Back to the LMS").click()
    expect(page.get_by_role("heading", name="pending: waits to be activated")).to_be_visible()

    with bare_campus.site.reading() as session:
        platform = session.scalars(
            select(Platform).where(Platform.organization_id == bare_campus.organization_id)
        ).one()
        states = session.scalars(
            select(Deployment.state).where(Deployment.platform_id == platform.id)
        ).all()
        used = session.scalars(
            select(Invitation.platform_id).where(Invitation.platform_id == platform.id)
        ).all()
    assert platform.issuer == bare_campus.address
    assert platform.trusts_administrators
    assert (states, used) == (["approved"], [platform.id])


def test_the_self_test_of_a_connected_lms_is_well(campus: Campus, sit_down):
    page = sit_down(campus).open("/admin/lms/")
    page.locator(".item a").first.click()
    page.get_by_role("button", name="Test it").click()

    lines = page.get_by_role("status").get_by_role("listitem")
    expect(lines.filter(has_text="Keys of the LMS")).to_contain_text("OK")
    expect(lines.filter(has_text="Clocks")).to_contain_text("OK")
    expect(lines.filter(has_text="Services of the LMS")).to_contain_text("OK")


@pytest.mark.long
def test_a_value_is_copied_by_its_button(campus: Campus, sit_down):
    visitor = sit_down(campus)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.open("/admin/lms/add?lms=canvas")
    page.get_by_text("Or by hand").click()
    page.get_by_role("button", name="Copy JSON URL").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{campus.site.address}/lti/canvas.json"
    expect(page.get_by_role("button", name="Copy JSON URL")).to_be_visible()  # a moment later


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_the_pages_of_admins_are_for_everybody(campus: Campus, sit_down, scheme):
    visitor = sit_down(campus, color_scheme=scheme)
    with campus.site.reading() as session:
        platform_id = session.scalars(
            select(Platform.id).where(Platform.organization_id == campus.organization_id)
        ).one()
    for path in (
        "/admin", "/admin/lms/", "/admin/lms/add", "/admin/lms/add?lms=blackboard",
        "/admin/lms/roles", "/admin/lms/launches", f"/admin/lms/platforms/{platform_id}",
        "/lti/register?invitation=none",
    ):  # fmt: skip
        page = visitor.open(path)
        assert list_violations(page) == [], path
        page.set_viewport_size({"width": 320, "height": 640})
        assert find_overflowing(page) == [], path
        page.set_viewport_size({"width": 1000, "height": 800})
