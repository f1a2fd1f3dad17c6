"""Probes, and the description that everybody may read."""

import os
import subprocess
import sys

from sqlalchemy import text

from peerqa.api.health import head_revision
from peerqa.app import create_app
from peerqa.database import db
from peerqa.settings import Settings
from tests.fakes import WordsEncoder


def test_a_process_that_serves_says_how_well(stranger):
    ready = stranger.client.get("/readyz")

    assert ready.status_code == 200
    assert ready.json["database"] == "ready"
    assert ready.json["encoder"] != "ready"  # there is no model in this test


def test_the_index_is_told_of_beside_the_encoder(app, stranger, organization):
    engine = app.extensions["peerqa.search"]
    assert stranger.client.get("/readyz").json["index"] == "unused"

    engine.indexes.find(db.session(), organization.id, WordsEncoder())

    assert stranger.client.get("/readyz").json["index"] == "ready"


def test_a_web_process_is_ready_without_the_library_that_migrates(home):
    code = (
        "import sys; from peerqa.app import create_app; "
        "print(create_app().test_client().get('/readyz').json['database'], "
        "[name for name in sys.modules if name.split('.')[0] in ('alembic', 'mako')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PEERQA_HOME": str(home)},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines()[-1] == "not migrated []"


def test_an_empty_database_is_not_ready(home):
    app = create_app(Settings(home=home, model_dir=home / "none", secret_key="k" * 32))

    ready = app.test_client().get("/readyz")

    assert (ready.status_code, ready.json["database"]) == (503, "not migrated")


def test_the_newest_revision_is_the_one_in_the_database(session):
    assert session.scalar(text("SELECT version_num FROM alembic_version")) == head_revision()


def test_everybody_may_read_the_description(stranger):
    found = stranger.client.get("/api/v1/openapi.json").json

    assert found["openapi"].startswith("3.1")
    assert found["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert found["paths"]["/healthz"]["get"]["security"] == []


def test_every_route_is_described_and_nothing_else(app, stranger):
    found = stranger.client.get("/api/v1/openapi.json").json
    described = {
        (path, method.upper()) for path, methods in found["paths"].items() for method in methods
    }

    served = {
        (str(rule).replace("<id:", "{").replace(">", "}"), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api_") and rule.endpoint != "api_health.openapi"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_ids_and_texts_have_the_limits_of_the_services(stranger):
    found = stranger.client.get("/api/v1/openapi.json").json

    (parameter,) = found["paths"]["/api/v1/questions/{question_id}"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "integer", "minimum": 1, "maximum": 2147483647}
    title = found["components"]["schemas"]["NewQuestion"]["properties"]["title"]
    assert (title["minLength"], title["maxLength"]) == (5, 150)
    assert not found["components"]["schemas"]["NewQuestion"]["additionalProperties"]


def test_refusals_are_described_as_problems(stranger):
    found = stranger.client.get("/api/v1/openapi.json").json

    replies = found["paths"]["/api/v1/questions"]["post"]["responses"]
    assert set(replies) == {
        *("201", "400", "401", "403", "404", "413", "415", "422", "429", "500", "503")
    }
    for status, reply in replies.items():
        wanted = "application/json" if status == "201" else "application/problem+json"
        assert list(reply["content"]) == [wanted]
    assert "Location" in replies["201"]["headers"]
    assert "WWW-Authenticate" in replies["401"]["headers"]
