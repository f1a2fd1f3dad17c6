"""`peerqa recognition`: a line that is not what the facts say is named, exits 1, and is mended."""

from sqlalchemy import delete

from peerqa.models import HelpCount, LedgerEntry
from peerqa.services import answers, votes
from tests.conftest import NOON


def test_a_line_that_is_missing_is_named_and_settled(peerqa, session, question, alice, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)
    session.commit()
    assert peerqa("recognition", "verify", "--json").json["ok"]

    session.execute(delete(LedgerEntry))
    session.execute(delete(HelpCount))
    session.commit()
    ran = peerqa("recognition", "verify", "--json")

    assert ran.status == 1
    (found,) = ran.json["organizations"]
    assert [(each["post_id"], each["giver"]) for each in found["missing"]] == [
        (answer.id, f"member:{alice.id}")
    ]
    assert f"helpful for post {answer.id}" in peerqa("recognition", "verify").said
    assert "1 lines added" in peerqa("recognition", "settle").said
    assert peerqa("recognition", "verify").status == 0
