import fcntl

import pytest

from peerqa.models import Tuning
from tests.conftest import NOON
from tests.fakes import WordsEncoder


@pytest.fixture
def encoder(app, monkeypatch) -> WordsEncoder:
    encoder = WordsEncoder()
    monkeypatch.setattr(app.extensions["peerqa.search"].encoders, "_encoder", encoder)
    return encoder


@pytest.fixture(autouse=True)
def forget(app):
    """Other tests have organizations of the same ids."""
    yield
    app.extensions["peerqa.search"].gates.forget()
    app.extensions["peerqa.search"].weights.forget()


def test_with_nothing_to_learn_from_it_says_so_and_keeps_nothing(
    peerqa, session, organization, encoder
):
    ran = peerqa("tune", "--json")

    assert ran.status == 0
    assert ran.json["gate"] == {"verdict": "too-few"}
    assert ran.json["weights"]["verdict"] == "too-few"
    assert ran.json["evidence"] == {
        "duplicates": 0, "confirmed": 0, "contradicting": 0, "threads": 0,
    }  # fmt: skip
    assert "too little is known" in peerqa("tune").said
    assert session.query(Tuning).count() == 0


def test_a_dry_run_keeps_nothing(peerqa, session, organization, encoder):
    ran = peerqa("tune", "--dry-run")

    assert "Nothing was kept" in ran.said
    assert peerqa("gate", "show", "--json").json["gates"] == []


def test_without_a_model_it_says_what_to_do(peerqa, organization):
    ran = peerqa("tune")

    assert ran.status == 1
    assert "peerqa model prepare" in ran.noted


def test_two_at_once_are_refused(peerqa, settings, organization, encoder):
    with (settings.home / "tuning.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ran = peerqa("tune", "--json")

    assert (ran.status, ran.json["error"]["code"]) == (1, "tune-runs")


def test_the_last_step_is_taken_back(peerqa, session, organization, encoder):
    assert peerqa("tune", "--undo", "--json").json["error"]["code"] == "nothing-to-undo"
    for coverage in (0.15, 0.2):
        session.add(
            Tuning(
                organization_id=organization.id, kind="weights", model=encoder.model,
                agreement=0.5, coverage=coverage, thread_count=30, example_count=60,
                measured={}, tuned_at=NOON,
            )
        )  # fmt: skip

    assert peerqa("tune", "--undo", "--json").json["undone"] == "weights"

    undone = {row.coverage: row.undone_at is not None for row in session.query(Tuning)}
    assert undone == {0.15: False, 0.2: True}
    assert peerqa("tune", "--dry-run", "--json").json["weights"]["in_force"]["coverage"] == 0.15
    assert peerqa("tune", "--undo", "--dry-run").status == 2
