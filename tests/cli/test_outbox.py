import pytest

from peerqa import outbox
from peerqa.models import OutboxRow
from tests.conftest import NOON


@pytest.fixture
def dead(session):
    row = OutboxRow(
        topic="mail",
        key="7",
        created_at=NOON,
        due_at=NOON,
        attempts=8,
        error="Refused",
        dead_at=NOON,
    )
    session.add(row)
    session.flush()
    return row


def test_an_empty_outbox_says_so(peerqa):
    assert peerqa("outbox", "list").said == "Nothing waits, and nothing was given up.\n"


def test_it_lists_what_waits_and_what_was_given_up(peerqa, session, dead):
    outbox.ask(session, "index", "1", at=NOON)

    assert peerqa("outbox", "list").said.splitlines() == [
        "index: 1 waiting",
        f"#{dead.id} mail 7: given up, Refused",
    ]
    listed = peerqa("outbox", "list", "--json").json
    assert listed["waiting"] == {"index": 1}
    assert listed["dead"][0]["error"] == "Refused"


def test_what_was_given_up_is_tried_again(peerqa, session, dead):
    assert peerqa("outbox", "revive", str(dead.id)).status == 0

    assert (dead.dead_at, dead.attempts) == (None, 0)
    assert peerqa("outbox", "revive", str(dead.id)).status == 1
