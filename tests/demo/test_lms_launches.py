"""The demo LMS as a platform: logins, what it refuses of an authentication request, id_tokens."""

import pytest

from peerqa.demo.lms.claims import GRADES, LTI, ROSTER
from peerqa.demo.registration import CLIENT_ID
from tests.demo.academy import ADDRESS, FIRST_LINK, LAUNCH, TOOL


def test_a_login_says_who_comes_and_where_to(academy):
    login = academy.begin()

    assert login.url == f"{TOOL}/lti/login"
    assert login.fields["iss"] == ADDRESS
    assert login.fields["target_link_uri"] == LAUNCH
    assert login.fields["client_id"] == CLIENT_ID
    assert login.fields["lti_deployment_id"] == "1"
    assert login.fields["lti_storage_target"] == "_parent"


def test_a_login_can_come_by_get_and_say_only_what_must_be_said(academy):
    switches = academy.lms.switches
    switches.login_by, switches.sends_client_id, switches.sends_deployment = "GET", False, False
    switches.storage = "off"

    login = academy.begin()

    wanted = {"iss", "login_hint", "target_link_uri", "lti_message_hint"}
    assert (login.url, set(login.fields)) == (f"{TOOL}/lti/login", wanted)


def test_a_right_request_gets_an_id_token_that_verifies(academy):
    claims = academy.claims()

    assert claims["sub"] == "a41f6c02"
    assert claims["name"] == "Noor van Dijk"
    assert claims["exp"] - claims["iat"] == 60
    assert claims[f"{LTI}roles"][0].endswith("membership#Learner")
    assert claims[f"{LTI}context"]["title"] == "Workshop floor"
    assert claims[f"{LTI}resource_link"]["id"] == FIRST_LINK
    assert claims[f"{LTI}custom"]["department"] == "$Person.department"
    assert claims[GRADES]["lineitems"].startswith(ADDRESS)
    assert claims[ROSTER]["service_versions"] == ["2.0"]


def test_the_form_goes_to_the_tool_with_its_state(academy):
    form = academy.authorize(academy.request_for(academy.begin(), state="my state & <more>"))

    assert form.url == LAUNCH
    assert form.fields["state"] == "my state & <more>"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"prompt": "login"}, "invalid_request"),
        ({"prompt": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"),
        ({"login_hint": "0c93d7be"}, "login_required"),
        ({"login_hint": "A41F6C02"}, "login_required"),
        ({"lti_message_hint": None}, "invalid_request"),
        ({"lti_message_hint": "made up"}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_to_the_tool(academy, changes, code):
    form = academy.authorize(academy.request_for(academy.begin(), state="s", **changes))

    assert form.url == LAUNCH
    assert (form.fields["error"], form.fields["state"]) == (code, "s")
    assert "id_token" not in form.fields


def test_a_request_without_state_is_refused(academy):
    form = academy.authorize(academy.request_for(academy.begin(), state=None))

    assert form.fields["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody"},
        {"client_id": None},
        {"client_id": CLIENT_ID.upper()},
        {"redirect_uri": f"{LAUNCH}/"},
        {"redirect_uri": f"{LAUNCH}?more=1"},
        {"redirect_uri": "https://elsewhere.example/lti/launch"},
        {"redirect_uri": None},
    ],
)
def test_nothing_goes_to_an_address_that_is_not_the_tools(academy, changes):
    request = academy.request_for(academy.begin(), **changes)

    reply = academy.get("/lti/authorize", query_string=request)

    assert reply.status_code == 400
    assert "<form id" not in reply.text


def test_nobody_is_launched_who_is_not_logged_in(academy):
    request = academy.request_for(academy.begin())
    academy.post("/log-out")

    assert academy.authorize(request).fields["error"] == "login_required"


def test_nobody_is_launched_by_another_persons_hints(academy):
    request = academy.request_for(academy.begin())
    academy.log_in("emil")

    assert academy.authorize(request).fields["error"] == "login_required"
    mixed = {**request, "nonce": "another", "login_hint": "0c93d7be"}
    assert academy.authorize(mixed).fields["error"] == "invalid_request"


def test_a_hint_is_good_once_and_for_ten_minutes(academy):
    login = academy.begin()
    assert "id_token" in academy.authorize(academy.request_for(login)).fields
    assert "error" in academy.authorize(academy.request_for(login)).fields

    late = academy.request_for(academy.begin())
    academy.pass_time(minutes=11)
    assert academy.authorize(late).fields["error"] == "invalid_request"


def test_a_nonce_is_taken_once(academy):
    first = academy.request_for(academy.begin(), nonce="n")
    second = academy.request_for(academy.begin(), nonce="n")

    assert "id_token" in academy.authorize(first).fields
    assert "error" in academy.authorize(second).fields


def test_a_request_may_be_posted_but_say_nothing_twice(academy):
    request = academy.request_for(academy.begin())

    assert academy.post("/lti/authorize", request).status_code == 200
    twice = [*academy.request_for(academy.begin()).items(), ("scope", "openid")]
    assert academy.get("/lti/authorize", query_string=twice).status_code == 400


def test_a_tool_that_is_not_active_gets_nothing(academy):
    request = academy.request_for(academy.begin())
    academy.lms.world.tools[CLIENT_ID].is_active = False

    assert academy.get("/lti/authorize", query_string=request).status_code == 400
    assert academy.get(f"/lti/links/{FIRST_LINK}/open").status_code == 403
