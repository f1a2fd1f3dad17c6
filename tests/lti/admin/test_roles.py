"""The table of roles, and an organization's own rules."""

import re

import pytest

from lti.models import Account, Enrolment, RoleRule
from lti.people import roles
from peerqa.clock import utc_now
from peerqa.models.space import Role
from tests.lti.courses import make_campus
from tests.web.conftest import text_of

GRADER = roles.full_uri("Grader")
OWN = "http://purl.imsglobal.org/vocab/lis/v2/membership/Mentor#Auditor"


def save(browser, *choices: tuple[str, str], **more: str):
    return browser.post(
        "/admin/lms/roles",
        {
            "role": [role for role, _ in choices],
            "becomes": [becomes for _, becomes in choices],
            **more,
        },
    )


def test_the_table_is_shown_as_it_is(browse, admin):
    page = browse(admin).get("/admin/lms/roles")

    said = dict(
        re.findall(r'name="role" value="[^"]*#(\w+)">.*?value="(\w+)" selected', page.text, re.S)
    )
    assert said["Instructor"] == said["TeachingAssistant"] == "steward"
    assert said["Grader"] == said["Learner"] == said["Manager"] == "learner"
    assert "changed" not in text_of(page)


def test_only_what_differs_is_kept(browse, admin, session):
    browser = browse(admin)
    choices = [(GRADER, "steward"), (roles.full_uri("Instructor"), "steward")]
    assert save(browser, *choices).status_code == 303

    assert roles.read_rules(session, admin.organization_id) == {GRADER: Role.STEWARD}
    assert text_of(browser.get("/admin/lms/roles")).count("changed") == 1
    save(browser, (GRADER, "learner"))
    assert session.query(RoleRule).count() == 0


def test_a_role_of_their_own_is_added(browse, admin, session):
    browser = browse(admin)
    assert save(browser, added=OWN, added_becomes="steward").status_code == 303

    assert roles.read_rules(session, admin.organization_id) == {OWN: Role.STEWARD}
    assert OWN in browser.get("/admin/lms/roles").text


@pytest.mark.parametrize(
    "sent",
    [
        {"added": "a b", "added_becomes": "steward"},
        {"added": "x" * 256, "added_becomes": "steward"},
        {"added": OWN, "added_becomes": "admin"},
        {"role": [GRADER], "becomes": ["owner"]},
    ],
)
def test_what_is_no_rule_changes_nothing(browse, admin, session, sent):
    session.add(RoleRule(organization_id=admin.organization_id, role=GRADER, becomes="steward"))
    reply = browse(admin).post("/admin/lms/roles", sent)

    assert reply.status_code == 422
    session.rollback()
    assert roles.read_rules(session, admin.organization_id) == {GRADER: Role.STEWARD}


def test_rules_are_of_one_organization(browse, admin, carol, session):
    save(browse(admin), (GRADER, "steward"))

    assert roles.read_rules(session, carol.organization_id) == {}


def test_roles_that_came_lately_are_in_the_list(browse, admin, session, alice):
    campus = make_campus(session, admin.organization)
    now = utc_now()
    account = Account(
        platform=campus.platform,
        organization_id=admin.organization_id,
        subject="s",
        member=alice,
        created_at=now,
    )
    session.add(account)
    session.flush()
    session.add(
        Enrolment(
            context=campus.course("1", "Brakes"),
            account=account,
            roles=[OWN, "Learner"],
            created_at=now,
            seen_at=now,
        )
    )

    page = browse(admin).get("/admin/lms/roles")
    assert page.text.count(f'value="{OWN}"') == 1
    assert page.text.count(f'value="{roles.full_uri("Learner")}"') == 1
