"""An LMS that PeerQA does not know, registered by one address and used, in Chromium."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lti.connecting import invitations
from lti.models import Platform
from peerqa.clock import utc_now
from peerqa.models import Organization
from tests.journeys.academy_site import open_campus
from tests.journeys.student import framed

pytestmark = pytest.mark.browser

TEACHER, ADMIN = "Petra Lindholm", "Ilse Vermeer"


@pytest.fixture
def campus(framed_site):
    """An LMS that nobody has registered."""
    with open_campus(framed_site, is_registered=False) as campus:
        yield campus


def invite(campus) -> str:
    with campus.site.writing() as session:
        organization = session.get_one(Organization, campus.organization_id)
        token = invitations.make_invitation(session, organization, utc_now())
    return f"{campus.site.address}/lti/register?invitation={token}"


def test_an_admin_registers_peerqa_from_zero_and_a_learner_opens_it(sit_in_class, campus):
    ilse = sit_in_class(ADMIN)
    page = ilse.open("/tools")
    page.get_by_label("Registration URL").fill(invite(campus))
    page.get_by_role("button", name="Register", exact=True).click()
    framed(page).get_by_role("button", name="Register", exact=True).click()
    framed(page).get_by_role("button", name="Back to the LMS").click()

    expect(page.get_by_text("pending: waits to be activated")).to_be_visible()
    tool = next(tool for tool in campus.lms.world.tools.values() if not tool.is_active)
    page.locator(f"[id='{tool.client_id}']").get_by_role("button", name="Activate").click()
    expect(page.get_by_text("pending: waits to be activated")).to_have_count(0)
    with campus.site.reading() as session:
        platform = session.scalars(
            select(Platform).where(Platform.client_id == tool.client_id)
        ).one()
        assert platform.issuer == campus.address
    petra = sit_in_class(TEACHER)
    petra.open("/courses/c-203")
    row = petra.page.get_by_role("listitem").filter(has_text=tool.client_id)
    row.get_by_role("button", name="Add a plain link").click()
    petra.page.get_by_role("link", name=re.compile("^PeerQA")).first.click()
    expect(framed(petra.page).locator("body")).to_contain_text(TEACHER)
