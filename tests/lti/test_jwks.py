"""Keys of platforms: fetched when they are needed, not more often than allowed, RSA alone."""

import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from sqlalchemy import select

from lti.models import PlatformKeys
from lti.services import jwks
from lti.services.jwks import KeysUnavailable, KeyUnknown, find_keys
from peerqa.database import db
from peerqa.outgoing import Unreadable, client
from tests.conftest import NOON
from tests.lti.fake_lms import Answer

SECOND = timedelta(seconds=1)
KEYS = "/keys"


def make_jwk(kid: object, key: rsa.RSAPrivateKey, **more: object) -> dict[str, object]:
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return {"kty": "RSA", "kid": kid, "n": public["n"], "e": public["e"], **more}


@pytest.fixture(scope="module")
def pair() -> list[rsa.RSAPrivateKey]:
    return [rsa.generate_private_key(65537, 2048) for _ in range(2)]


@pytest.fixture
def publish(lms):
    return lambda *keys: lms.answer(KEYS, Answer(body={"keys": list(keys)}))


@pytest.fixture
def platform(platform, lms):
    platform.keys_url = lms.url + KEYS
    db.session.commit()
    return platform


def remembered(session) -> str | None:
    return session.scalar(select(PlatformKeys.error))


def test_keys_are_fetched_once_and_kept(platform, lms, publish, pair):
    publish(make_jwk("a", pair[0], alg="RS256", use="sig"))

    for _ in range(3):
        (key,) = find_keys(platform, "a", at=NOON)

    assert key.public_numbers() == pair[0].public_key().public_numbers()
    assert len(lms.asked) == 1


def test_a_key_without_alg_and_use_is_taken(platform, publish, pair):
    publish(make_jwk("a", pair[0]))

    assert find_keys(platform, "a", at=NOON)


def test_an_unknown_kid_asks_again_so_that_rotation_is_seen(platform, lms, publish, pair):
    publish(make_jwk("a", pair[0]))
    find_keys(platform, "a", at=NOON)
    publish(make_jwk("b", pair[1]))

    assert find_keys(platform, "b", at=NOON + 11 * SECOND)
    with pytest.raises(KeyUnknown):
        find_keys(platform, "a", at=NOON + 12 * SECOND)


def test_made_up_kids_do_not_hammer_the_platform(platform, lms, publish, pair):
    publish(make_jwk("a", pair[0]))

    for second in range(25):
        with pytest.raises(KeyUnknown):
            find_keys(platform, f"made-up-{second}", at=NOON + second * SECOND)

    assert len(lms.asked) == 3
    assert find_keys(platform, "a", at=NOON + 25 * SECOND)


def test_every_key_of_a_doubled_kid_is_returned(platform, publish, pair):
    publish(make_jwk("a", pair[0]), make_jwk("a", pair[1]))

    assert len(find_keys(platform, "a", at=NOON)) == 2


def test_old_keys_are_refreshed_and_go_on_working_while_the_platform_is_down(
    platform, lms, publish, pair
):
    publish(make_jwk("a", pair[0]))
    find_keys(platform, "a", at=NOON)
    lms.answer(KEYS, Answer(500))
    later = NOON + timedelta(hours=7)

    assert find_keys(platform, "a", at=later)
    assert find_keys(platform, "a", at=later + SECOND)
    assert len(lms.asked) == 2
    with pytest.raises(KeysUnavailable, match="status 500"):
        find_keys(platform, "b", at=later + SECOND)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(body=b"<html>Sign in</html>"), "not JSON"),
        (Answer(body=b'{"keys": ['), "not JSON"),
        (Answer(body=b""), "not JSON"),
        (Answer(body=[1]), "no key set"),
        (Answer(body={"keys": {"kid": "a"}}), "no key set"),
        (Answer(body={"keys": []}), "usable RSA key"),
        (Answer(body={"keys": [None, 1, "a", {"kty": "RSA"}]}), "usable RSA key"),
        (Answer(302, headers=(("Location", "http://127.0.0.1/"),)), "status 302"),
        (Answer(404), "status 404"),
        (Answer(body=b"a" * 300_000), "too much"),
        (Answer(after_seconds=1), "in time"),
    ],
)
def test_what_is_no_key_set_is_a_sentence_that_is_remembered(
    platform, lms, session, monkeypatch, answer, sentence
):
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.5)
    lms.answer(KEYS, answer)

    with pytest.raises(KeysUnavailable, match=sentence) as refused:
        find_keys(platform, "a", at=NOON)

    assert sentence in str(remembered(session))
    assert sentence in str(refused.value)
    with pytest.raises(KeysUnavailable, match=sentence):
        find_keys(platform, "a", at=NOON + SECOND)
    assert len(lms.asked) == 1


def test_a_key_set_on_a_private_address_is_not_asked_for(platform, session):
    platform.keys_url = "https://10.0.0.1/keys"

    with pytest.raises(KeysUnavailable, match="private network"):
        find_keys(platform, "a", at=NOON)


def test_a_failure_is_forgotten_with_the_next_success(platform, lms, publish, session, pair):
    lms.answer(KEYS, Answer(503))
    with pytest.raises(KeysUnavailable):
        find_keys(platform, "a", at=NOON)
    publish(make_jwk("a", pair[0]))

    assert find_keys(platform, "a", at=NOON + 11 * SECOND)
    assert remembered(session) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"alg": "RS512"}, {"alg": "HS256"}, {"alg": 5}, {"use": "enc"}, {"kty": "oct", "k": "c2Vj"},
        {"n": ""}, {"n": "AQ"}, {"n": 7}, {"e": ""}, {"e": "AA"}, {"e": "A" * 200},
        {"kid": None}, {"kid": ["a"]}, {"kid": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_key_that_cannot_verify_is_left_out_and_the_others_are_kept(pair, wrong):
    entry = make_jwk("a", pair[0]) | wrong

    keys = jwks.read_key_set(json.dumps({"keys": [entry, make_jwk("good", pair[1])]}))

    assert list(keys) == ["good"]


@pytest.mark.parametrize("bits", [1024, 2047])
def test_short_keys_are_refused(bits):
    short = make_jwk("a", rsa.generate_private_key(65537, bits))
    with pytest.raises(Unreadable):
        jwks.read_key_set(json.dumps({"keys": [short]}))


def test_elliptic_curves_are_refused():
    key = ec.generate_private_key(ec.SECP256R1())
    entry = json.loads(ECAlgorithm.to_jwk(key.public_key())) | {"kid": "a"}
    with pytest.raises(Unreadable):
        jwks.read_key_set(json.dumps({"keys": [entry]}))


def test_a_private_key_that_was_published_is_read_as_its_public_half(pair):
    entry = json.loads(RSAAlgorithm.to_jwk(pair[0])) | {"kid": "a"}

    (key,) = jwks.read_key_set(json.dumps({"keys": [entry]}))["a"]

    token = jwt.encode({}, pair[0], algorithm="RS256")
    assert jwt.decode(token, key, algorithms=["RS256"]) == {}
