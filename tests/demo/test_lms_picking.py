"""What the demo LMS takes of a tool's picker, and what it refuses."""

import secrets

import jwt
import pytest

from peerqa.demo.lms.claims import DEEP, LTI
from peerqa.demo.lms.keyring import make_key
from peerqa.demo.registration import CLIENT_ID
from tests.demo.academy import ADDRESS, TOOL, Academy

ITEM = {
    "type": "ltiResourceLink",
    "title": "Brakes",
    "url": f"{TOOL}/lti/launch",
    "custom": {"peerqa_id": "k"},
}


class Picking:
    """A teacher in the picker; answers as a right tool does, but for the changes."""

    def __init__(self, school: Academy) -> None:
        self.school = school
        token = school.launch(f"/lti/courses/c-201/pick/{CLIENT_ID}").fields["id_token"]
        claims = jwt.decode(token, options={"verify_signature": False})
        self.settings = claims[f"{DEEP}deep_linking_settings"]

    def claims(self, *items: object, **changes: object) -> dict:
        now = int(self.school.lms.now().timestamp())
        right = {
            "iss": CLIENT_ID, "aud": ADDRESS, "iat": now, "exp": now + 300,
            "nonce": secrets.token_hex(8),
            f"{LTI}message_type": "LtiDeepLinkingResponse",
            f"{LTI}version": "1.3.0",
            f"{LTI}deployment_id": "1",
            f"{DEEP}data": self.settings.get("data"),
            f"{DEEP}content_items": list(items),
        } | changes  # fmt: skip
        return {name: value for name, value in right.items() if value is not None}

    def send(self, token: str):
        path = self.settings["deep_link_return_url"].removeprefix(ADDRESS)
        return self.school.post(path, {"JWT": token}, headers={"Origin": TOOL})

    def answer(self, *items: object, **changes: object):
        return self.send(self.school.sign(self.claims(*items, **changes)))

    @property
    def titles(self) -> list[str]:
        world = self.school.lms.world
        return [link.title for link in world.links_of(world.courses["c-201"])]


@pytest.fixture
def picking(school):
    return Picking(school)


def test_what_was_picked_becomes_an_activity(picking):
    reply = picking.answer(ITEM)

    assert reply.status_code == 200
    assert picking.titles == ["Ask a colleague", "Brakes"]
    link = list(picking.school.lms.world.links.values())[-1]
    assert picking.school.claims(f"/lti/links/{link.id}/open")[f"{LTI}custom"]["peerqa_id"] == "k"


def test_a_picked_item_brings_its_column(picking):
    picking.answer(ITEM | {"lineItem": {"scoreMaximum": 10, "label": "Help"}})

    columns = picking.school.lms.world.columns.values()
    assert [(column.label, column.maximum, bool(column.link)) for column in columns] == [
        ("Help", 10.0, True)
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"iss": "somebody"}, "iss"),
        ({"aud": TOOL}, "aud"),
        ({"aud": None}, "aud"),
        ({"nonce": None}, "nonce"),
        ({"exp": None}, "exp"),
        ({"exp": 1_600_000_000}, "expired"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_060}, "future"),
        ({f"{LTI}message_type": "LtiDeepLinkingRequest"}, "message_type"),
        ({f"{LTI}version": "1.3"}, "version"),
        ({f"{LTI}deployment_id": "2"}, "deployment_id"),
        ({f"{DEEP}data": "other"}, "data"),
        ({f"{DEEP}data": None}, "data"),
        ({f"{DEEP}content_items": "none"}, "content_items"),
    ],
)
def test_a_wrong_response_adds_nothing(picking, changes, sentence):
    reply = picking.answer(ITEM, **changes)

    assert reply.status_code == 400
    assert sentence in reply.text
    assert picking.titles == ["Ask a colleague"]


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "link"}, {"type": "html"}, {"type": None}, {"title": 7},
        {"url": "https://elsewhere.example/"}, {"custom": {"number": 7}}, {"custom": "text"},
        {"lineItem": {"scoreMaximum": 0}}, {"lineItem": {}}, {"lineItem": "ten"},
    ],
)  # fmt: skip
def test_one_wrong_item_and_none_is_added(picking, changes):
    reply = picking.answer(ITEM, ITEM | changes)

    assert reply.status_code == 400
    assert picking.titles == ["Ask a colleague"]
    assert picking.school.lms.world.columns == {}


def test_what_is_not_accepted_is_refused(school):
    school.lms.switches.accepts_several = school.lms.switches.accepts_line_items = False

    assert Picking(school).answer(ITEM, ITEM).status_code == 400
    assert Picking(school).answer(ITEM | {"lineItem": {"scoreMaximum": 1}}).status_code == 400
    assert Picking(school).answer(ITEM).status_code == 200


def test_a_response_must_be_signed_by_the_tool(picking):
    claims = picking.claims(ITEM)
    unsigned = jwt.encode(claims, "", "none")

    assert picking.send(picking.school.sign(claims, key=make_key())).status_code == 400
    assert picking.send(picking.school.sign(claims, kid=None)).status_code == 400
    assert picking.send(unsigned).status_code == 400
    assert picking.send("").status_code == 400
    assert picking.titles == ["Ask a colleague"]


def test_a_response_is_taken_once(picking):
    token = picking.school.sign(picking.claims(ITEM))

    assert [picking.send(token).status_code for _ in range(2)] == [200, 400]
    assert picking.titles == ["Ask a colleague", "Brakes"]


def test_a_response_is_taken_from_the_teacher_who_began_alone(picking):
    picking.school.log_in("samir")

    assert picking.answer(ITEM).status_code == 400
    picking.school.post("/log-out")
    assert picking.answer(ITEM).status_code == 400


def test_no_data_is_echoed_when_none_was_sent(school):
    school.lms.switches.sends_data = False

    assert Picking(school).answer(ITEM, **{f"{DEEP}data": "made-up"}).status_code == 400
    assert Picking(school).answer(ITEM).status_code == 200


def test_cancelling_and_failing_are_shown(picking):
    reply = picking.answer(**{f"{DEEP}msg": "Never mind", f"{DEEP}errormsg": "Nothing <there>"})

    assert reply.status_code == 200
    assert "Never mind" in reply.text
    assert "Nothing &lt;there&gt;" in reply.text
    assert picking.titles == ["Ask a colleague"]
