"""The stored passages follow the answer's text, the question's title and the recipe."""

import pytest
from sqlalchemy import select, update

from indexer.documents import text_hash
from indexer.passages import passages_hash
from peerqa.models import Sentence
from peerqa.search.hits import reader_of
from peerqa.search.updating import fill_gaps
from peerqa.services import answers
from tests.conftest import NOON

BODY = "Open the lid of the printer at first:\n\n- hold the button\n- wait for the light"


@pytest.fixture
def answer(session, question, bob, index):
    answer = answers.post_answer(session, question=question, author=bob, body=BODY, at=NOON)
    index(question, answer)
    return answer


def stored(session):
    session.expire_all()
    return session.execute(
        select(Sentence.post_id, Sentence.start, Sentence.end, Sentence.text_hash, Sentence.vector)
    ).all()


def test_what_is_stored_are_the_passages_that_may_be_quoted(session, answer):
    rows = stored(session)

    assert [answer.plain[row.start : row.end] for row in rows] == [
        "• hold the button",
        "• wait for the light",
    ]
    assert {row.text_hash for row in rows} == {passages_hash(answer.question.title, answer.plain)}


def test_a_second_run_encodes_nothing(session, answer, index, encoder):
    count = len(encoder.encoded)

    assert index(answer.question, answer) == 0
    assert len(encoder.encoded) == count


def test_passages_of_an_older_recipe_are_made_anew_by_filling_gaps(session, answer, encoder):
    before = stored(session)
    session.execute(update(Sentence).values(text_hash=text_hash(answer.plain), vector=b"\0" * 128))
    session.commit()

    assert fill_gaps(encoder) == answer.id

    assert stored(session) == before
    assert fill_gaps(encoder) is None


def test_passages_of_an_older_recipe_are_shown_until_then(engine, session, alice, answer):
    session.execute(update(Sentence).values(text_hash=text_hash(answer.plain)))
    session.commit()

    found = engine.search(session, reader_of(alice), query="label printer, wait for the light")

    assert found.hits[0].passage.text == "• wait for the light"


def test_another_title_makes_the_passages_of_its_answers_anew(session, answer, index):
    before = stored(session)
    answer.question.title = "What does the blinking light of the printer mean?"
    index(answer.question)

    after = stored(session)

    assert [row[:3] for row in after] == [row[:3] for row in before]
    assert all(new.vector != old.vector for new, old in zip(after, before, strict=True))
    assert {row.text_hash for row in after} == {passages_hash(answer.question.title, answer.plain)}
    assert index(answer.question) == 0


def test_lost_passages_come_back_with_their_answer(session, answer, index):
    before = stored(session)
    session.query(Sentence).delete()

    index(answer)

    assert [row[1:] for row in stored(session)] == [row[1:] for row in before]


def test_an_emptied_answer_has_no_passages(session, answer, index):
    answer.plain = "  "

    index(answer)

    assert stored(session) == []
    assert index(answer) == 0
