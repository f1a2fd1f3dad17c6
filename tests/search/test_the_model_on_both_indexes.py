"""The real model: both indexes find a question asked in other words, before and after upkeep."""

import pytest

from indexer.encoder import OnnxEncoder
from peerqa.database import db, transaction
from peerqa.search.hits import reader_of
from peerqa.services import answers, members, organizations, questions, spaces
from tests.conftest import NOON
from tests.search.products import database, in_context, make_product, vectors  # noqa: F401

THREADS = {
    "Can I still expense a client lunch if I lost the receipt?": "Fill in form 7 instead.",
    "How do I reset the label printer?": "Hold the feed button for five seconds.",
    "Where do I hand in the key of a rented bicycle?": "At the counter, until six.",
    "Who approves a new supplier?": "The head of purchasing.",
}
IN_OTHER_WORDS = {
    "My bill from a meal with a customer is gone, will I get the money back?": 0,
    "The thing that makes stickers blinks and must be restarted": 1,
    "Returning what opens the lock of a borrowed bike": 2,
}


@pytest.fixture
def product(vectors, database, tmp_path, model_folder):  # noqa: F811 - fixtures
    encoder = OnnxEncoder.open(model_folder)
    yield from in_context(make_product(tmp_path, vectors, encoder, url=database))


@pytest.mark.model
def test_a_question_in_other_words_is_found(product):
    with transaction() as session:
        firm = organizations.make_organization(session, name="Northwind", at=NOON)
        place = spaces.make_space(session, organization=firm, name="Office", at=NOON)
        alice = members.create_member(session, organization=firm, name="Alice", at=NOON)
        asked = []
        for title, body in THREADS.items():
            asked.append(
                questions.post_question(session, space=place, author=alice, title=title, at=NOON)
            )
            answers.post_answer(session, question=asked[-1], author=alice, body=body, at=NOON)
    product.work()
    similarities = []
    for upkeep in (lambda: None, product.worker.run, product.restart):
        upkeep()
        for typed, n in IN_OTHER_WORDS.items():
            found = product.web.search(db.session(), reader_of(alice), query=typed)
            assert not found.by_words_only
            assert found.hits[0].question.id == asked[n].id
            similarities.append(found.hits[0].similarity)
        db.session.rollback()
    assert similarities[:3] == pytest.approx(similarities[3:6], abs=0.02)
