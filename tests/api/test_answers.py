import pytest

from tests.api.conftest import assert_problem


def test_an_answer_is_given_and_read_where_the_reply_says(program, question, bob):
    given = program(bob).post(f"/questions/{question.id}/answers", {"body": "Hold *feed*."})

    assert given.status_code == 201
    assert given.headers["Location"] == f"/api/v1/answers/{given.json['id']}"
    assert given.json["question"] == question.id
    assert given.json["html"] == "<p>Hold <em>feed</em>.</p>\n"
    assert given.json["author"]["name"] == "Bob Builder"
    assert program(bob).get(f"/answers/{given.json['id']}").json == given.json
    assert program(bob).get(f"/questions/{question.id}").json["answer_count"] == 1


def test_accepting_twice_is_once_and_so_is_withdrawing(program, question, answer, alice):
    path = f"/answers/{answer.id}/acceptance"
    asker = program(alice)

    assert [asker.put(path).json for _ in range(2)] == [
        {"question": question.id, "accepted": answer.id}
    ] * 2
    assert asker.get(f"/answers/{answer.id}").json["accepted"]
    assert [asker.delete(path).json for _ in range(2)] == [
        {"question": question.id, "accepted": None}
    ] * 2


def test_only_the_asker_and_stewards_accept(program, answer, bob, steward):
    path = f"/answers/{answer.id}/acceptance"

    assert_problem(program(bob).put(path), 403, "not-allowed")
    assert_problem(program(bob).delete(path), 403, "not-allowed")
    assert program(steward).put(path).status_code == 200


def test_an_answer_is_edited_unless_somebody_was_faster(program, answer, bob):
    path = f"/answers/{answer.id}"

    assert program(bob).patch(path, {"version": 1, "body": "Two."}).json["version"] == 2
    late = program(bob).patch(path, {"version": 1, "body": "Three."})

    problem = assert_problem(late, 409, "edit-conflict")
    assert problem["present"] == {"version": 2, "body": "Two."}


def test_an_answer_is_taken_back_and_then_gone(program, question, answer, bob):
    path = f"/answers/{answer.id}"

    assert program(bob).delete(path).status_code == 204
    assert_problem(program(bob).delete(path), 404, "not-found")
    assert program(bob).get(f"/questions/{question.id}").json["answer_count"] == 0


def test_others_neither_edit_nor_delete(program, answer, alice):
    path = f"/answers/{answer.id}"

    assert_problem(program(alice).delete(path), 403, "not-allowed")
    assert_problem(program(alice).patch(path, {"version": 1, "body": "Mine"}), 403, "not-allowed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"body": ""}, "body"),
        ({"body": " \n "}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"body": ["x"]}, "body"),
        ({"body": "zero \x00"}, "body"),
        ({"body": "ok", "author": 1}, "author"),
    ],
)
def test_what_cannot_be_taken_is_named_by_field(program, question, bob, body, field):
    refused = program(bob).post(f"/questions/{question.id}/answers", body)

    problem = assert_problem(refused, 422, "invalid")
    assert problem["errors"][0]["field"] == field


def test_an_edit_needs_the_version_that_it_was_made_from(program, answer, bob):
    for version in (None, 0, "1", 1.5):
        refused = program(bob).patch(f"/answers/{answer.id}", {"version": version, "body": "x"})
        problem = assert_problem(refused, 422, "invalid")
        assert problem["errors"][0]["field"] == "version"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/answers/{}"),
        ("PATCH", "/answers/{}"),
        ("DELETE", "/answers/{}"),
        ("PUT", "/answers/{}/acceptance"),
        ("DELETE", "/answers/{}/acceptance"),
        ("PUT", "/answers/{}/vote"),
        ("DELETE", "/answers/{}/vote"),
    ],
)
def test_a_foreign_answer_is_as_if_it_were_missing(program, answer, carol, method, path):
    more = {"json": {"version": 1, "body": "x"}} if method == "PATCH" else {}

    foreign = program(carol).call(method, path.format(answer.id), **more)
    missing = program(carol).call(method, path.format(2147483647), **more)

    assert_problem(foreign, 404, "not-found")
    assert foreign.data == missing.data
