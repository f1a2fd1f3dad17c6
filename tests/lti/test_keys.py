"""Our own keys: sealed, published, followed by the next, and agreed on by all processes."""

from datetime import timedelta

import jwt
import pytest
from sqlalchemy import func, select

from lti.models import ToolKey
from lti.services import keys
from peerqa.gate import instance_key
from peerqa.secrets import BrokenSeal, InstanceKey
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def fresh_keys():
    return [keys.make_fresh() for _ in range(3)]


@pytest.fixture(autouse=True)
def made_before(monkeypatch, fresh_keys):
    """Making a key is slow; a few are made for all these tests."""
    left = iter(fresh_keys)
    monkeypatch.setattr(keys, "make_fresh", lambda: next(left))


def published(session, at=NOON) -> list[str]:
    return [row.kid for row in keys.list_published(session, at=at)]


def signer(session, at) -> str:
    return str(jwt.get_unverified_header(keys.sign(session, instance_key(), {}, at=at))["kid"])


def test_the_first_key_is_made_when_it_is_needed(session):
    token = keys.sign(session, instance_key(), {"sub": "client"}, at=NOON)

    (row,) = keys.list_published(session, at=NOON)
    public = jwt.PyJWK(row.public)
    assert public.key_id == jwt.get_unverified_header(token)["kid"]
    assert jwt.decode(token, public, algorithms=["RS256"])["sub"] == "client"
    assert public.key.key_size == 2048
    assert set(row.public) == {"kty", "kid", "use", "alg", "n", "e"}


def test_a_key_is_sealed_and_opened_by_this_installation_alone(session, fresh_keys):
    keys.keep_going(instance_key(), at=NOON)
    (row,) = keys.list_published(session, at=NOON)

    assert b"PRIVATE KEY" not in row.sealed
    assert instance_key().open(keys.SEAL, row.sealed) == fresh_keys[0].pem
    with pytest.raises(BrokenSeal):
        InstanceKey(b"another" * 8).open(keys.SEAL, row.sealed)
    assert "PRIVATE" not in repr(fresh_keys[0])


def test_the_next_key_is_published_a_day_before_it_signs(session):
    first = signer(session, NOON)
    keys.keep_going(instance_key(), at=NOON + 28 * DAY)
    assert published(session, NOON + 28 * DAY) == [first]

    at = NOON + 29 * DAY
    keys.keep_going(instance_key(), at=at)
    second, also_first = published(session, at)

    assert also_first == first
    assert signer(session, at) == first
    assert signer(session, NOON + 30 * DAY) == second
    assert signer(session, NOON + 58 * DAY) == second


def test_a_key_is_published_for_a_fortnight_after_it_signed(session):
    first = signer(session, NOON)
    keys.keep_going(instance_key(), at=NOON + 29 * DAY)

    assert first in published(session, NOON + 43 * DAY)
    assert first not in published(session, NOON + 44 * DAY)

    keys.keep_going(instance_key(), at=NOON + 44 * DAY)
    assert session.scalar(select(func.count()).select_from(ToolKey)) == 1


def test_rotation_by_hand_takes_effect_at_once(session):
    first = signer(session, NOON)
    made = keys.rotate(session, instance_key(), at=NOON + DAY)

    assert signer(session, NOON + DAY) == made.kid
    assert published(session, NOON + DAY) == [made.kid, first]
    assert published(session, NOON + 15 * DAY) == [made.kid]


def test_keys_that_nobody_rotated_for_a_year_begin_again(session):
    first = signer(session, NOON)

    assert signer(session, NOON + 365 * DAY) not in ("", first)


def test_keep_going_twice_is_once(session):
    keys.keep_going(instance_key(), at=NOON)
    keys.keep_going(instance_key(), at=NOON)

    assert len(published(session)) == 1


def test_the_key_set_and_the_icon_are_open_and_may_be_kept(app, session):
    asked = app.test_client().get("/lti/jwks")

    assert asked.status_code == 200
    assert len(asked.json["keys"]) == 1
    assert "d" not in asked.json["keys"][0]
    assert asked.headers["Cache-Control"] == "public, max-age=300"
    icon = app.test_client().get("/lti/icon.svg")
    assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")
    assert icon.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
