import pytest

from peerqa.cli.checks import data
from peerqa.cli.checks.finding import State
from peerqa.models import FittedGate
from tests.conftest import NOON
from tests.fakes import WordsEncoder


@pytest.fixture
def encoder(app, monkeypatch) -> WordsEncoder:
    encoder = WordsEncoder()
    keeper = app.extensions["peerqa.search"].encoders
    monkeypatch.setattr(keeper, "_encoder", encoder)
    return encoder


@pytest.fixture(autouse=True)
def forget(app):
    """Other tests have organizations of the same ids."""
    yield
    app.extensions["peerqa.search"].gates.forget()


def store(session, organization, *, bias: float | None, model: str) -> None:
    session.add(
        FittedGate(
            organization_id=organization.id, model=model, verdict="own", bias=bias,
            similarity=2.0, gap=27.0, confirmed_count=30, refused_count=9, duplicate_count=0,
            evidence_hash="0", fitted_at=NOON, measured={},
        )
    )  # fmt: skip
    session.commit()


def test_it_shows_the_target_and_that_the_prior_decides(peerqa, organization):
    ran = peerqa("gate", "show", "--json")

    assert ran.json == {"organization": "Northwind", "target": 0.8, "gates": []}
    assert "the prior decides" in peerqa("gate", "show").said


def test_fitting_learns_now(peerqa, organization, encoder):
    (gate,) = peerqa("gate", "fit", "--json").json["gates"]

    assert (gate["verdict"], gate["serves"], gate["confirmed"]) == ("too-few", True, 0)
    assert "words@1: prior (too-few)" in peerqa("gate", "fit").said


def test_fitting_without_a_model_says_what_to_do(peerqa, organization):
    ran = peerqa("gate", "fit")

    assert ran.status == 1
    assert "model" in ran.noted


def test_the_target_is_set_within_its_bounds(peerqa, session, organization):
    assert peerqa("gate", "target", "90", "--json").json["target"] == 0.9

    refused = peerqa("gate", "target", "100")
    assert (refused.status, refused.noted.strip()) == (
        1,
        "The target is a percentage from 40 to 99.",
    )
    assert organization.precision_target == 0.9


def test_another_organization_is_named(peerqa, organization, carol):
    peerqa("gate", "target", "95", "--organization", "Elsewhere")

    assert (organization.precision_target, carol.organization.precision_target) == (0.8, 0.95)
    assert peerqa("gate", "show").status == 1  # which one?


def test_the_doctor_says_what_is_damaged_and_what_is_of_another_model(
    app, session, organization, encoder
):
    store(session, organization, bias=-7.0, model=encoder.model)
    assert list(data.check_gates(app)) == []

    store(session, organization, bias=-7.0, model="other@1")
    (finding,) = data.check_gates(app)
    assert (finding.state, "other@1" in finding.said) == (State.OK, True)

    store(session, organization, bias=None, model="broken@1")
    (finding,) = data.check_gates(app)
    assert finding.state is State.WARN
    assert "the prior decides" in finding.said
    assert finding.remedy == "peerqa gate fit --organization Northwind"
