"""Whatever goes wrong under /api/ is a problem, and none says more than it should."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from peerqa import tokens
from peerqa.app import create_app
from peerqa.clock import utc_now
from peerqa.settings import Settings
from tests.api.conftest import PREFIX, Program, assert_problem
from tests.conftest import NOON


def test_without_a_token_one_is_asked_for_it(stranger):
    refused = stranger.get("/me")

    assert_problem(refused, 401, "not-signed-in")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["pqa_unknown", "x" * 5000, "é", "a b", ""])
def test_a_token_that_is_not_ours_is_refused(stranger, token):
    refused = stranger.client.get(f"{PREFIX}/me", headers={"Authorization": f"Bearer {token}"})

    assert_problem(refused, 401, "not-signed-in")
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_that_ended_is_refused(program, session, alice):
    token = tokens.create_token(session, alice, name="old", at=NOON, expires_at=NOON)
    ended = program(alice)
    ended.token = token

    assert_problem(ended.get("/me"), 401, "not-signed-in")


def test_who_has_left_is_refused(program, session, alice):
    client = program(alice)
    alice.inactive_at = utc_now()
    session.commit()

    assert_problem(client.get("/me"), 401, "not-signed-in")


def test_a_cookie_is_no_token(browse, alice):
    assert_problem(browse(alice).get(f"{PREFIX}/me"), 401, "not-signed-in")


def test_a_request_that_another_site_made_is_refused(program, question, bob):
    voter = program(bob)
    refused = voter.client.put(
        f"{PREFIX}/questions/{question.id}/vote",
        headers={"Authorization": f"Bearer {voter.token}", "Origin": "https://evil.example"},
    )

    assert_problem(refused, 403, "foreign-request")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/questions/abc", 404, "not-found"),
        ("GET", "/questions/-1", 404, "not-found"),
        ("GET", "/questions/99999999999999999999", 404, "not-found"),
        ("DELETE", "/questions/2147483648", 404, "not-found"),
        ("GET", "/questions/" + "9" * 5000, 404, "not-found"),
        ("PUT", "/questions", 405, "method-not-allowed"),
        ("TRACE", "/me", 405, "method-not-allowed"),
    ],
)
def test_addresses_that_lead_nowhere(program, alice, method, path, status, code):
    refused = program(alice).call(method, path)

    assert_problem(refused, status, code)
    assert ("Allow" in refused.headers) == (status == 405)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"title": "x"} and more',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"title": "\\ud800"}',  # half of a character: nothing can store it
        b'{"title": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_body_that_is_not_json(program, alice, body):
    refused = program(alice).call("POST", "/questions", data=body, content_type="application/json")

    assert_problem(refused, 400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1"])
def test_a_body_that_is_no_object(program, alice, body):
    refused = program(alice).call("POST", "/questions", data=body, content_type="application/json")

    problem = assert_problem(refused, 422, "invalid")
    assert problem["errors"] == [{"field": "", "detail": "The body must be a JSON object."}]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_of_another_media_type(program, alice, media_type):
    refused = program(alice).call("POST", "/questions", data=b"{}", content_type=media_type)

    assert_problem(refused, 415, "wrong-media-type")


def test_a_body_that_is_too_large(program, alice):
    refused = program(alice).post("/questions", {"body": "x" * 1_000_001})

    assert_problem(refused, 413, "too-large")


def test_a_thousand_unknown_fields_need_no_thousand_sentences(program, alice):
    refused = program(alice).post("/questions", {f"field{n}" * 20: n for n in range(1000)})

    problem = assert_problem(refused, 422, "invalid")
    assert len(problem["errors"]) == 20
    assert len(refused.data) < 5000


def test_a_mistake_of_ours_says_its_number_and_nothing_else(
    app: Flask, program, alice, monkeypatch
):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("canary: pqa_secret")

    monkeypatch.setattr("peerqa.api.members.spaces.list_spaces", fail)

    refused = program(alice).get("/spaces")

    problem = assert_problem(refused, 500, "unexpected")
    assert problem["request"]
    assert "canary" not in refused.text


def test_a_mistake_of_ours_is_logged_without_what_people_wrote(program, alice, monkeypatch, capsys):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("canary: pqa_secret")

    monkeypatch.setattr("peerqa.api.members.spaces.list_spaces", fail)

    client = program(alice)
    number = client.get("/spaces").json["request"]

    logged = "".join(capsys.readouterr())
    assert number in logged
    assert "RuntimeError" in logged
    assert "canary" not in logged
    assert client.token not in logged


def test_a_deadlock_or_a_full_disk_is_no_mistake_of_ours(program, alice, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT canary", {}, RuntimeError("database or disk is full"))

    monkeypatch.setattr("peerqa.api.members.spaces.list_spaces", fail)

    refused = program(alice).get("/spaces")

    assert_problem(refused, 503, "database-away")
    assert int(refused.headers["Retry-After"]) > 0
    assert "canary" not in refused.text


@pytest.fixture(scope="module")
def orphan(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A program of an installation whose PostgreSQL is not there."""
    home = tmp_path_factory.mktemp("orphan")
    app = create_app(
        Settings(
            home=home,
            database_url=f"postgresql://nobody@/nothing?host={home}",
            model_dir=home / "no-model",
            secret_key="k" * 32,
        )
    )
    return Program(app.test_client(), "pqa_any")


def test_a_database_that_is_away_is_said_and_when_to_come_again(orphan):
    refused = orphan.get("/me")

    assert_problem(refused, 503, "database-away")
    assert refused.headers["Retry-After"] == "2"


def test_probes_tell_a_dead_process_from_a_missing_database(orphan):
    orphan.client.set_cookie("peerqa_sign_in", "any")

    alive = orphan.client.get("/healthz")
    ready = orphan.client.get("/readyz")

    assert (alive.status_code, alive.json) == (200, {"status": "up"})
    assert ready.status_code == 503
    assert ready.json["database"] == "away"
    assert ready.headers["Retry-After"] == "2"
