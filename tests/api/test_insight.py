"""Figures for admins by the API."""

import pytest

from peerqa.clock import utc_now
from peerqa.secrets import InstanceKey
from peerqa.services import answers, look_ups, members
from peerqa.services.look_ups import LookUpSource, ShownHit
from tests.conftest import NOON


@pytest.fixture
def solved(session, organization, question, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    dora = members.create_member(session, organization=organization, name="Dora", at=NOON)
    look_ups.record_outcome(
        session,
        source=LookUpSource(dora, "page", "ask", "label printer"),
        hit=ShownHit(question.id, answer.id, 0.7, 0.2, 0.9),
        outcome="confirmed",
        key=InstanceKey(b"k" * 32),
        at=utc_now(),
    )


def test_an_admin_reads_what_was_solved_and_how_it_is_counted(program, admin, solved):
    told = program(admin).get("/insight/solved").json

    assert (told["solved"], told["questions"], told["look_ups"]) == (1, 1, 1)
    assert "once per person and question" in told["definition"]
    assert told["since"] < told["until"]


def test_others_are_refused(program, alice, solved):
    reply = program(alice).get("/insight/solved")

    assert reply.status_code == 403
    assert reply.json["detail"] == "Only admins can open this page."


@pytest.mark.parametrize("days", ["0", "367", "a week", "1.5", "-1", ""])
def test_a_strange_time_is_refused_with_its_field(program, admin, days):
    reply = program(admin).get("/insight/solved", days=days)

    assert reply.status_code == 422
    assert "days" in reply.text
