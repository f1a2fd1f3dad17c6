"""What one's help was worth: its owner reads each line, and who gave it stays unnamed."""

from peerqa.services import answers, votes
from tests.conftest import NOON


def test_the_owner_reads_line_by_line_and_nobody_is_named(
    browse, session, question, alice, bob, steward
):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    for wanted in (True, False):
        votes.set_vote(session, post=answer, by=steward, wanted=wanted, at=NOON)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    session.commit()

    page = browse(bob).get("/ledger").text

    assert "<dd>1</dd>" in page
    assert "<dd>15</dd>" in page
    assert [page.count(f"<b>{points}</b>") for points in ("+15", "+5", "-5")] == [1, 1, 1]
    assert "whoever said it took it back" in page
    assert question.title in page
    assert alice.name not in page
    assert steward.name not in page
    assert "/ledger" in browse(bob).get(f"/members/{bob.id}").text
    others = browse(alice)
    assert "Nothing yet." in others.get("/ledger").text
    assert "/ledger" not in others.get(f"/members/{bob.id}").text


def test_many_lines_stand_on_pages_and_what_is_out_of_sight_has_no_title(
    browse, session, space, question, bob, alice
):
    for _ in range(21):
        answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
        votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)
    question.visibility = "space"
    session.commit()
    browser = browse(bob)

    first = browser.get("/ledger")

    assert question.title not in first.text
    assert first.text.count("<b>+") + first.text.count("<b>0") == 20
    assert "after=" in first.text
    assert browser.get("/ledger?after=nonsense").status_code == 422
