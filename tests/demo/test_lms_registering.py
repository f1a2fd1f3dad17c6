"""Registration of a tool with the demo LMS: by URL, by hand, and what is refused."""

import json

import pytest

from peerqa.demo.lms.registering import PLATFORM, TOOL, invite
from peerqa.demo.registration import SCOPES
from tests.demo.academy import ADDRESS, Academy

HOST = "https://tool.example"
RIGHT = {
    "application_type": "web",
    "response_types": ["id_token"],
    "grant_types": ["implicit", "client_credentials"],
    "initiate_login_uri": f"{HOST}/lti/login",
    "redirect_uris": [f"{HOST}/lti/launch"],
    "client_name": "A tool",
    "jwks_uri": f"{HOST}/lti/jwks",
    "token_endpoint_auth_method": "private_key_jwt",
    "scope": f"{SCOPES[0]} {SCOPES[4]} made-up",
    TOOL: {
        "domain": "tool.example",
        "target_link_uri": f"{HOST}/lti/launch",
        "claims": ["iss", "sub", "name"],
        "custom_parameters": {"history": "$Context.id.history"},
        "messages": [
            {"type": "LtiResourceLinkRequest"},
            {"type": "LtiDeepLinkingRequest", "target_link_uri": f"{HOST}/lti/pick"},
        ],
    },
}


@pytest.fixture
def office() -> Academy:
    """The demo LMS with its admin at the browser."""
    office = Academy()
    office.log_in("ilse")
    return office


def register(office: Academy, body: object, *, token: str | None = None, kind="application/json"):
    token = invite(office.lms) if token is None else token
    return office.post(
        "/lti/registration", json.dumps(body), content_type=kind,
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip


def test_the_configuration_says_where_everything_is(office):
    headers = {"Authorization": f"Bearer {invite(office.lms)}"}

    found = office.get("/lti/openid-configuration", headers=headers).json

    assert found["issuer"] == ADDRESS
    assert found["registration_endpoint"] == f"{ADDRESS}/lti/registration"
    assert found["jwks_uri"] == f"{ADDRESS}/lti/keys"
    assert set(SCOPES) <= set(found["scopes_supported"])
    assert found[PLATFORM]["product_family_code"] == "northwind-academy"


def test_the_configuration_wants_the_token_unless_it_is_open(office):
    assert office.get("/lti/openid-configuration").status_code == 401
    office.lms.switches.guards_configuration = False
    assert office.get("/lti/openid-configuration").status_code == 200


def test_a_tool_is_taken_in_and_waits_to_be_activated(office):
    said = register(office, RIGHT).json

    tool = office.lms.world.tools[said["client_id"]]
    assert not tool.is_active
    assert tool.scopes == [SCOPES[0], SCOPES[4]]
    assert said["scope"] == f"{SCOPES[0]} {SCOPES[4]}"
    assert said[TOOL]["deployment_id"] == tool.deployment_id
    assert tool.deep_linking_url == f"{HOST}/lti/pick"
    office.post(f"/tools/{tool.client_id}/activate", {"active": "yes"})
    assert tool.is_active


def test_the_answer_can_leave_the_deployment_out(office):
    office.lms.switches.names_deployment = False

    assert "deployment_id" not in register(office, RIGHT).json[TOOL]


def test_a_token_registers_once_and_for_an_hour(office):
    token, late = invite(office.lms), invite(office.lms)

    assert register(office, {}, token=token).status_code == 400
    assert register(office, RIGHT, token=token).status_code == 200
    assert register(office, RIGHT, token=token).status_code == 401
    assert register(office, RIGHT, token="made-up").status_code == 401
    office.pass_time(hours=1)
    assert register(office, RIGHT, token=late).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"application_type": "native"}, {"application_type": None}, {"response_types": ["code"]},
        {"response_types": "id_token"}, {"grant_types": ["implicit"]}, {"grant_types": []},
        {"initiate_login_uri": "/lti/login"}, {"initiate_login_uri": None},
        {"initiate_login_uri": "https://elsewhere.example/login"}, {"redirect_uris": []},
        {"redirect_uris": "https://tool.example/lti/launch"},
        {"redirect_uris": ["https://elsewhere.example/"]}, {"client_name": ""},
        {"jwks_uri": None}, {"jwks_uri": "javascript:alert(1)"},
        {"token_endpoint_auth_method": "client_secret_basic"}, {TOOL: None},
        {TOOL: RIGHT[TOOL] | {"domain": None}}, {TOOL: RIGHT[TOOL] | {"domain": HOST}},
        {TOOL: RIGHT[TOOL] | {"target_link_uri": "https://elsewhere.example/"}},
        {TOOL: RIGHT[TOOL] | {"claims": ["name"]}}, {TOOL: RIGHT[TOOL] | {"messages": None}},
        {TOOL: RIGHT[TOOL] | {"messages": [{"type": "LtiDance"}]}},
        {TOOL: RIGHT[TOOL] | {"custom_parameters": {"number": 7}}},
    ],
)  # fmt: skip
def test_a_wrong_registration_is_refused(office, changes):
    before = dict(office.lms.world.tools)
    body = {name: value for name, value in (RIGHT | changes).items() if value is not None}

    reply = register(office, body)

    assert (reply.status_code, reply.json["error"]) == (400, "invalid_client_metadata")
    assert office.lms.world.tools == before


def test_only_json_is_taken(office):
    assert register(office, RIGHT, kind="text/plain").status_code == 400
    assert register(office, [RIGHT]).status_code == 400


def test_the_admin_opens_a_registration_address_in_a_frame(office):
    page = office.get("/tools/register", query_string={"url": f"{HOST}/lti/register/abc"}).text

    assert f'src="{HOST}/lti/register/abc?openid_configuration=http' in page
    assert "registration_token=" in page
    assert office.get("/tools/register", query_string={"url": "none"}).status_code == 400


def test_nobody_but_the_admin_sees_the_tools(office):
    office.log_in("petra")

    assert office.get("/tools").status_code == 403
    assert office.get("/tools/register", query_string={"url": HOST}).status_code == 403


def test_a_tool_is_added_by_hand_and_removed(office):
    form = {
        "name": "By hand", "login_url": f"{HOST}/login", "redirect_urls": f"{HOST}/launch",
        "target_url": f"{HOST}/launch", "keys_url": f"{HOST}/jwks",
    }  # fmt: skip
    assert office.post("/tools", form | {"keys_url": "none"}).status_code == 400
    office.post("/tools", form)
    tool = list(office.lms.world.tools.values())[-1]

    assert (tool.name, tool.is_active, tool.redirect_urls) == ("By hand", True, [f"{HOST}/launch"])
    office.post(f"/tools/{tool.client_id}/delete")
    assert tool.client_id not in office.lms.world.tools
