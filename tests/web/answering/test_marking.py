"""Pages for what one does about a post: taking back and undoing, links, doubts, long threads."""

import pytest

from peerqa.services import answers, comments, notifications
from tests.conftest import NOON
from tests.web.conftest import text_of


def test_what_was_deleted_comes_back_by_undo(session, browse, bob, question, answer):
    browser = browse(bob)

    gone = browser.post(f"/answers/{answer.id}/delete")
    page = browser.get(gone.location)
    assert f'action="/posts/{answer.id}/restore"' in page.text
    back = browser.post(f"/posts/{answer.id}/restore")

    assert back.status_code == 303
    assert answer.plain[:20] in text_of(browser.get(back.location))
    assert browser.post(f"/posts/{answer.id}/restore").status_code == 404


def test_an_answer_to_what_was_deleted_meanwhile_is_not_lost(
    session, browse, bob, steward, question
):
    writer = browse(bob)
    assert browse(steward).post(f"/questions/{question.id}/delete").status_code == 303

    refused = writer.post(f"/questions/{question.id}/answers", {"body": "My <long> answer."})

    assert refused.status_code == 404
    assert "My &lt;long&gt; answer.</textarea>" in refused.text


def test_a_comment_under_what_was_deleted_meanwhile_is_not_lost(browse, alice, bob, answer):
    writer = browse(alice)
    browse(bob).post(f"/answers/{answer.id}/delete")

    refused = writer.post(f"/posts/{answer.id}/comments", {"body": "My remark."})

    assert refused.status_code == 404
    assert "My remark.</textarea>" in refused.text


def test_an_address_of_an_answer_and_a_comment_lead_to_their_place(
    session, browse, alice, bob, question, answer
):
    remark = comments.post_comment(session, parent=answer, author=bob, body="Yes.", at=NOON)
    session.commit()
    browser = browse(alice)

    for kind, post in (("answers", answer), ("comments", remark), ("answers", remark)):
        led = browser.get(f"/{kind}/{post.id}")
        assert led.status_code == 302
        assert led.location == f"/questions/{question.id}?post={post.id}#post-{post.id}"
        assert f'id="post-{post.id}"' in browser.get(led.location).text


def test_addresses_outlive_a_change_of_kind(browse, alice, bob, question, answer):
    browser, asker, number, path = (
        browse(bob),
        browse(alice),
        answer.id,
        f"/questions/{question.id}",
    )

    assert asker.post(f"/answers/{number}/convert").status_code == 403
    assert browser.post(f"/answers/{number}/convert").status_code == 303
    page = browser.get(browser.get(f"/answers/{number}").location)
    assert "No answer yet" in page.text
    assert asker.post(f"/comments/{number}/convert").status_code == 403
    assert browser.post(f"/comments/{number}/convert").status_code == 303
    assert "1 answer" in browser.get(path).text


def test_a_long_thread_has_pages_and_addresses_find_the_right_one(
    session, browse, alice, bob, question
):
    for number in range(answers.PAGE_OF_ANSWERS + 5):
        last = answers.post_answer(
            session, question=question, author=bob, body=f"Number {number}.", at=NOON
        )
    for number in range(comments.FIRST_COMMENTS + 5):
        remark = comments.post_comment(
            session, parent=last, author=bob, body=f"Remark {number}.", at=NOON
        )
    session.commit()
    browser, path = browse(alice), f"/questions/{question.id}"

    first = browser.get(path)
    assert "Page 1 of 2" in text_of(first)
    assert f'id="post-{last.id}"' not in first.text
    for page in ("2", "99", "-1", "x"):
        assert browser.get(path, query_string={"page": page}).status_code == 200
    assert f'id="post-{last.id}"' in browser.get(path, query_string={"page": "2"}).text
    found = browser.get(browser.get(f"/answers/{last.id}").location)
    assert f'id="post-{last.id}"' in found.text
    assert "Show 5 more comments" in text_of(found)
    assert f'id="post-{remark.id}"' not in found.text
    assert (
        f'id="post-{remark.id}"' in browser.get(browser.get(f"/comments/{remark.id}").location).text
    )


def test_what_one_does_in_a_long_thread_leads_to_where_it_stands(
    session, browse, alice, bob, question
):
    for number in range(answers.PAGE_OF_ANSWERS):
        answers.post_answer(session, question=question, author=bob, body=f"{number}.", at=NOON)
    session.commit()
    browser = browse(alice)

    given = browser.post(f"/questions/{question.id}/answers", {"body": "On the second page."})
    assert "On the second page." in browser.get(given.location).text
    last = int(given.location.rpartition("post-")[2])
    for path, sent in (
        (f"/answers/{last}/doubt", {"reason": "That changed."}),
        (f"/posts/{last}/bookmark", {"wanted": "1"}),
        (f"/posts/{last}/comments", {"body": "And so?"}),
    ):
        done = browser.post(path, sent)
        assert done.status_code == 303
        assert f'id="post-{last}"' in browser.get(done.location).text
    refused = browser.post(f"/posts/{last}/comments", {"body": "x" * 5_000})
    assert refused.status_code == 422
    assert "x" * 5_000 in refused.text


def test_a_doubt_stands_above_the_answer_until_a_steward_settles_it(
    browse, alice, steward, question, answer
):
    asker, keeper, path = browse(alice), browse(steward), f"/questions/{question.id}"

    assert asker.post(f"/answers/{answer.id}/doubt", {"reason": "Gone <b>."}).status_code == 303
    assert "Gone &lt;b&gt;." in keeper.get(path).text
    assert "Gone &lt;b&gt;." in keeper.get(f"/spaces/{question.space_id}/care").text
    assert asker.get(f"/spaces/{question.space_id}/care").status_code == 403
    refused = asker.post(f"/answers/{answer.id}/doubt", {"reason": "x" * 301})
    assert refused.status_code == 422
    assert "x" * 301 in refused.text
    assert keeper.post(f"/answers/{answer.id}/settle").status_code == 303
    assert "Gone" not in asker.get(path).text


def test_following_and_bookmarks_are_buttons_that_set_a_value(browse, bob, question, answer):
    browser = browse(bob)

    for path in (
        f"/questions/{question.id}/follow",
        f"/spaces/{question.space_id}/follow",
        "/topics/label-printer/follow",
        f"/posts/{answer.id}/bookmark",
    ):
        for wanted, pressed in (("1", "true"), ("1", "true"), ("0", "false")):
            done = browser.post(path, {"wanted": wanted})
            assert done.status_code == 303, path
            assert f'aria-pressed="{pressed}"' in browser.get(done.location).text, path
        assert browser.post(path, {"wanted": "x"}).status_code == 422
    browser.post(f"/posts/{answer.id}/bookmark", {"wanted": "1"})
    assert question.title in browser.get("/bookmarks").text


def test_the_inbox_leads_to_where_one_was_named(session, browse, alice, bob, question, answer):
    remark = comments.post_comment(
        session, parent=answer, author=bob, body="@Alice Asker, see?", at=NOON
    )
    session.commit()

    inbox = browse(alice).get("/notifications")

    assert "Bob Builder named you" in text_of(inbox)
    assert f"/questions/{question.id}?post={remark.id}#post-{remark.id}" in inbox.text
    assert notifications.count_unread(session, alice) >= 1


@pytest.mark.parametrize("kind", ["answers", "comments"])
def test_an_address_of_nothing_is_not_found(browse, alice, question, kind):
    for number in ("0", "999999", "99999999999"):
        assert browse(alice).get(f"/{kind}/{number}").status_code == 404
