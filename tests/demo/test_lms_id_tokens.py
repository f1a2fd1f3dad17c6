"""What id_tokens of the demo LMS say, rightly or as the workbench spoils them."""

import jwt
import pytest

from peerqa.demo.lms.claims import DEEP, GRADES, LTI
from peerqa.demo.lms.faults import FAULTS, OMITTED, SHORT_NAMES
from peerqa.demo.registration import CLIENT_ID
from tests.demo.academy import ADDRESS, FIRST_LINK, Academy


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_spoils_one_launch(academy, fault):
    academy.launch()
    academy.lms.spoil(fault)

    assert "id_token" in academy.launch().fields
    assert academy.claims()["sub"] == "a41f6c02"


@pytest.mark.parametrize("name", OMITTED)
def test_every_claim_can_be_left_out(academy, name):
    academy.lms.spoil(omit=(name,))

    token = academy.launch().fields["id_token"]

    claims = jwt.decode(token, options={"verify_signature": False})
    assert SHORT_NAMES.get(name, name) not in claims


def test_signatures_are_spoiled_as_they_are_called(academy):
    headers = {}
    for fault in ("no-kid", "alg-none", "alg-hs256", "alg-rs512", "alg-es256", "unknown-kid"):
        academy.lms.spoil(fault)
        headers[fault] = jwt.get_unverified_header(academy.launch().fields["id_token"])

    assert "kid" not in headers["no-kid"]
    assert [headers[f"alg-{name}"]["alg"] for name in ("none", "hs256", "rs512", "es256")] == [
        "none", "HS256", "RS512", "ES256",
    ]  # fmt: skip
    assert headers["unknown-kid"]["kid"] == "nobody"


def test_the_nonce_of_the_launch_before_can_come_again(academy):
    academy.authorize(academy.request_for(academy.begin(), nonce="first"))
    academy.lms.spoil("last-nonce")

    token = academy.launch().fields["id_token"]

    assert jwt.decode(token, options={"verify_signature": False})["nonce"] == "first"


def test_the_last_launch_can_be_replayed(academy):
    sent = academy.launch()

    assert academy.begin("/lti/again") == sent


def test_keys_rotate_and_the_one_before_stays_published(academy):
    before = academy.lms.keys.current.kid
    academy.post("/workbench/keys")

    published = [key["kid"] for key in academy.get("/lti/keys").json["keys"]]

    assert published == [before, academy.lms.keys.current.kid]
    assert academy.claims()


@pytest.mark.parametrize(
    ("person", "roles"),
    [
        ("petra", ["membership#Instructor", "institution/person#Student"]),
        ("samir", ["membership/Instructor#TeachingAssistant", "membership#Instructor",
                   "institution/person#Student"]),
        ("ilse", ["institution/person#Administrator"]),
        ("test", ["membership#Learner", "institution/person#Student",
                  "system/person#TestUser"]),
    ],
)  # fmt: skip
def test_everybody_comes_with_their_roles(academy, person, roles):
    academy.log_in(person)

    received = academy.claims()[f"{LTI}roles"]

    assert len(received) == len(roles)
    assert all(uri.endswith(end) for uri, end in zip(received, roles, strict=True))


def test_nothing_personal_is_said_of_who_wants_it_so(academy):
    academy.log_in("quiet")

    assert not {"name", "given_name", "family_name", "email", "locale"} & academy.claims().keys()


def test_roles_can_be_short_and_audiences_several(academy):
    academy.lms.switches.short_roles = academy.lms.switches.several_audiences = True

    claims = academy.claims()

    assert claims[f"{LTI}roles"] == ["Learner"]
    assert (claims["aud"], claims["azp"]) == ([CLIENT_ID, "another-client"], CLIENT_ID)


def test_a_learner_neither_picks_nor_reviews(academy):
    column = academy.make_column().split("/")[-2]

    assert academy.get(f"/lti/courses/c-201/pick/{CLIENT_ID}").status_code == 403
    assert academy.get(f"/lti/columns/{column}/review/emil").status_code == 403


def test_a_review_names_whose_work_it_is_about(school):
    column = school.make_column(resourceLinkId=FIRST_LINK)

    claims = school.claims(f"/lti/columns/{column.split('/')[-2]}/review/noor")

    assert claims[f"{LTI}message_type"] == "LtiSubmissionReviewRequest"
    assert claims[f"{LTI}for_user"]["user_id"] == "a41f6c02"
    assert claims[f"{LTI}resource_link"]["id"] == FIRST_LINK
    assert claims[GRADES]["lineitem"] == column


def test_a_copied_course_remembers_what_it_was(school):
    school.lms.world.links[FIRST_LINK].custom = {"peerqa_id": "k"}
    school.post("/courses/c-201/copy")
    copy = list(school.lms.world.courses.values())[-1]
    link = school.lms.world.links_of(copy)[0]

    claims = school.claims(f"/lti/links/{link.id}/open")

    assert claims[f"{LTI}context"]["id"] == copy.id != "c-201"
    assert claims[f"{LTI}custom"] == {
        "context_id_history": "c-201",
        "resource_link_id_history": FIRST_LINK,
        "department": "$Person.department",
        "peerqa_id": "k",
    }


def test_a_picker_is_told_what_it_may_return(school):
    settings = school.claims(f"/lti/courses/c-201/pick/{CLIENT_ID}")[f"{DEEP}deep_linking_settings"]

    assert settings["deep_link_return_url"].startswith(f"{ADDRESS}/lti/picked/")
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert settings["data"]


def test_the_clock_can_be_ahead(academy):
    academy.lms.switches.clock_ahead_seconds = 90

    token = academy.launch().fields["id_token"]

    issued = jwt.decode(token, options={"verify_signature": False})["iat"]
    assert issued == int(academy.now.timestamp()) + 90


def test_the_academy_is_the_same_after_a_restart(tmp_path):
    before = Academy(home=tmp_path)
    before.log_in("petra")
    before.post("/courses/c-202/links", {"client_id": CLIENT_ID, "title": "More"})

    after = Academy(home=tmp_path)

    assert after.lms.keys.current.kid == before.lms.keys.current.kid
    assert after.lms.world == before.lms.world
    assert after.app.secret_key == before.app.secret_key


def test_a_world_of_another_version_is_begun_anew(tmp_path):
    (tmp_path / "world.json").write_text('{"people": 7}')

    assert Academy(home=tmp_path).lms.world.courses.keys() == {"c-201", "c-202", "c-203"}


def test_another_name_and_another_site_get_nothing(academy):
    elsewhere = {"Origin": "https://elsewhere.example"}

    assert academy.client.get("/", base_url="http://rebound.example:9000").status_code == 421
    assert academy.post("/log-in", {"person": "ilse"}, headers=elsewhere).status_code == 403
