"""Launches that must work, from the login to the page."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti.models import Account, Context, Enrolment, LaunchRecord
from peerqa.clock import utc_now
from peerqa.models import Member, Membership, SignIn, Space
from tests.lti.platform import ABSENT, INSTRUCTOR, LEARNER, FakePlatform, post


def follow(client: FlaskClient, reply):
    """Go on as the browser does: to the check, then to the page."""
    assert reply.status_code == 303, reply.text
    arrived = client.get(reply.headers["Location"])
    assert arrived.status_code == 303, arrived.text
    return client.get(arrived.headers["Location"])


def test_a_login_asks_the_platform_for_exactly_what_the_specification_says(
    platform_side: FakePlatform, client: FlaskClient
):
    sent = platform_side.begin(client)

    assert sent.reply.status_code == 302
    assert sent.reply.headers["Location"].startswith(platform_side.authorization_url + "?")
    assert {**sent.query, "state": "", "nonce": ""} == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "client-1",
        "redirect_uri": "http://localhost:8000/lti/launch",
        "login_hint": "hint-1",
        "lti_message_hint": "message-1",
        "state": "",
        "nonce": "",
    }


def test_the_cookie_of_a_login_is_for_frames_and_for_launches_alone(
    platform_side: FakePlatform, client: FlaskClient
):
    sent = platform_side.begin(client, method="POST")

    cookie = sent.reply.headers.getlist("Set-Cookie")[0]
    assert sent.reply.status_code == 303
    assert cookie.startswith("peerqa_lti_")
    for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/lti", "Max-Age=600"):
        assert word in cookie


def test_a_learner_lands_in_the_space_of_the_course(
    platform_side: FakePlatform, client: FlaskClient, session
):
    page = follow(client, platform_side.launch(client))

    assert page.status_code == 200
    assert "Brakes and lights" in page.text
    assert "Signed in as Lena Learner" in page.text
    member = session.scalars(select(Member).where(Member.email == "lena@example.org")).one()
    assert [m.role for m in member.memberships] == ["learner"]
    assert session.scalars(select(LaunchRecord)).one().code == "accepted"


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([LEARNER], "learner"),
        ([INSTRUCTOR], "steward"),
        ([LEARNER, INSTRUCTOR], "steward"),
        (["Instructor"], "steward"),
        (["Learner"], "learner"),
        (["urn:unknown:Teacher"], "learner"),
        ([], "learner"),
        ([""], "learner"),
    ],
)
def test_teachers_and_learners_work_with_every_kind_of_role(
    platform_side: FakePlatform, client: FlaskClient, session, roles, role
):
    page = follow(client, platform_side.launch(client, ROLES=roles))

    assert page.status_code == 200
    assert session.scalars(select(Membership.role)).one() == role
    assert session.scalars(select(Enrolment)).one().roles == [r for r in roles if r]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"name": ABSENT}, None),
        ({"email": ABSENT}, "Lena Learner"),
        ({"name": ABSENT, "email": ABSENT}, None),
        ({"name": ABSENT, "given_name": "Lena", "family_name": "L."}, "Lena L."),
        ({"name": "$Person.name.full"}, None),
        ({"email": "no address"}, "Lena Learner"),
        ({"name": "x" * 300}, "x" * 199 + "…"),
    ],
    ids=lambda value: str(value)[:60],
)
@pytest.mark.parametrize("has_course", [True, False])
def test_people_without_personal_data_work(
    platform_side: FakePlatform, client: FlaskClient, session, said, name, has_course
):
    more = {} if has_course else {"CONTEXT": ABSENT}
    page = follow(client, platform_side.launch(client, **said, **more))

    assert page.status_code == 200
    member = session.scalars(select(Account)).one().member
    assert member.name == name or (name is None and member.name.startswith("Member "))
    assert session.scalar(select(func.count()).select_from(Context)) == has_course


@pytest.mark.parametrize(
    "more",
    [
        {"aud": ["client-1"]},
        {"aud": ["client-1", "other"], "azp": "client-1"},
        {"aud": ["other", "client-1"], "azp": "client-1"},
        {"azp": "client-1"},
        {"unheard_of": {"of": ["anything"]}},
        {"CUSTOM": {"a": 5, "b": None, "c": {"d": 1}, "e": "$Unknown.variable"}},
        {"RESOURCE_LINK": {"id": "é" * 255}},
        {"CONTEXT": {}},
        {"sub": "u" * 255},
        {"name": "L\x00e\ud800na", "ROLES": ["x\x00", "\ud800"], "email": "a\x00@b.c"},
        {"CONTEXT": {"id": "c", "title": "T\x00\ud800"}, "CUSTOM": {"\x00": "\ud800"}},
        {"ROLES": [LEARNER] * 150},
    ],
    ids=str,
)
def test_odd_but_legal_claims_work(platform_side: FakePlatform, client: FlaskClient, more):
    assert follow(client, platform_side.launch(client, **more)).status_code == 200


@pytest.mark.parametrize(("claim", "by"), [("exp", -5), ("iat", 5)])
def test_clocks_may_differ_by_seconds(platform_side: FakePlatform, client: FlaskClient, claim, by):
    now = int(utc_now().timestamp())

    assert platform_side.launch(client, **{claim: now + by}).status_code == 303


def test_an_anonymous_launch_gets_a_page_and_makes_nobody(
    platform_side: FakePlatform, client: FlaskClient, session
):
    reply = platform_side.launch(client, sub=ABSENT)

    assert reply.status_code == 200
    assert "without saying who you are" in reply.text
    assert session.scalars(select(Account)).all() == []
    assert session.scalars(select(LaunchRecord)).one().code == "anonymous"


def test_the_test_student_is_marked(platform_side: FakePlatform, client: FlaskClient, session):
    test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    follow(client, platform_side.launch(client, ROLES=[LEARNER, test_user]))

    assert session.scalars(select(Account)).one().is_test


def test_the_same_person_is_one_member_however_often_they_come(
    platform_side: FakePlatform, client: FlaskClient, session
):
    for _ in range(3):
        follow(client, platform_side.launch(client))

    for table in (Account, Context, Enrolment, Membership, SignIn):
        assert session.scalar(select(func.count()).select_from(table)) == 1, table


def test_another_person_in_the_same_browser_replaces_the_first(
    platform_side: FakePlatform, client: FlaskClient, session
):
    follow(client, platform_side.launch(client))
    page = follow(client, platform_side.launch(client, sub="user-2", name="Otto", email=ABSENT))

    assert "Signed in as Otto" in page.text
    first, second = session.scalars(select(SignIn).order_by(SignIn.id)).all()
    assert first.ended_at is not None
    assert second.binding == first.binding


def test_two_courses_of_one_title_are_two_spaces(
    platform_side: FakePlatform, client: FlaskClient, session
):
    for number in ("1", "2"):
        follow(client, platform_side.launch(client, CONTEXT={"id": number, "title": "Brakes"}))

    assert session.scalars(select(Space.name).order_by(Space.id)).all() == ["Brakes", "Brakes (2)"]


def test_two_activities_opened_at_once_both_work(
    platform_side: FakePlatform, client: FlaskClient, session
):
    first, second = platform_side.begin(client), platform_side.begin(client)
    tokens = [platform_side.sign(platform_side.claims(sent.nonce)) for sent in (first, second)]
    assert post(client, tokens[1], second.state).status_code == 303
    assert post(client, tokens[0], first.state).status_code == 303
    assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_who_frames_the_page_is_learned_from_the_launch(
    platform_side: FakePlatform, client: FlaskClient
):
    page = follow(
        client,
        platform_side.launch(
            client, PRESENTATION={"return_url": "https://School.moodle.example:8443/back"}
        ),
    )

    policy = page.headers["Content-Security-Policy"]
    assert "https://moodle.example" in policy
    assert "https://school.moodle.example:8443" in policy
    assert "data-origins=" in page.text


def test_arriving_never_leads_to_another_site(platform_side, client):
    reply = platform_side.launch(client)
    arrived = client.get(reply.headers["Location"].partition("?")[0] + "?next=//evil.example/")
    assert arrived.headers["Location"] == "/"


def test_the_member_is_known_by_subject_and_never_by_address(
    platform_side: FakePlatform, client: FlaskClient, session, alice
):
    session.commit()
    follow(client, platform_side.launch(client, email=alice.email))

    member = session.scalars(select(Account)).one().member
    assert member is not alice
    assert member.email is None


def test_a_submission_review_opens_what_the_person_contributed(
    platform_side: FakePlatform, client: FlaskClient
):
    follow(client, platform_side.launch(client))
    review = {"MESSAGE": "LtiSubmissionReviewRequest", "RESOURCE_LINK": ABSENT}
    teacher = {"sub": "teacher", "name": "Tina", "email": ABSENT, "ROLES": [INSTRUCTOR]}

    page = follow(
        client, platform_side.launch(client, **review, **teacher, FOR_USER={"user_id": "user-1"})
    )
    stranger = platform_side.launch(client, **review, **teacher, FOR_USER={"user_id": "nobody"})

    assert "<h1>Lena Learner</h1>" in page.text
    assert "Brakes and lights" in follow(client, stranger).text


def test_deep_linking_leads_to_the_picker(platform_side: FakePlatform, client: FlaskClient):
    settings = {
        "deep_link_return_url": "https://moodle.example/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    }
    page = follow(
        client,
        platform_side.launch(
            client, MESSAGE="LtiDeepLinkingRequest", DEEP_LINKING=settings, ROLES=[INSTRUCTOR]
        ),
    )

    assert page.status_code == 200
    assert "/lti/pick/" in page.request.path
