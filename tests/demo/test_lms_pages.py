"""The demo LMS's pages: who sees what, and the switches of the workbench."""

import pytest

from peerqa.demo.lms import LmsConfig, create_lms
from peerqa.demo.registration import CLIENT_ID
from tests.demo.academy import ADDRESS, FIRST_LINK, TOOL, Academy


def test_a_stranger_is_asked_who_they_are():
    academy = Academy()

    assert academy.get("/").text.count('name="person"') == 7
    assert academy.get("/courses/c-201").status_code == 401
    assert academy.get(f"/lti/links/{FIRST_LINK}/open").status_code == 401


def test_a_learner_sees_activities_and_a_teacher_adds_them(academy):
    seen = academy.get("/courses/c-201").text
    academy.log_in("petra")
    kept = academy.get("/courses/c-201").text

    assert "Ask a colleague" in seen
    assert "Choose in PeerQA" not in seen
    assert "Choose in PeerQA" in kept


@pytest.mark.parametrize("path", ["/courses/c-201/links", "/courses/c-201/copy",
                                  f"/links/{FIRST_LINK}/delete",
                                  "/courses/c-201/people/noor"])  # fmt: skip
def test_a_learner_changes_nothing(academy, path):
    before = academy.lms.world.model_copy(deep=True)

    assert academy.post(path, {"client_id": CLIENT_ID, "state": "Deleted"}).status_code == 403
    assert academy.lms.world == before


def test_an_activity_is_framed_and_the_frame_is_the_tools(academy):
    page = academy.get(f"/links/{FIRST_LINK}").text

    assert f'src="/lti/links/{FIRST_LINK}/open"' in page
    assert 'data-resizes="yes"' in page
    assert 'data-frame="_parent"' in page


def test_storage_has_a_frame_of_its_own_or_none(academy):
    academy.lms.switches.storage = "lti_storage"
    assert 'name="lti_storage"' in academy.get(f"/links/{FIRST_LINK}").text
    academy.lms.switches.storage = "off"
    assert "storage.js" not in academy.get(f"/links/{FIRST_LINK}").text


def test_a_window_has_no_storage_beside_it(academy):
    login = academy.begin(f"/lti/links/{FIRST_LINK}/open?in=window")

    assert "lti_storage_target" not in login.fields


def test_learners_see_their_own_grades_and_teachers_all(academy):
    academy.score(academy.make_column())

    own = academy.get("/courses/c-201/gradebook").text
    academy.log_in("petra")
    everybodys = academy.get("/courses/c-201/gradebook").text

    assert "Noor van Dijk" in own
    assert "Jasmin Haddad" not in own
    assert "Review" not in own
    assert "Jasmin Haddad" in everybodys
    assert "Review" in everybodys


def test_the_workbench_spoils_the_next_launch(academy):
    academy.post("/workbench/next", {"fault": ["no-kid", "made-up"], "omit": ["email"]})

    assert (academy.lms.next.faults, academy.lms.next.omit) == (["no-kid"], ["email"])
    assert "checked" in academy.get("/workbench").text


def test_the_workbench_sets_every_switch(academy):
    academy.post(
        "/workbench/switches",
        {"login_by": "GET", "storage": "off", "page_size": "2", "short_roles": "on"},
    )

    switches = academy.lms.switches
    assert (switches.login_by, switches.storage, switches.page_size) == ("GET", "off", 2)
    assert (switches.short_roles, switches.resizes) == (True, False)
    assert academy.post("/workbench/switches", {"page_size": "none"}).status_code == 400


def test_the_workbench_has_services_fail(academy):
    academy.post("/workbench/failures", {"service": "scores", "status": "429", "times": "2"})
    assert academy.lms.failures[0].times == 2
    academy.post("/workbench/failures", {"clear": ""})
    assert academy.lms.failures == []
    assert academy.post("/workbench/failures", {"status": "200"}).status_code == 400


def test_the_academy_begins_anew(school):
    school.post("/courses/c-201/copy")
    school.post("/workbench/reset")

    assert len(school.lms.world.courses) == 3


@pytest.mark.parametrize("path", ["/", "/workbench", "/log", "/cookies", "/courses/c-201",
                                  "/courses/c-201/gradebook", "/tools",
                                  "/courses/c-201/return?lti_errormsg=Oh"])  # fmt: skip
def test_every_page_is_there(path):
    academy = Academy()
    academy.log_in("ilse")
    academy.launch()

    assert academy.get(path).status_code == 200


def test_what_the_admin_decided_stays_after_a_restart(tmp_path):
    before = Academy(home=tmp_path)
    before.log_in("ilse")
    before.post(f"/tools/{CLIENT_ID}/activate", {"active": "no"})
    before.post(f"/tools/{CLIENT_ID}/scopes", {"scope": []})

    tool = Academy(home=tmp_path).lms.world.tools[CLIENT_ID]

    assert (tool.is_active, tool.scopes) == (False, [])


def test_peerqa_at_another_port_is_followed(tmp_path):
    before = Academy(home=tmp_path)
    before.log_in("petra")
    before.post("/courses/c-201/links", {"client_id": CLIENT_ID})
    elsewhere = create_lms(LmsConfig(ADDRESS, "http://localhost:8080", home=tmp_path))

    tool = elsewhere.extensions["lms"].world.tools[CLIENT_ID]
    assert before.lms.world.tools[CLIENT_ID].target_url.startswith(TOOL)
    assert tool.target_url == "http://localhost:8080/lti/launch"
