"""The button with which a steward vouches for an answer, and where its mark is seen."""

from datetime import timedelta

from peerqa.clock import utc_now
from tests.web.conftest import make_hit, text_of


def test_a_steward_vouches_and_colleagues_see_until_when(
    browse, alice, steward, question, answer, shelf
):
    browser, reader = browse(steward), browse(alice)
    assert "Verify" not in text_of(reader.get(f"/questions/{question.id}"))
    day = (utc_now() + timedelta(days=30)).date()

    sent = browser.post(f"/answers/{answer.id}/verify", {"until": str(day), "wanted": "1"})

    assert sent.status_code == 303
    assert "You vouch for it." in text_of(browser.get(sent.location))
    page = reader.get(f"/questions/{question.id}")
    assert "Verified Sam Steward vouches for it until" in text_of(page)
    assert f'<time datetime="{day}">' in page.text
    assert "A change ends that" in text_of(browse(answer.author).get(f"/answers/{answer.id}/edit"))
    assert "you who vouches" in text_of(browser.get(f"/answers/{answer.id}/edit"))

    refused = browser.post(f"/answers/{answer.id}/verify", {"until": "1999-01-01"})
    assert refused.status_code == 422
    assert "Choose a day from" in text_of(refused)


def test_a_suggestion_says_that_its_answer_is_verified(browse, alice, question, answer, shelf):
    reader = browse(alice)
    shelf.hits = [make_hit(question, answer)]
    assert "Verified" not in text_of(reader.get("/ask/similar?title=the+label+printer"))
    answer.is_verified = True  # as FoundAnswer says it
    assert "Verified" in text_of(reader.get("/ask/similar?title=the+label+printer"))
