import pytest

from peerqa.api.gives import FoundShape, ResultsShape
from peerqa.search.as_json import found_as_json, results_as_json
from peerqa.search.hits import Found, Hit, Passage, Results
from tests.api.conftest import assert_problem
from tests.statements import noted_statements, writes


@pytest.fixture
def hit(question, answer) -> Hit:
    answer.is_verified = False  # as FoundAnswer says it
    return Hit(
        question=question,
        answer=answer,
        passage=Passage("Hold feed for five seconds.", 0, 27),
        similarity=0.8,
        gap=0.4,
        probability=0.93,
        state="very_likely",
    )


@pytest.fixture
def related(question) -> Hit:
    return Hit(question, None, None, None, None, None, None)


def test_a_hit_says_what_a_program_needs(hit, question, answer):
    found = found_as_json(Found([hit], [], by_words_only=False), "https://ask.example.org")

    assert found == {
        "hits": [
            {
                "question": question.id,
                "title": question.title,
                "url": f"https://ask.example.org/questions/{question.id}",
                "probability": 0.93,
                "state": "very_likely",
                "answer": answer.id,
                "sentence": "Hold feed for five seconds.",
                "kind": "question",
                "verified": False,
            }
        ],
        "related": [],
        "by_words_only": False,
    }


def test_the_description_is_true_of_what_is_written(hit, related):
    found = found_as_json(Found([hit], [related], by_words_only=True), "http://x")
    results = results_as_json(Results([hit, related], 20, by_words_only=False), "http://x")

    assert FoundShape.model_validate(found, strict=True).model_dump() == found
    assert ResultsShape.model_validate(results, strict=True).model_dump() == results


def test_look_ups_answer_members(program, question, alice):
    for path, query in [("/similar", {"title": "label printer"}), ("/search", {"q": "printer"})]:
        found = program(alice).get(path, **query)

        assert found.status_code == 200
        assert found.mimetype == "application/json"
        assert {"hits", "related", "by_words_only"} <= found.json.keys()


def test_look_ups_ask_for_the_token_once_and_write_nothing(program, question, alice):
    reader = program(alice)
    with noted_statements() as seen:
        reader.get("/similar", title="zzz yyy xxx")

    assert sum("access_token" in statement for statement in seen) == 1
    assert not writes(seen)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/similar", {}, "title"),
        ("/similar", {"title": ""}, "title"),
        ("/similar", {"title": "x" * 151}, "title"),
        ("/similar", {"title": "a\x00b"}, "title"),
        ("/similar", {"title": "ok", "body": "x" * 2001}, "body"),
        ("/similar", {"title": "ok", "limit": 3}, "limit"),
        ("/search", {"after": "yesterday"}, "after"),
        ("/search", {"before": "2026-02-30"}, "before"),
        ("/search", {"state": "closed"}, "state"),
        ("/search", {"order": "worst"}, "order"),
        ("/search", {"author": "Ana"}, "author"),
        ("/search", {"q": "x" * 301}, "q"),
        ("/search", {"q": "a\x00b"}, "q"),
        ("/search", {"q": "ok", "start": -1}, "start"),
        ("/search", {"q": "ok", "limit": 51}, "limit"),
    ],
)
def test_a_damaged_address_is_refused(program, alice, path, query, field):
    problem = assert_problem(program(alice).get(path, **query), 422, "invalid")

    assert problem["errors"][0]["field"] == field


def test_filters_say_what_passes(program, question, answer, alice, bob):
    reader = program(alice)

    def found(**query):
        return [hit["question"] for hit in reader.get("/search", **query).json["hits"]]

    topic = question.topics[0].name
    assert found(topic=topic, state="answered", space=question.space_id) == [question.id]
    assert found(author=bob.id, kind="answer", order="newest") == [question.id]
    assert found(author=bob.id, kind="question") == []
    assert found(after="2026-06-02") == found(before="2026-06-01") == []
    assert found(after="2026-06-01", before="2026-06-02") == [question.id]
    assert found(topic="no-such") == found(space=2**31 - 1) == found(q=" ", state="open") == []


@pytest.mark.every_case
@pytest.mark.parametrize(
    "typed",
    ['"', "*", "a AND", "NEAR(", "col:x", "-", "' OR 1=1 --", "%", "\\", "𝕳" * 60, "(" * 90],
)
def test_signs_of_a_query_language_are_only_text(program, question, alice, typed):
    assert program(alice).get("/search", q=typed).status_code == 200
    assert program(alice).get("/similar", title=typed).status_code == 200


def test_a_broken_encoding_in_the_address_is_only_text(program, alice):
    reader = program(alice)
    found = reader.call("GET", "/search", query_string="q=%ED%A0%80%FF+printer")

    assert found.status_code == 200
