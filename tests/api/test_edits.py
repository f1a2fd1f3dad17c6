"""Edits by programs: no text is overwritten, every text is kept, a precondition may be a header."""

import pytest

from peerqa.services import comments
from tests.api.conftest import assert_problem
from tests.conftest import NOON


def test_an_edit_may_name_its_version_by_an_entity_tag(program, answer, bob):
    path, him = f"/answers/{answer.id}", program(bob)
    tag = him.get(path).headers["ETag"]

    done = him.call("PATCH", path, json={"body": "Two."}, extra={"If-Match": tag})
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"')

    late = him.call("PATCH", path, json={"body": "Three."}, extra={"If-Match": tag})
    problem = assert_problem(late, 412, "edit-conflict")
    assert problem["present"] == {"version": 2, "body": "Two."}


@pytest.mark.parametrize("tag", ["*", "1", 'W/"1"', '"x"', '"99999999999"', '"1", "2"', ""])
def test_a_tag_that_was_never_given_is_refused(program, answer, bob, tag):
    sent = {"json": {"body": "Two."}, "extra": {"If-Match": tag}}
    refused = program(bob).call("PATCH", f"/answers/{answer.id}", **sent)

    assert assert_problem(refused, 422, "invalid")["errors"][0]["field"] == "version"


def test_an_edit_says_from_which_text_it_was_made(program, answer, bob):
    path = f"/answers/{answer.id}"

    assert_problem(program(bob).patch(path, {"body": "Two."}), 422, "invalid")
    two = program(bob).call(
        "PATCH", path, json={"body": "Two.", "version": 1}, extra={"If-Match": '"2"'}
    )
    assert_problem(two, 422, "invalid")


def test_comments_are_made_edited_and_taken_back(program, session, question, answer, alice, bob):
    made = program(bob).post(f"/questions/{question.id}/comments", {"body": "Which one?"})
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/comments/{made.json['id']}"
    path = f"/comments/{made.json['id']}"

    assert program(bob).patch(path, {"version": 1, "body": "Which?"}).json["version"] == 2
    late = program(bob).patch(path, {"version": 1, "body": "What?"})
    assert assert_problem(late, 409, "edit-conflict")["present"]["body"] == "Which?"
    assert_problem(program(alice).patch(path, {"version": 2, "body": "x"}), 403, "not-allowed")
    assert program(bob).delete(path).status_code == 204
    assert_problem(program(bob).get(path), 404, "not-found")

    under = program(alice).post(f"/answers/{answer.id}/comments", {"body": "Thanks."})
    assert (under.json["parent"], under.json["question"]) == (answer.id, question.id)
    for body in ("", " ", "x" * 1001):
        refused = program(alice).post(f"/answers/{answer.id}/comments", {"body": body})
        assert_problem(refused, 422, "invalid")


def test_every_text_is_kept_and_comes_back(program, session, answer, alice, bob):
    path, him = f"/posts/{answer.id}/revisions", program(bob)
    before = answer.body
    him.patch(f"/answers/{answer.id}", {"version": 1, "body": "Two.", "why": "It moved."})

    back = him.post(path, {"restore": 1, "version": 2})

    assert back.json["version"] == 3
    told = [
        (r["version"], r["body"], r["why"], r["restored_version"]) for r in back.json["revisions"]
    ]
    assert told == [(3, before, "", 1), (2, "Two.", "It moved.", None), (1, before, "", None)]
    assert all(r["is_by_author"] and r["editor"] is None for r in back.json["revisions"])
    assert_problem(him.post(path, {"restore": 2, "version": 2}), 409, "edit-conflict")
    assert_problem(him.post(path, {"restore": 8, "version": 3}), 404, "not-found")
    assert_problem(program(alice).post(path, {"restore": 2, "version": 3}), 403, "not-allowed")


def test_the_texts_of_what_one_may_not_see_are_missing(program, session, answer, bob, carol):
    remark = comments.post_comment(session, parent=answer, author=bob, body="Yes.", at=NOON)

    for post_id in (answer.id, remark.id, 2**31 - 1):
        told = program(carol).get(f"/posts/{post_id}/revisions")
        assert assert_problem(told, 404, "not-found")["detail"] == "There is no such post."
