"""Access tokens: bought with our signature, kept sealed, forgotten when they are not taken."""

from datetime import timedelta

import jwt
import pytest
from sqlalchemy import func, select

from lti.models import ServiceToken
from lti.services import keys, platform_services
from lti.services.service_tokens import PlatformBusy, Registration, TokenRefused, get_bearer
from peerqa.database import transaction
from peerqa.outgoing import Reply, Unreachable, Unreadable, client
from tests.conftest import NOON
from tests.lti.fake_lms import Answer

TOKEN = "/token"
READ, WRITE = "https://purl.example/read", "https://purl.example/write"
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def fresh():
    return keys.make_fresh()


@pytest.fixture
def registration(session, platform, lms, monkeypatch, fresh) -> Registration:
    monkeypatch.setattr(keys, "make_fresh", lambda: fresh)
    lms.answer(TOKEN, granted("first"), granted("second"), granted("third"))
    platform.token_url = lms.url + TOKEN
    session.commit()
    return Registration.of(platform)


def granted(token: object, expires_in: object = 3600) -> Answer:
    return Answer(
        body={"access_token": token, "token_type": "Bearer", "expires_in": expires_in, "scope": ""}
    )


def token(registration, *scopes: str, at=NOON) -> str:
    return get_bearer(registration, scopes or (READ,), at=at).token


def test_a_token_is_bought_with_a_signed_assertion(session, registration, lms):
    assert token(registration, WRITE, READ) == "first"

    (asked,) = lms.asked
    assert asked.form["grant_type"] == "client_credentials"
    assert asked.form["scope"] == f"{READ} {WRITE}"
    assert asked.form["client_assertion_type"].endswith("jwt-bearer")
    assertion = asked.form["client_assertion"]
    (row,) = keys.list_published(session, at=NOON)
    said = jwt.decode(
        assertion, jwt.PyJWK(row.public), algorithms=["RS256"], options={"verify_signature": True,
        "verify_exp": False, "verify_iat": False, "verify_aud": False},
    )  # fmt: skip
    assert (said["iss"], said["sub"]) == ("client-1", "client-1")
    assert said["aud"] == registration.token_url
    assert said["iat"] < NOON.timestamp() < said["exp"] <= said["iat"] + 300
    assert len(said["jti"]) > 20
    assert jwt.get_unverified_header(assertion)["kid"] == row.kid


def test_a_platform_may_have_an_audience_of_its_own(session, platform, registration, lms):
    platform.token_audience = "https://api.brightspace.com/auth/token"
    token(Registration.of(platform))

    said = jwt.decode(lms.asked[0].form["client_assertion"], options={"verify_signature": False})
    assert said["aud"] == "https://api.brightspace.com/auth/token"


def test_where_clocks_differ_the_platforms_counts(registration, lms):
    lms.answer(TOKEN, Answer(400, {"error": "invalid_client"}), granted("late"))
    ours = NOON + timedelta(hours=2)

    assert token(registration, at=ours) == "late"
    first, again = (request.form["client_assertion"] for request in lms.asked)
    issued = [jwt.decode(a, options={"verify_signature": False})["iat"] for a in (first, again)]
    assert [ours.timestamp() - issued[0], NOON.timestamp() - issued[1]] == [10, 10]
    assert token(registration, at=ours + timedelta(minutes=50)) == "late"


def test_a_token_is_kept_until_a_minute_before_it_expires(registration, lms):
    assert token(registration) == "first"
    assert token(registration, at=NOON + 3539 * SECOND) == "first"
    assert token(registration, at=NOON + 3540 * SECOND) == "second"
    assert len(lms.asked) == 2


def test_each_set_of_scopes_has_its_token(registration):
    assert token(registration, READ) == "first"
    assert token(registration, READ, WRITE) == "second"
    assert token(registration, WRITE, READ, WRITE) == "second"


def test_a_token_is_sealed_at_rest(session, registration):
    bearer = get_bearer(registration, [READ], at=NOON)

    (sealed,) = session.scalars(select(ServiceToken.sealed))
    assert b"first" not in sealed
    assert "first" not in repr(bearer)


@pytest.mark.parametrize(
    ("said", "lasts"),
    [("3600", 3600), (None, 300), ("soon", 300), (-5, 0), ("nan", 0), (10**12, 86400)],
)
def test_how_long_a_token_lasts_may_be_said_in_any_way(session, registration, lms, said, lasts):
    lms.answer(TOKEN, granted("any", said))
    token(registration)

    assert session.scalar(select(ServiceToken.expires_at)) == NOON + lasts * SECOND


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (Answer(400, {"error": "invalid_client"}), TokenRefused, "signature or client id"),
        (Answer(400, {"error": "invalid_scope"}), TokenRefused, "this service"),
        (Answer(401, b"<html>"), TokenRefused, "status 401"),
        (Answer(400, {"error": ["x"], "error_description": "canary"}), TokenRefused, "status 400"),
        (Answer(302), TokenRefused, "status 302"),
        (Answer(429), PlatformBusy, "status 429"),
        (Answer(503), PlatformBusy, "status 503"),
        (Answer(body=b"<html>"), Unreadable, "not JSON"),
        (Answer(body=[]), Unreadable, "without an access token"),
        (Answer(body={}), Unreadable, "without an access token"),
        (granted(""), Unreadable, "without an access token"),
        (granted(7), Unreadable, "without an access token"),
        (granted("a\r\nX: b"), Unreadable, "without an access token"),
        (granted("é"), Unreadable, "without an access token"),
        (Answer(after_seconds=1), Unreachable, "in time"),
    ],
)
def test_without_a_token_there_is_a_sentence_and_nothing_is_kept(
    session, registration, lms, monkeypatch, answer, kind, sentence
):
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.5)
    lms.answer(TOKEN, answer)

    with pytest.raises(kind, match=sentence) as refused:
        token(registration)

    assert "canary" not in str(refused.value)
    assert session.scalar(select(func.count()).select_from(ServiceToken)) == 0


def call(registration, lms) -> Reply:
    return platform_services.call(
        registration, "GET", lms.url + "/scores", scopes=[READ], at=NOON, accepts="text/x"
    )


def test_a_service_is_asked_with_the_token_and_its_media_type(registration, lms):
    lms.answer("/scores", Answer(body={"a": 1}))

    assert call(registration, lms).json() == {"a": 1}
    (asked,) = lms.asked_for("/scores")
    assert asked.headers["Authorization"] == "Bearer first"
    assert asked.headers["Accept"] == "text/x"


def test_a_token_that_is_not_taken_is_replaced_once(registration, lms):
    lms.answer("/scores", Answer(401), Answer())

    assert call(registration, lms).status == 200
    assert [r.headers["Authorization"] for r in lms.asked_for("/scores")] == [
        "Bearer first",
        "Bearer second",
    ]
    assert token(registration) == "second"


def test_a_service_that_takes_no_token_is_not_asked_a_third_time(registration, lms):
    lms.answer("/scores", Answer(401))

    assert call(registration, lms).status == 401
    assert len(lms.asked_for("/scores")) == 2


def test_nothing_is_requested_inside_a_transaction(registration, lms):
    with pytest.raises(AssertionError), transaction():
        call(registration, lms)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), ("0", 0), ("Mon, 01 Jun 2026 12:00:30 GMT", 30),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0), ("99999999", 86400), ("999999999999", None),
        ("", None), ("soon", None), ("-5", None), ("Mon, 01 Jun 2026 12:00:30", None),
    ],
)  # fmt: skip
def test_how_long_to_wait_is_read_either_way(said, seconds):
    reply = Reply(429, {"retry-after": (said,)}, b"")

    wait = platform_services.wait_for(reply, at=NOON)
    assert wait == (None if seconds is None else seconds * SECOND)
