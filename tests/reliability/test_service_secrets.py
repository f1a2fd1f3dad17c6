"""S8: tokens, private keys and what platforms write stay out of logs, errors and the database."""

import json
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import select

from lti.grading import grade_delivery, grades
from lti.grading.grade_messages import LINE_ITEM, SCORE
from lti.models import Platform
from lti.people import roster
from lti.people.accounts import find_or_make_account
from lti.people.enrolment import enter_course
from lti.services import jwks, keys
from lti.services.service_tokens import Registration, get_bearer
from peerqa.database import Base, db, transaction
from peerqa.errors import PeerQAError
from peerqa.gate import instance_key
from peerqa.models import Grade, Organization, Space
from peerqa.models.space import Role
from peerqa.outgoing import Client
from peerqa.services import members
from peerqa.services.grades import set_score
from tests.conftest import NOON
from tests.lti.courses import make_campus
from tests.lti.fake_lms import Answer, FakeLms, fake_lms
from tests.reliability.arena import Arena, Stage, load

TOKEN_CANARY, BODY_CANARY, QUERY_CANARY = "tokencanary", "bodycanary", "querycanary"
SUBJECT_CANARY = "subjectcanary"  # may stand in the database, and nowhere else
ALWAYS = ("PRIVATE KEY", "eyJhbGciOi")  # keys in PEM, and signed tokens
SPOILT = [401, 403, 404, 409, 429, 500]


@pytest.fixture
def lms(arena: Arena, monkeypatch) -> Iterator[FakeLms]:
    settings = arena.app.extensions["peerqa.settings"].model_copy(update={"demo": True})
    monkeypatch.setitem(arena.app.extensions, "peerqa.outgoing", Client(settings))
    with fake_lms() as lms:
        yield lms


def make_course(arena: Arena, stage: Stage, lms: FakeLms) -> int:
    query = f"?key={QUERY_CANARY}"
    with arena.app.app_context(), transaction() as session:
        organization = session.get_one(
            Organization, session.get_one(Space, stage.space).organization_id
        )
        campus = make_campus(session, organization, issuer=lms.url)
        campus.platform.token_url = f"{lms.url}/token{query}"
        campus.platform.keys_url = f"{lms.url}/keys{query}"
        context = campus.course("7", "Safety")
        context.roster_url, context.roster_due_at = f"{lms.url}/roster{query}", NOON
        context.line_items_url = f"{lms.url}/items{query}"
        context.grade_scopes = [LINE_ITEM, SCORE]
        steward = load(session, stage.alice)
        members.join_space(session, member=steward, space=context.space, role=Role.STEWARD)
        grades.switch_on(session, context, by=steward, at=NOON)
        account = find_or_make_account(
            session, platform=campus.platform, organization=organization, subject=SUBJECT_CANARY,
            name=None, email=None, at=NOON,
        )  # fmt: skip
        enter_course(session, account, context, received=("Learner",), rules={}, at=NOON)
        set_score(session, member=account.member, space=context.space, given=1, maximum=2, at=NOON)
        return context.deployment.platform_id


def use_services(arena: Arena, lms: FakeLms, platform_id: int) -> list[str]:
    """Use everything once; returns the sentences of what was refused."""

    said = []
    with arena.app.app_context():
        platform = db.session().get_one(Platform, platform_id)
        registration = Registration.of(platform)
        for act in (
            lambda: jwks.find_keys(platform, "kid", at=NOON),
            lambda: get_bearer(registration, ["scope"], at=NOON),
            lambda: roster.read_due(now=lambda: NOON),
            lambda: grade_delivery.note_all(
                [str(g) for g in db.session().scalars(select(Grade.id))], now=lambda: NOON
            ),
            lambda: grade_delivery.deliver_due(now=lambda: NOON),
        ):
            try:
                act()
            except PeerQAError as refusal:
                said.append(f"{refusal} {refusal!r} {refusal.context}")
        db.session().rollback()
    return said


def dump(arena: Arena) -> bytes:
    """Return everything that is stored: the files of SQLite, or the rows of PostgreSQL."""
    settings = arena.app.extensions["peerqa.settings"]
    files = b"".join(
        path.read_bytes() for path in sorted(settings.home.rglob("*")) if path.is_file()
    )
    with arena.app.app_context():
        rows = [
            repr(tuple(row)).encode()
            for table in Base.metadata.sorted_tables
            for row in db.session().execute(select(table))
        ]
        db.session().rollback()
    return files + b"\n".join(rows)


@pytest.mark.parametrize("status", [200, *SPOILT])
def test_no_secret_of_a_service_is_logged_told_or_stored(arena, stage, lms, capfd, status):
    canary = {"error": BODY_CANARY, "error_description": BODY_CANARY, "detail": BODY_CANARY}
    good_token = Answer(body={"access_token": TOKEN_CANARY, "expires_in": 3600})
    failed = Answer(status, canary, headers=(("X-Detail", BODY_CANARY),))
    lms.answer("/token", good_token)
    for path in ("/keys", "/roster", "/items"):
        lms.answer(path, failed)
    platform_id = make_course(arena, stage, lms)
    with structlog.testing.capture_logs() as logs:
        said = use_services(arena, lms, platform_id)
        lms.answer("/token", failed)
        said += use_services(arena, lms, platform_id)
    with arena.app.app_context():
        pems = [
            instance_key().open(keys.SEAL, row.sealed)
            for row in keys.list_published(db.session(), at=NOON)
        ]
        db.session().rollback()

    assert lms.asked_for("/token")
    assert lms.asked_for("/roster")
    printed = "".join(capfd.readouterr())
    told = json.dumps([logs, said], default=str) + printed
    for secret in (TOKEN_CANARY, BODY_CANARY, QUERY_CANARY, SUBJECT_CANARY, *ALWAYS):
        assert secret not in told
    stored = dump(arena)
    assert SUBJECT_CANARY.encode() in stored, "the search finds what is there"
    for secret in (TOKEN_CANARY, BODY_CANARY, *ALWAYS):
        assert secret.encode() not in stored
    assert pems
    for pem in pems:
        assert pem.splitlines()[1] not in stored
