"""Look-ups find what was merged under the question that stands for both, and learn from it."""

import pytest
from sqlalchemy import select

from peerqa.models import Answer, Embedding, OutboxRow, Post
from peerqa.search.evidence import read_evidence
from peerqa.search.hits import reader_of
from peerqa.services import answers, questions
from peerqa.services.answering import merges
from tests.conftest import NOON
from tests.search.conftest import MODEL

TYPED = "How can I reset the label printer?"


@pytest.fixture
def drain(session, index):
    """Return a function that indexes what the outbox asks for, as the worker would."""

    def drain() -> None:
        keys = session.scalars(select(OutboxRow.key).where(OutboxRow.topic == "index"))
        index(*session.scalars(select(Post).where(Post.id.in_({int(key) for key in keys}))).all())

    return drain


@pytest.fixture
def other(session, space, bob):
    return questions.post_question(
        session, space=space, author=bob, title="Which canteen opens on Fridays?", at=NOON
    )


def owners(session, answer: Answer) -> set[int]:
    rows = select(Embedding.question_id).where(
        Embedding.post_id == answer.id, Embedding.vector.is_not(None)
    )
    return set(session.scalars(rows))


def test_a_merged_answer_is_found_under_its_new_question_and_back(
    engine, session, organization, question, other, alice, bob, steward, drain
):
    answer = answers.post_answer(
        session, question=question, author=bob, body="Reset it with the feed button.", at=NOON
    )
    drain()
    merges.merge(session, source=question, target=other, by=steward, at=NOON)
    drain()

    found = engine.similar(session, reader_of(alice), title=TYPED)
    shown = [(hit.question.id, hit.answer.id if hit.answer else None) for hit in found.hits]
    assert shown == [(other.id, answer.id)]
    assert owners(session, answer) == {other.id}
    evidence = read_evidence(session, organization, model=MODEL, since=NOON)
    assert [(link.question_id, link.original_id) for link in evidence.links] == [
        (question.id, other.id)
    ]

    merges.undo_merge(session, source=question, by=steward, at=NOON)
    drain()
    found = engine.similar(session, reader_of(alice), title=TYPED)
    assert [hit.question.id for hit in found.hits] == [question.id]
    assert owners(session, answer) == {question.id}
    assert read_evidence(session, organization, model=MODEL, since=NOON).links == []


def test_links_behind_links_are_followed(
    engine, session, space, question, other, alice, bob, steward, drain
):
    last = questions.post_question(
        session, space=space, author=bob, title="Where do visitors park on Sundays?", at=NOON
    )
    answer = answers.post_answer(session, question=last, author=bob, body="Behind.", at=NOON)
    questions.mark_duplicate(session, question=question, of=other, by=steward, at=NOON)
    questions.mark_duplicate(session, question=other, of=last, by=steward, at=NOON)
    drain()

    found = engine.similar(session, reader_of(alice), title=TYPED)

    assert [hit.question.id for hit in (*found.hits, *found.related)] == [last.id]
    assert answer.question_id == last.id
