"""What somebody with bad intent and some knowledge of PeerQA tries at the LMS's door."""

import base64
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lti.connecting import registration
from lti.launching import launch_log, login
from lti.models import Account, LaunchRecord, Login
from lti.models.platform import DeploymentState
from lti.origins import origin_of
from peerqa import identity
from peerqa.app import create_app
from peerqa.clock import utc_now
from peerqa.errors import Conflict
from peerqa.gate import COOKIE
from peerqa.models import OneTimeLink, Space
from peerqa.models.space import Visibility
from tests.conftest import NOON
from tests.lti.conftest import make_platform
from tests.lti.platform import ABSENT, INSTRUCTOR, LEARNER, FakePlatform, post, segment
from tests.lti.test_launches import follow


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def test_arriving_writes_nothing(platform_side: FakePlatform, client: FlaskClient, session):
    launched = platform_side.launch(client)

    client.get(launched.headers["Location"])

    assert session.scalars(select(OneTimeLink.used_at)).all() == [None]


def test_the_page_of_an_arrival_is_framed_by_its_own_lms_alone(
    platform_side: FakePlatform, client: FlaskClient
):
    launched = platform_side.launch(client)
    client.delete_cookie(COOKIE)

    page = client.get(launched.headers["Location"])

    assert (
        "frame-ancestors 'self' https://moodle.example;" in page.headers["Content-Security-Policy"]
    )


def test_claims_and_headers_nested_deeply_are_refused(
    platform_side: FakePlatform, client: FlaskClient
):
    for depth in (150, *range(880, 960, 3)):  # about where Python's own patience ends
        sent = platform_side.begin(client)
        deep = b'{"alg": "RS256", "kid": "kid-good", "x": %b}' % nested(depth).encode()
        token = f"{segment(deep)}.{segment(platform_side.claims(sent.nonce))}.AAAA"
        assert post(client, token, sent.state).status_code == 400, depth


def test_a_form_of_registration_nested_deeply_is_refused(client: FlaskClient):
    plan = base64.urlsafe_b64encode(b"[" * 100_000).decode()

    assert client.post("/lti/register", data={"plan": plan}).status_code == 422


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "a\x00b\udfff" * 50])
def test_halves_of_characters_and_zeros_go_through_every_claim(
    platform_side: FakePlatform, client: FlaskClient, browse, session, admin, platform, odd
):
    platform.department_parameter = "department"
    session.commit()
    for role in (LEARNER, INSTRUCTOR):
        page = follow(
            client,
            platform_side.launch(
                client,
                name=odd,
                given_name=odd,
                email=odd,
                ROLES=[role, odd, f"http://purl.imsglobal.org/vocab/lis/v2/membership#{odd}"],
                CONTEXT={"id": "c", "title": odd, "label": odd},
                RESOURCE_LINK={"id": "l", "title": odd},
                CUSTOM={
                    "department": odd,
                    "peerqa_id": odd,
                    "peerqa_space": odd,
                    "context_id_history": odd,
                    "resource_link_id_history": odd,
                    odd: odd,
                },
                PRESENTATION={"locale": odd, "return_url": odd},
                PRODUCT={"product_family_code": odd},
                ROSTER={"context_memberships_url": odd},
                GRADES={"scope": [odd], "lineitems": odd},
            ),
        )
        assert page.status_code == 200, page.text
    (space,) = re.findall(r"/spaces/(\d+)", page.request.path)
    for path in (f"/lti/spaces/{space}/roster", f"/lti/spaces/{space}/grades"):
        assert client.get(path).status_code == 200
    for path in ("/admin/lms/roles", "/admin/lms/launches"):
        assert browse(admin).get(path).status_code == 200


@pytest.mark.parametrize("odd", ["\x00", "\ud800"])
def test_halves_of_characters_and_zeros_go_through_deep_linking(
    platform_side: FakePlatform, client: FlaskClient, odd
):
    settings = {
        "deep_link_return_url": "https://moodle.example/back",
        "accept_types": ["ltiResourceLink", odd],
        "accept_presentation_document_targets": ["iframe", odd],
        "data": odd,
    }
    page = platform_side.launch(
        client, MESSAGE="LtiDeepLinkingRequest", ROLES=[INSTRUCTOR], DEEP_LINKING=settings
    )
    assert page.status_code in {303, 400}
    if page.status_code == 303:
        assert follow(client, page).status_code == 200


def test_odd_parameters_of_a_login(platform_side: FakePlatform, client: FlaskClient):
    for name in ("lti_storage_target", "lti_message_hint", "login_hint", "lti_deployment_id"):
        sent = platform_side.begin(client, method="POST", **{name: "a\x00b"})
        assert sent.reply.status_code in {200, 303}, name


def test_an_lms_that_is_registered_anew_may_frame_what_the_old_one_did(
    platform_side: FakePlatform, client: FlaskClient, session, organization, platform, outgoing
):
    platform_side.launch(client)
    platform.disabled_at = NOON
    anew = make_platform(session, organization, client_id="client-2")
    registration.add_deployment(
        session, platform=anew, deployment_id="1", at=NOON, state=DeploymentState.APPROVED
    )
    session.commit()

    page = follow(client, FakePlatform(anew, outgoing).launch(client))

    assert "https://moodle.example" in page.headers["Content-Security-Policy"]


def test_a_deployment_whose_courses_are_here_is_not_moved_to_another_organization(
    platform_side: FakePlatform, client: FlaskClient, session, deployment, carol
):
    session.commit()
    platform_side.launch(client)

    with pytest.raises(Conflict):
        registration.approve(session, deployment, NOON, into=carol.organization)


def test_the_keeper_of_a_shared_registration_hears_nothing_of_others_courses(
    platform_side: FakePlatform, client: FlaskClient, session, deployment, carol, organization
):
    deployment.organization = carol.organization
    session.commit()

    platform_side.launch(client, TARGET="http://localhost/elsewhere")
    platform_side.launch(client, MESSAGE="Strange")

    rows = session.scalars(select(LaunchRecord)).all()
    assert [row.organization_id for row in rows] == [carol.organization_id] * 2


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_a_flood_of_logins_takes_bounded_room_and_hinders_nobody(
    platform_side: FakePlatform, client: FlaskClient, app, session, monkeypatch
):
    for kind in (login, launch_log):
        monkeypatch.setattr(kind, "AT_ONCE", 3)
    monkeypatch.setattr(login, "MOST_LIVING", 4)
    monkeypatch.setattr(launch_log, "MOST_OF_ONE", 5)
    for _ in range(12):
        platform_side.begin(app.test_client())
        platform_side.begin(app.test_client(), iss="https://stranger.example")
        platform_side.begin(app.test_client(), target_link_uri="https://elsewhere.example/")
    sent = platform_side.begin(client)
    (timer,) = (t for t in app.extensions["peerqa.timers"] if t.name == "old-launches")

    timer.act()

    assert count(session, Login) == 4
    assert count(session, LaunchRecord) == 10
    reply = post(client, platform_side.sign(platform_side.claims(sent.nonce)), sent.state)
    assert reply.status_code == 303


def test_a_login_is_not_larger_in_all_than_any_platforms(
    platform_side: FakePlatform, client: FlaskClient
):
    hints = {"login_hint": "a" * 7000, "lti_message_hint": "b" * 7000}
    sent = platform_side.begin(client, method="POST", **hints)

    assert sent.reply.status_code == 413


def test_a_history_written_by_hand_tells_nothing_of_a_closed_board(
    platform_side: FakePlatform, client: FlaskClient, app, session
):
    closed = {"id": "secret", "title": "Takeover of Southwind"}
    boss = app.test_client()
    follow(boss, platform_side.launch(boss, sub="boss", CONTEXT=closed))
    session.execute(update(Space).values(visibility=Visibility.SPACE.value))
    session.commit()
    mine = {"id": "mine", "title": "Mine"}
    reply = platform_side.launch(
        client, ROLES=[INSTRUCTOR], CONTEXT=mine, CUSTOM={"context_id_history": "secret"}
    )

    page = follow(client, reply)

    assert "One board or two?" in page.text
    assert "Southwind" not in page.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example:8000", 421), ("192.0.2.1", 421), ("localhost.evil.example", 421),
        ("localhost:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200),
    ],
)  # fmt: skip
def test_the_demo_answers_to_names_of_this_machine_alone(settings, app, session, host, status):
    demo = create_app(settings.model_copy(update={"demo": True}))

    reply = demo.test_client().get("/sign-in", headers={"Host": host})

    assert reply.status_code == status


def test_by_https_a_neighbour_under_the_same_domain_cannot_plant_a_sign_in(
    app, session, browse, alice, monkeypatch
):
    session.commit()
    browser = browse(alice)
    assert browser.get("/").status_code == 200  # by http, as in development
    settings = app.extensions["peerqa.settings"].model_copy(
        update={"public_url": "https://peerqa.school.example"}
    )
    monkeypatch.setitem(app.extensions, "peerqa.settings", settings)
    assert browser.get("/").status_code == 401

    link = identity.make_link(session, alice, at=utc_now(), minutes=1)
    session.commit()
    entered = browser.client.post(f"/sign-in/{link}", base_url="https://peerqa.school.example")

    cookie = entered.headers["Set-Cookie"]
    assert cookie.startswith("__Host-peerqa_sign_in=")
    assert "Path=/;" in cookie + ";"
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert browser.get("/", base_url="https://peerqa.school.example").status_code == 200


def test_an_anonymous_launch_leaves_nobody_signed_in(platform_side: FakePlatform, client):
    follow(client, platform_side.launch(client))
    assert "Signed in as Lena Learner" in client.get("/").text

    assert platform_side.launch(client, sub=ABSENT).status_code == 200

    assert client.get("/").status_code == 401


def test_the_keeper_of_a_shared_registration_makes_no_admins_of_others(
    platform_side: FakePlatform, client, session, platform, deployment, carol
):
    platform.trusts_administrators = True
    deployment.organization = carol.organization
    session.commit()

    administrator = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
    follow(client, platform_side.launch(client, ROLES=[administrator]))

    assert session.scalars(select(Account)).one().member.is_admin is False


@pytest.mark.parametrize(
    "address",
    ["https://a;script-src *", "https://a,b", "https://*.evil", "https://a|b", "https://a<b>",
     "https://[fe80::1%25eth]/", "https://x@evil", "https://a\\@b", "//evil", "data:a"],
)  # fmt: skip
def test_nothing_but_a_host_becomes_a_source_of_a_policy(address):
    assert origin_of(address) is None
