import pytest

from peerqa.services import answers, comments, questions, votes
from tests.api.conftest import assert_problem
from tests.conftest import NOON

NEW = {"title": "Where do I find the torque table?"}


def test_a_question_is_asked_and_read_where_the_reply_says(program, space, alice):
    asked = program(alice).post(
        "/questions",
        {**NEW, "body": "For **stems**.", "space": space.id, "topics": ["Torque Wrench", "stem"]},
    )

    assert asked.status_code == 201
    assert asked.headers["Location"] == f"/api/v1/questions/{asked.json['id']}"
    assert asked.json["title"] == NEW["title"]
    assert asked.json["html"] == "<p>For <strong>stems</strong>.</p>\n"
    assert asked.json["topics"] == ["stem", "torque-wrench"]
    assert asked.json["author"] == {"id": alice.id, "name": "Alice Asker"}
    assert asked.json["space"] == {"id": space.id, "name": "Workshop"}
    assert program(alice).get(f"/questions/{asked.json['id']}").json == asked.json


def test_a_question_is_read_with_all_that_stands_under_it(
    program, session, question, answer, alice, bob
):
    comments.post_comment(session, parent=question, author=bob, body="Which one?", at=NOON)
    comments.post_comment(session, parent=answer, author=alice, body="Thanks.", at=NOON)
    votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)

    shown = program(alice).get(f"/questions/{question.id}").json

    assert shown["accepted"] == answer.id
    assert [remark["body"] for remark in shown["comments"]] == ["Which one?"]
    assert not shown["voted"]
    (below,) = shown["answers"]
    assert below["id"] == answer.id
    assert (below["votes"], below["voted"], below["accepted"]) == (1, True, True)
    assert [remark["body"] for remark in below["comments"]] == ["Thanks."]
    assert below["created_at"] == "2026-06-01T12:00:00Z"


def test_a_list_shows_the_most_recently_active_first_a_page_at_a_time(
    program, session, space, alice
):
    ids = [
        questions.post_question(
            session, space=space, author=alice, title=f"Question number {n}?", at=NOON
        ).id
        for n in range(5)
    ]
    reader = program(alice)

    first = reader.get("/questions", limit=3).json
    rest = reader.get("/questions", limit=3, after=first["next"]).json

    assert [row["id"] for row in first["questions"] + rest["questions"]] == ids[::-1]
    assert rest["next"] is None


@pytest.mark.every_case
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"answered": "true"}, True),
        ({"answered": "false"}, False),
        ({"topic": "label-printer"}, True),
        ({"topic": "never-heard-of"}, False),
    ],
)
def test_a_list_is_filtered(program, question, answer, alice, filters, found):
    rows = program(alice).get("/questions", **filters).json["questions"]

    assert [row["id"] for row in rows] == ([question.id] if found else [])


def test_a_list_is_filtered_by_space_and_author(program, question, closed_space, alice, bob):
    reader = program(alice)

    for filters, found in [
        ({"space": question.space_id}, 1),
        ({"space": closed_space.id}, 0),
        ({"author": alice.id}, 1),
        ({"author": bob.id}, 0),
    ]:
        assert len(reader.get("/questions", **filters).json["questions"]) == found


def test_an_edit_changes_what_is_sent_and_leaves_the_rest(program, question, alice):
    edited = program(alice).patch(
        f"/questions/{question.id}", {"version": 1, "title": "How is the label printer reset?"}
    )

    assert edited.status_code == 200
    assert edited.json["title"] == "How is the label printer reset?"
    assert edited.json["body"] == "It blinks **red** since this morning."
    assert edited.json["topics"] == ["label-printer"]
    assert edited.json["version"] == 2
    assert edited.json["edited_at"] is not None


def test_an_edit_from_an_older_text_is_told_the_present_one(program, question, alice):
    path = f"/questions/{question.id}"
    program(alice).patch(path, {"version": 1, "title": "The faster one wins?"})

    late = program(alice).patch(path, {"version": 1, "title": "The slower one loses?"})

    problem = assert_problem(late, 409, "edit-conflict")
    assert problem["present"] == {
        "version": 2,
        "title": "The faster one wins?",
        "body": "It blinks **red** since this morning.",
    }


def test_a_question_is_taken_back_and_then_gone(program, question, alice):
    path = f"/questions/{question.id}"

    assert program(alice).delete(path).status_code == 204
    assert_problem(program(alice).delete(path), 404, "not-found")
    assert_problem(program(alice).get(path), 404, "not-found")


def test_others_neither_edit_nor_delete(program, question, bob):
    path = f"/questions/{question.id}"

    assert_problem(program(bob).delete(path), 403, "not-allowed")
    assert_problem(
        program(bob).patch(path, {"version": 1, "title": "Mine now?"}), 403, "not-allowed"
    )


def test_a_foreign_member_hears_the_same_as_about_a_missing_one(program, question, carol):
    foreign = program(carol).get(f"/questions/{question.id}")
    missing = program(carol).get("/questions/2147483647")

    assert_problem(foreign, 404, "not-found")
    assert foreign.data == missing.data


def test_an_original_in_a_closed_space_is_not_named(
    program, session, question, closed_space, alice, bob
):
    from peerqa.services import members

    members.join_space(session, member=bob, space=closed_space)
    original = questions.post_question(
        session, space=closed_space, author=bob, title="A private question?", at=NOON
    )
    question.duplicate_of_id = original.id
    session.flush()

    path = f"/questions/{question.id}"
    assert program(alice).get(path).json["duplicate_of"] is None
    assert program(bob).get(path).json["duplicate_of"] == original.id


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"title": None}, "title", "This must be a text."),
        ({"title": "Why?"}, "title", "Use at least 5 characters."),
        ({"title": "     "}, "title", "Write your question in one sentence."),
        ({"title": "x" * 151}, "title", "Use at most 150 characters."),
        ({"title": "A\x00B and more"}, "title", "This has a character that cannot be stored."),
        ({"body": "x" * 20_001}, "body", "Use at most 20000 characters."),
        ({"body": 7}, "body", "This must be a text."),
        ({"space": "1"}, "space", "This must be a whole number."),
        ({"space": True}, "space", "This must be a whole number."),
        ({"space": 0}, "space", "This must be 1 or more."),
        ({"space": 2**31}, "space", "This must be 2147483647 or less."),
        ({"topics": "a,b"}, "topics", "This must be a list."),
        ({"topics": ["a"] * 6}, "topics", "At most 5 fit in here."),
        ({"topics": ["?!"]}, "topics", "A topic is a word or a few, with at most 40 letters"),
        ({"topics": ["ok", 3]}, "topics.1", "This must be a text."),
        ({"visibility": "all"}, "visibility", "Choose one of these"),
        ({"colour": "red"}, "colour", "There is no such field here."),
    ],
)
def test_what_cannot_be_taken_is_named_by_field(program, space, alice, change, field, sentence):
    refused = program(alice).post("/questions", {**NEW, "space": space.id, **change})

    problem = assert_problem(refused, 422, "invalid")
    (error,) = problem["errors"]
    assert error["field"] == field
    assert error["detail"].startswith(sentence)


def test_all_missing_fields_are_told_at_once(program, alice):
    problem = assert_problem(program(alice).post("/questions", {}), 422, "invalid")

    assert [error["field"] for error in problem["errors"]] == ["title", "space"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": "ten"},
        {"limit": " 1"},
        {"limit": "\x851"},
        {"limit": "1_0"},
        {"answered": "yes"},
        {"limit": [1, 2]},
        {"answered": "perhaps"},
        {"after": "garbage"},
        {"after": "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgMV0"},  # before the first year, in UTC
        {"space": -1},
        {"topic": "a\x00b"},
        {"order": "best"},
    ],
)
def test_a_damaged_address_is_refused(program, alice, query):
    problem = assert_problem(program(alice).get("/questions", **query), 422, "invalid")

    assert problem["errors"][0]["field"] == next(iter(query))


def test_asking_in_a_space_that_is_closed_or_missing_says_the_same(program, closed_space, alice):
    closed = program(alice).post("/questions", {**NEW, "space": closed_space.id})
    missing = program(alice).post("/questions", {**NEW, "space": 2147483647})

    assert_problem(closed, 404, "not-found")
    assert closed.data == missing.data
