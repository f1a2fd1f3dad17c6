"""Addresses of merged questions and duplicates lead on; a merge is previewed, done and undone."""

import pytest

from peerqa.services import comments, questions
from tests.conftest import NOON
from tests.web.conftest import text_of


@pytest.fixture
def other(session, space, bob):
    made = questions.post_question(
        session, space=space, author=bob, title="How is the label printer calmed?", at=NOON
    )
    session.commit()
    return made


def test_a_merge_is_shown_done_and_undone(browse, bob, steward, question, answer, other):
    keeper, path = browse(steward), f"/questions/{question.id}"
    preview = keeper.get(f"{path}/merge", query_string={"of": f"http://here/questions/{other.id}"})
    assert "1 answer moves" in text_of(preview)

    done = keeper.post(f"{path}/merge", {"of": str(other.id)})
    page = keeper.get(done.location)
    assert "The answers of both stand here now." in text_of(page)
    assert "Also asked as" in text_of(page)
    assert answer.plain[:20] in text_of(page)

    undone = keeper.post(f"{path}/merge/undo")
    assert "The answers are back where they were." in text_of(keeper.get(undone.location))
    assert answer.plain[:20] in text_of(browse(bob).get(path))


def test_every_old_address_leads_on(browse, bob, steward, question, answer, other):
    browse(steward).post(f"/questions/{question.id}/merge", {"of": str(other.id)})
    browser = browse(bob)

    led = browser.get(f"/questions/{question.id}", query_string={"post": answer.id})
    assert led.status_code == 302
    assert led.location == f"/questions/{other.id}?led_from={question.id}&post={answer.id}"
    assert "You were led here from" in text_of(browser.get(led.location))
    assert browser.get(f"/answers/{answer.id}").location.startswith(f"/questions/{other.id}?")
    stays = browser.get(f"/questions/{question.id}", query_string={"stay": "1"})
    assert "This question was merged" in text_of(stays)
    for _ in range(2):  # a double submit
        given = browser.post(f"/questions/{question.id}/answers", {"body": "To the old one."})
        assert given.location.startswith(f"/questions/{other.id}?")
    assert browser.get(f"/questions/{other.id}").text.count("To the old one.") == 1
    voted = browser.post(f"/questions/{question.id}/follow", {"wanted": "1"})
    assert voted.status_code == 303


def test_what_was_said_about_a_merged_question_stays_with_it(
    session, browse, bob, steward, question, other
):
    remark = comments.post_comment(session, parent=question, author=bob, body="Hm.", at=NOON)
    session.commit()
    browse(steward).post(f"/questions/{question.id}/merge", {"of": str(other.id)})
    browser = browse(bob)

    shown = browser.get(browser.get(f"/comments/{remark.id}").location)
    assert shown.status_code == 200
    assert f'id="post-{remark.id}"' in shown.text
    gone = browser.post(f"/comments/{remark.id}/delete")
    led = browser.get(gone.location)
    assert f"undo={remark.id}" in led.location


def test_who_comes_from_a_search_is_led_from_a_duplicate(browse, bob, steward, question, other):
    browse(steward).post(f"/questions/{question.id}/duplicate", {"of": str(other.id)})
    browser, path = browse(bob), f"/questions/{question.id}"

    assert browser.get(path).status_code == 200
    assert browser.get(path, query_string={"hit": "x"}).status_code == 302
    assert browse(steward).post(f"{path}/duplicate/undo").status_code == 303
    assert browser.get(path, query_string={"hit": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("of", "status"), [("", 422), ("no number", 422), ("999999", 404), ("99999999999", 422)]
)
def test_what_names_no_question_merges_nothing(browse, steward, question, of, status):
    keeper, path = browse(steward), f"/questions/{question.id}/merge"

    assert keeper.get(path, query_string={"of": of}).status_code == status
    assert keeper.post(path, {"of": of}).status_code == status


def test_into_what_the_merger_may_not_see_is_as_into_what_is_not(
    session, browse, steward, question, other
):
    other.visibility = "space"
    other.space_id = question.space_id
    session.commit()
    steward.memberships.clear()
    session.commit()
    keeper, path = browse(steward), f"/questions/{question.id}/merge"

    hidden = keeper.post(path, {"of": str(other.id)})
    missing = keeper.post(path, {"of": "2000000000"})
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text == missing.text


def test_programs_find_the_answers_behind_the_old_id(
    app, session, browse, bob, steward, question, answer, other
):
    from peerqa import tokens
    from peerqa.clock import utc_now

    browse(steward).post(f"/questions/{question.id}/merge", {"of": str(other.id)})
    token = tokens.create_token(session, bob, name="t", at=utc_now())
    session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    read = client.get(f"/api/v1/questions/{question.id}", headers=headers).json
    assert (read["is_merged"], read["duplicate_of"], read["answers"]) == (True, other.id, [])
    path = f"/api/v1/questions/{question.id}/answers"
    given = client.post(path, json={"body": "To the old id."}, headers=headers)
    assert (given.status_code, given.json["question"]) == (201, other.id)
    moved = client.get(f"/api/v1/answers/{answer.id}", headers=headers).json
    assert moved["question"] == other.id


def test_who_asked_without_a_name_is_not_named_behind_the_old_address(
    session, browse, alice, steward, space, other
):
    asker = browse(alice)
    asked = asker.post(
        "/ask", {"title": "May I ask this quietly?", "space": space.id, "anonymous": "1"}
    )
    number = int(asked.location.split("?")[0].rpartition("/")[2])
    assert (
        browse(steward).post(f"/questions/{number}/merge", {"of": str(other.id)}).status_code == 303
    )

    for path in (f"/questions/{number}/answers", f"/posts/{number}/comments"):
        refused = asker.post(path, {"body": "It was me."})
        assert refused.status_code == 409, path
        assert "It was me.</textarea>" in refused.text
    page = browse(steward).get(f"/questions/{other.id}").text
    assert "It was me." not in page
    assert alice.name not in page
