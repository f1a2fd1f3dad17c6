"""Flag, queue, decision and what its author reads, over HTTP."""

import pytest

from peerqa.services import answers
from tests.conftest import NOON

WHY = "It names a <customer>."


@pytest.fixture
def answer(session, question, bob):
    made = answers.post_answer(session, question=question, author=bob, body="Ask Acme.", at=NOON)
    session.commit()
    return made


def test_a_flagged_answer_is_hidden_read_by_its_author_and_restored(
    browse, alice, bob, steward, question, answer
):
    asker, author, keeper = browse(alice), browse(bob), browse(steward)
    page, moderation = f"/questions/{question.id}", f"/posts/{answer.id}/moderation"
    sent = asker.post(f"/posts/{answer.id}/flag", {"reason": "private"})
    assert sent.status_code == 303
    assert "flagged this already" in asker.get(f"/posts/{answer.id}/flag").text

    queue = keeper.get("/moderation").text
    assert "1 colleague flagged it" in queue
    assert alice.name not in queue
    assert keeper.post(moderation, {"act": "hidden", "why": WHY}).status_code == 303

    assert "Ask Acme" not in asker.get(page).text
    assert asker.get(f"/answers/{answer.id}").status_code == 404
    assert asker.get(moderation).status_code == 404
    assert "It names a &lt;customer&gt;." in author.get(page).text
    assert author.get(f"/answers/{answer.id}").location == moderation
    read = author.get(moderation).text
    assert "Ask Acme" in read
    assert "A steward has hidden this" in read
    assert "decided about something that you wrote" in author.get("/notifications").text

    assert question.title in read
    thread = f"/posts/{question.id}/moderation"
    keeper.post(thread, {"act": "hidden", "why": WHY})
    assert question.title not in author.get(moderation).text, "no more than elsewhere"
    keeper.post(thread, {"act": "restored", "why": "Agreed."})

    assert keeper.post(moderation, {"act": "restored", "why": "Agreed."}).status_code == 303
    assert "Ask Acme" in asker.get(page).text
    assert "1 answer" in asker.get("/").text


def test_what_cannot_be_decided_keeps_the_typed_reason(browse, steward, alice, answer):
    path = f"/posts/{answer.id}/moderation"
    keeper = browse(steward)

    short = keeper.post(path, {"act": "hidden", "why": "x"})
    unknown = keeper.post(path, {"act": "burnt", "why": WHY})
    again = keeper.client.post(path + "?resume=1", data={"why": WHY})

    assert (short.status_code, unknown.status_code, again.status_code) == (422, 422, 200)
    assert "It names a &lt;customer&gt;." in unknown.text
    assert "It names a &lt;customer&gt;." in again.text
    assert browse(alice).get("/moderation").status_code == 403
    flag = browse(alice).post(f"/posts/{answer.id}/flag", {"reason": "other", "note": ""})
    assert flag.status_code == 422
    assert "Say in a few words" in flag.text


def test_a_locked_thread_says_so_and_offers_nothing(browse, steward, alice, question, answer):
    keeper, asker = browse(steward), browse(alice)
    keeper.post(f"/posts/{question.id}/moderation", {"act": "locked", "why": "Settled by law."})

    page = asker.get(f"/questions/{question.id}").text
    refused = asker.post(f"/questions/{question.id}/answers", {"body": "A long answer of mine."})

    assert "Settled by law." in page
    assert "Your answer" not in page
    assert refused.status_code == 409
    assert "A long answer of mine." in refused.text
