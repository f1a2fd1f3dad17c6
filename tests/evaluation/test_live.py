"""What colleagues said to hits, judged; Carol's organization is not counted in."""

import pytest

from peerqa.models import LookUp, LookUpHit
from tests.cli.conftest import peerqa  # noqa: F401 - a fixture
from tests.conftest import NOON


@pytest.fixture
def say_to_hits(session):
    """Return a function that records a look-up and what was said to its hits."""

    def record(organization, *hits):
        count = session.query(LookUp).count()
        look_up = LookUp(
            organization_id=organization.id, key=f"key {count}", pseudonym="p", hour_at=NOON,
            surface="ask", typed="reset the printer", outcome="typed",
        )  # fmt: skip
        session.add(look_up)
        session.flush()
        for number, (probability, outcome) in enumerate(hits, 1):
            session.add(
                LookUpHit(
                    look_up_id=look_up.id, question_id=number, probability=probability,
                    outcome=outcome,
                )
            )  # fmt: skip
        session.flush()

    return record


def test_only_what_was_said_counts(peerqa, organization, say_to_hits):  # noqa: F811
    say_to_hits(organization, (0.9, "confirmed"), (0.7, "refused"), (0.8, "shown"))
    say_to_hits(organization, (0.95, "refused"))
    say_to_hits(organization, (0.9, "opened"))
    say_to_hits(organization, (None, "confirmed"))

    found = peerqa("eval", "--live", "--json").json

    assert (found["confirmed"], found["refused"], found["look_ups"]) == (1, 2, 2)
    assert found["gate"]["precision"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["gate"]["target"] == 0.8
    assert found["enough"] is False
    assert "Too little was said" in found["notes"][0]


def test_enough_is_said_by_being_silent(peerqa, organization, say_to_hits):  # noqa: F811
    for _ in range(40):
        say_to_hits(organization, (0.9, "confirmed"))
    for _ in range(10):
        say_to_hits(organization, (0.7, "refused"))

    found = peerqa("eval", "--live", "--json").json

    assert found["enough"] is True
    assert not any("Too little" in note for note in found["notes"])
    assert found["gate"]["auc"] == 1
    assert found["gate"]["precision"] == 0.8


def test_without_any_evidence_it_says_so(peerqa, organization):  # noqa: F811
    ran = peerqa("eval", "--live")

    assert ran.status == 0
    assert "0 hits confirmed and 0 refused in 0 look-ups" in ran.said
    assert "Too little was said" in ran.said


def test_another_organization_is_not_counted_in(peerqa, organization, carol, say_to_hits):  # noqa: F811
    say_to_hits(organization, (0.9, "confirmed"))

    found = peerqa("eval", "--live", "--organization", "Elsewhere", "--json").json

    assert found["look_ups"] == 0
    assert found["gate"]["precision"] is None
    assert peerqa("eval", "--live").status == 1  # which one is meant?
