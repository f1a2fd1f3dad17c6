"""What the worker does about a new question: near ones are found, and who knows is asked."""

from datetime import timedelta

import pytest

from peerqa.models import Routing
from peerqa.search import expertise
from peerqa.search.expertise import Expertise, numbers_of
from peerqa.services import answers, questions
from peerqa.services.routing import reading
from peerqa.services.routing.scoring import Numbers
from tests.conftest import NOON

NUMBERS = Numbers(newcomer_every=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def run(session, engine, monkeypatch):
    def run(after=timedelta(0)):
        session.commit()
        monkeypatch.setattr(expertise, "utc_now", lambda: NOON + after)
        Expertise(engine, NUMBERS).run()

    return run


@pytest.fixture
def solved(session, space, alice, bob, index):
    asked = questions.post_question(
        session, space=space, author=alice, title="Why does the label printer jam?", at=NOON
    )
    given = answers.post_answer(session, question=asked, author=bob, body="Dust.", at=NOON)
    answers.accept_answer(session, answer=given, by=alice, at=NOON)
    index(asked, given)
    return asked


@pytest.fixture
def fresh(session, space, admin):
    return questions.post_question(
        session, space=space, author=admin, title="The label printer does jam at night", at=NOON
    )


def test_who_solved_what_is_near_is_asked(session, solved, fresh, bob, run):
    run()
    (asked,) = reading.list_for(session, bob)
    assert (asked.question_id, asked.why, asked.why_count) == (fresh.id, "solved", 1)
    run()
    assert len(reading.list_for(session, bob)) == 1


def test_without_a_model_words_must_do(session, solved, fresh, bob, run, engine, monkeypatch):
    monkeypatch.setattr(engine.encoders, "find", lambda: None)
    monkeypatch.setattr(engine, "find_encoder", lambda: None)
    run()
    assert [each.question_id for each in reading.list_for(session, bob)] == [fresh.id]


def test_a_model_that_is_late_is_waited_for_and_not_for_ever(
    session, solved, fresh, bob, run, engine, monkeypatch
):
    monkeypatch.setattr(engine.encoders, "find", lambda: None)
    run()
    assert reading.list_for(session, bob) == []
    assert session.get(Routing, fresh.id).next_at == NOON
    run(after=HOUR)
    assert [each.question_id for each in reading.list_for(session, bob)] == [fresh.id]


def test_the_numbers_are_the_settings(settings):
    assert numbers_of(settings) == Numbers()
    assert numbers_of(settings.model_copy(update={"routing_people": 2})).people == 2
