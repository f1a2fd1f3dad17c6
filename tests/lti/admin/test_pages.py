"""Admins' pages about LMSs: connected, waiting, refused, added by hand or by invitation."""

import re

import pytest

from lti.connecting import invitations, registration
from lti.connecting.guides import GUIDES
from lti.connecting.invitations import InvitationExpired
from lti.launching import launch_log
from lti.launching.launch_log import Attempt
from lti.launching.refusals import ClaimMissing, DeploymentWaiting, IssuerUnknown, SignatureWrong
from lti.models import Deployment, Platform
from peerqa.clock import utc_now
from peerqa.services import organizations
from tests.lti.conftest import make_platform
from tests.web.conftest import field_value, text_of

FORM = {
    "lms": "moodle",
    "issuer": "https://lms.example",
    "client_id": "abc",
    "authorization_url": "https://lms.example/auth",
    "token_url": "https://lms.example/token",
    "keys_url": "https://lms.example/keys",
}


def test_the_menu_is_for_admins_alone(browse, admin, alice, steward):
    assert "Learning management systems" in text_of(browse(admin).get("/admin"))
    assert 'href="/admin"' in browse(admin).get("/").text
    for other in (alice, steward):
        assert browse(other).get("/admin").status_code == 403
        assert 'href="/admin"' not in browse(other).get("/").text


def test_without_an_lms_the_page_says_how_to_begin(browse, admin):
    assert "PeerQA is not in an LMS yet" in text_of(browse(admin).get("/admin/lms/"))


def test_a_deployment_that_waits_is_approved_from_the_page(browse, admin, session, platform):
    row = registration.add_deployment(session, platform=platform, deployment_id="7", at=utc_now())
    browser = browse(admin)
    assert "Waits for your approval" in text_of(browser.get("/admin/lms/"))

    for decision, state in (
        ("approve", "approved"),
        ("approve", "approved"),
        ("refuse", "refused"),
    ):
        reply = browser.post(f"/admin/lms/deployments/{row.id}", {"decision": decision})
        assert reply.status_code == 303
        session.expire_all()
        assert row.state == state
    assert browser.post(f"/admin/lms/deployments/{row.id}").status_code == 422
    assert "Waits for your approval" not in text_of(browser.get("/admin/lms/"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.key)
def test_each_lms_has_its_values_with_copy_buttons(browse, admin, guide):
    page = browse(admin).get(f"/admin/lms/add?lms={guide.key}")

    assert page.status_code == 200
    fields = re.findall(r'<input id="(give-[^"]+)" value="([^"]+)" readonly', page.text)
    assert [name.removeprefix("give-") for name, _ in fields] == list(guide.values)
    for name, value in fields:
        assert f'data-copy="{name}"' in page.text
        assert "localhost:8000" in value
    assert ("Make a registration address" in page.text) == bool(guide.steps)
    for name, value in guide.fills.items():
        assert field_value(page, name) == value


def test_an_unknown_lms_shows_the_first(browse, admin):
    assert browse(admin).get("/admin/lms/add?lms=<b>").status_code == 200


def test_a_registration_address_is_made_by_a_button(browse, admin, session):
    page = browse(admin).post("/admin/lms/invitations", {"lms": "moodle"})

    (token,) = re.findall(r"/lti/register\?invitation=([\w-]+)", page.text)
    found = invitations.find_invitation(session, token, utc_now())
    assert found.organization_id == admin.organization_id


def test_an_address_that_nobody_needs_is_withdrawn(browse, admin, carol, session):
    token = invitations.make_invitation(session, admin.organization, utc_now())
    foreign = invitations.make_invitation(session, carol.organization, utc_now())
    row = invitations.find_invitation(session, token, utc_now())
    browser = browse(admin)
    assert browser.get("/admin/lms/").text.count("/withdraw") == 1

    for _ in range(2):
        assert browser.post(f"/admin/lms/invitations/{row.id}/withdraw").status_code == 303
    assert "/withdraw" not in browser.get("/admin/lms/").text
    with pytest.raises(InvitationExpired):
        invitations.find_invitation(session, token, utc_now())

    other = invitations.find_invitation(session, foreign, utc_now())
    assert browser.post(f"/admin/lms/invitations/{other.id}/withdraw").status_code == 404
    assert invitations.find_invitation(session, foreign, utc_now())


def test_an_lms_is_added_by_hand(browse, admin, session):
    reply = browse(admin).post("/admin/lms/platforms", FORM | {"deployment_id": " 7 "})

    (platform,) = session.query(Platform)
    assert reply.status_code == 303
    assert reply.headers["Location"] == f"/admin/lms/platforms/{platform.id}?said=edited"
    assert not platform.trusts_administrators
    (deployment,) = session.query(Deployment)
    assert (deployment.deployment_id, deployment.state) == ("7", "approved")


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("issuer", "lms.example", "no web address"),
        ("keys_url", "http://lms.example/keys", "must begin with https"),
        ("client_id", "", "Please give the id"),
        ("deployment_id", "d" * 256, "at most 255"),
        ("token_audience", "a" * 256, "at most 255"),
        ("name", "n" * 201, "1 to 200"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(browse, admin, session, field, value, part):
    lms = "brightspace" if field == "token_audience" else "moodle"
    page = browse(admin).post("/admin/lms/platforms", FORM | {field: value, "lms": lms})

    assert page.status_code == 422
    assert re.search(rf'id="{field}-refused">[^<]*{part}', page.text)
    assert field_value(page, "issuer") == (value if field == "issuer" else FORM["issuer"])
    assert session.query(Platform).count() == session.query(Deployment).count() == 0


def test_an_lms_is_not_added_twice(browse, admin, session):
    browser = browse(admin)
    assert browser.post("/admin/lms/platforms", FORM).status_code == 303
    again = browser.post("/admin/lms/platforms", FORM)

    assert again.status_code == 409
    assert "registered already" in text_of(again)


def test_the_log_says_who_where_why_and_what_to_change(browse, admin, bob, session, platform):
    at = utc_now()
    attempt = Attempt(place="Brakes for beginners")
    attempt.reach(platform)
    launch_log.record(session, attempt, ClaimMissing(claim="sub"), at=at)
    launch_log.record(session, attempt, SignatureWrong(), at=at)
    attempt.member_id = bob.id
    launch_log.record(session, attempt, at=at)

    said = text_of(browse(admin).get("/admin/lms/launches"))
    for part in ("Bob Builder", "Unknown", "Brakes for beginners", "left out “sub”",
                 "Compare the keyset URL", "claim-missing", "Let in"):  # fmt: skip
        assert part in said
    refused = text_of(browse(admin).get("/admin/lms/launches?show=refused"))
    assert "Bob Builder" not in refused
    assert "signature-wrong" in refused


def test_the_log_goes_on_page_by_page(browse, admin, session, platform):
    for number in range(60):
        attempt = Attempt(place=f"Course {number:02}")
        attempt.reach(platform)
        launch_log.record(session, attempt, DeploymentWaiting(), at=utc_now())
    browser = browse(admin)
    first = browser.get("/admin/lms/launches?show=refused")
    (more,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = browser.get(more.replace("&amp;", "&"))

    assert "Course 59" in first.text
    assert "Course 09" not in first.text
    assert "Course 09" in second.text
    assert "Course 10" not in second.text
    assert 'rel="next"' not in second.text
    for odd in ("x", "-1", "9" * 30, "é"):
        assert browser.get(f"/admin/lms/launches?before={odd}").status_code == 200


def test_another_organizations_launches_are_not_told(browse, admin, session, foreign_platform):
    attempt = Attempt(place="Secret course")
    attempt.reach(foreign_platform)
    launch_log.record(session, attempt, at=utc_now())

    assert "Secret course" not in browse(admin).get("/admin/lms/launches").text


def test_an_unknown_lms_is_told_to_the_only_organization_there_is(browse, admin, session):
    launch_log.record(session, Attempt(issuer="https://new.example"), IssuerUnknown(), at=utc_now())
    browser = browse(admin)
    assert "https://new.example" in browser.get("/admin/lms/launches").text

    organizations.make_organization(session, name="Elsewhere", at=utc_now())
    session.commit()
    assert "https://new.example" not in browser.get("/admin/lms/launches").text


def test_an_lms_that_others_keep_is_listed_but_not_opened(browse, admin, session, carol):
    other = make_platform(session, carol.organization, "shared.example")
    row = registration.add_deployment(session, platform=other, deployment_id="7", at=utc_now())
    registration.approve(session, row, utc_now(), into=admin.organization)
    browser = browse(admin)

    listed = browser.get("/admin/lms/")
    assert "shared.example" in text_of(listed)
    assert f"/admin/lms/platforms/{other.id}" not in listed.text
    assert browser.get(f"/admin/lms/platforms/{other.id}").status_code == 404
