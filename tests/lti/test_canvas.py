"""What Canvas reads of PeerQA for a developer key."""

import pytest

from lti.connecting.tool import SCOPES


@pytest.fixture
def document(app, monkeypatch) -> dict:
    settings = app.extensions["peerqa.settings"]
    public = settings.model_copy(update={"public_url": "https://ask.example.org/"})
    monkeypatch.setitem(app.extensions, "peerqa.settings", public)
    reply = app.test_client().get("/lti/canvas.json")
    assert reply.status_code == 200
    return reply.json


def test_it_has_all_that_a_developer_key_wants(document):
    home = "https://ask.example.org"
    assert document["title"] == "PeerQA"
    assert document["description"]
    assert document["oidc_initiation_url"] == f"{home}/lti/login"
    assert document["target_link_uri"] == f"{home}/lti/launch"
    assert document["public_jwk_url"] == f"{home}/lti/jwks"
    assert document["scopes"] == [scope.uri for scope in SCOPES]
    assert document["custom_fields"]["context_id_history"] == "$Context.id.history"


def test_its_placements_are_each_one_of_canvas(document):
    (extension,) = document["extensions"]

    assert extension["platform"] == "canvas.instructure.com"
    assert extension["domain"] == "ask.example.org"
    assert extension["privacy_level"] == "public"  # or there are no names
    placements = {each["placement"]: each for each in extension["settings"]["placements"]}
    assert placements["course_navigation"]["message_type"] == "LtiResourceLinkRequest"
    for name in ("link_selection", "editor_button", "assignment_selection"):
        assert placements[name]["message_type"] == "LtiDeepLinkingRequest"
    assert all(each["target_link_uri"].startswith("https://") for each in placements.values())
