"""The history page: what differs is escaped and said in words; the way back overwrites nothing."""

import pytest

from peerqa.services import answers
from tests.conftest import NOON
from tests.web.conftest import text_of


@pytest.fixture
def edited(session, answer, bob):
    """Bob's answer after two edits of his."""
    for version, body in enumerate(("Two <b>red</b> blinks.", "Two <i>green</i> blinks."), 1):
        answers.edit_answer(
            session,
            answer=answer,
            by=bob,
            body=body,
            version=version,
            why=f"Why {version}",
            at=NOON,
        )
    session.commit()
    return answer


def test_the_last_change_is_shown_escaped_and_in_words(browse, alice, edited):
    page = browse(alice).get(f"/posts/{edited.id}/history")

    assert "Two deleted: &lt;b&gt;red&lt;/b&gt; inserted: &lt;i&gt;green&lt;/i&gt; blinks." in (
        text_of(page)
    )
    assert "<i>green" not in page.text
    assert "Why 2" in page.text
    assert "Restore version" not in page.text  # for those who may edit


def test_any_version_can_be_looked_at_and_what_never_was_cannot(browse, alice, edited):
    path = f"/posts/{edited.id}/history"

    assert "the first that is kept" in browse(alice).get(path, query_string={"version": 1}).text
    assert "What version 2 changed" in browse(alice).get(path, query_string={"version": 2}).text
    assert browse(alice).get(path, query_string={"version": 4}).status_code == 404
    assert browse(alice).get(path, query_string={"version": "no"}).status_code == 200


def test_an_earlier_text_comes_back_by_a_button(session, browse, bob, edited):
    browser = browse(bob)

    done = browser.post(f"/posts/{edited.id}/history", {"restore": "2", "version": "3"})

    assert done.status_code == 303
    assert "The earlier text is back" in text_of(browser.get(done.location))
    session.refresh(edited)
    assert (edited.version, edited.body) == (4, "Two <b>red</b> blinks.")
    assert "restored version 2" in browser.get(f"/posts/{edited.id}/history").text


def test_nothing_is_restored_over_what_somebody_saved_meanwhile(session, browse, bob, edited):
    stale = browse(bob).post(f"/posts/{edited.id}/history", {"restore": "1", "version": "2"})

    assert stale.status_code == 409
    assert "nothing was restored" in text_of(stale)
    session.refresh(edited)
    assert edited.version == 3


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"restore": "9", "version": "3"}, 404),
        ({"restore": "x", "version": "3"}, 422),
        ({"version": "3"}, 422),
        ({"restore": "1"}, 422),
        ({"restore": "99999999999", "version": "3"}, 422),
    ],
)
def test_a_damaged_button_restores_nothing(session, browse, bob, edited, sent, status):
    assert browse(bob).post(f"/posts/{edited.id}/history", sent).status_code == status
    session.refresh(edited)
    assert edited.version == 3


def test_what_was_typed_comes_back_when_the_reason_is_too_long(browse, bob, edited):
    refused = browse(bob).post(
        f"/answers/{edited.id}/edit", {"body": "kept", "version": "3", "why": "x" * 201}
    )

    assert refused.status_code == 422
    assert "kept</textarea>" in refused.text
    assert "at most 200 characters" in refused.text


def test_a_post_that_was_taken_back_has_no_history(session, browse, bob, edited):
    answers.delete_answer(session, answer=edited, by=bob, at=NOON)
    session.commit()

    assert browse(bob).get(f"/posts/{edited.id}/history").status_code == 404
