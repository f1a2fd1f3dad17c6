"""Which new questions a saved search finds, and when."""

from datetime import timedelta

import pytest

from peerqa.search import alerts
from peerqa.search.alerts import SETTLED, Alerts
from peerqa.services import questions
from peerqa.services.finding.saved_searches import list_searches, save_search
from peerqa.services.notifications import list_unread
from tests.conftest import NOON


@pytest.fixture
def at(monkeypatch):
    """Return a function that sets the worker's clock."""
    return lambda instant: monkeypatch.setattr(alerts, "utc_now", lambda: instant)


@pytest.fixture
def told(session, engine, at):
    def told(member, *, after):
        at(NOON + after)
        Alerts(engine).run()
        return [each.question.title for each in list_unread(session, member)]

    return told


@pytest.fixture
def ask(session, space, alice, index):
    def ask(title, *, after, **more):
        made = questions.post_question(
            session, space=space, author=alice, title=title, at=NOON + after, **more
        )
        index(made)
        session.commit()
        return made

    return ask


HOUR = timedelta(hours=1)


def test_a_new_question_that_matches_is_told(session, bob, ask, told):
    ask("Why does the label printer jam?", after=-HOUR)
    save_search(session, member=bob, query="label printer jam", name="", at=NOON)
    session.commit()
    near = ask("The label printer does jam at night", after=HOUR)
    ask("Who keeps the bicycles in winter?", after=HOUR)

    assert told(bob, after=HOUR) == [], "it may not be indexed yet"
    assert told(bob, after=HOUR + SETTLED) == [near.title]
    assert told(bob, after=3 * HOUR) == [near.title]


@pytest.mark.parametrize("has_encoder", [True, False])
def test_words_and_filters_both_decide(session, bob, ask, told, engine, monkeypatch, has_encoder):
    if not has_encoder:
        monkeypatch.setattr(engine.encoders, "find", lambda: None)
        monkeypatch.setattr(engine, "find_encoder", lambda: None)
    for query in ("topic:doors", "topic:keys lost key", "topic:no-such", "after:2030"):
        save_search(session, member=bob, query=query, name="", at=NOON)
    session.commit()
    by_filter = ask("Where does this lead to?", after=HOUR, topic_names=["doors"])
    by_both = ask("Who has lost a key?", after=HOUR, topic_names=["keys"])
    ask("Is the safe heavy?", after=HOUR, topic_names=["keys"])
    ask("Who has lost one key?", after=HOUR)

    assert sorted(told(bob, after=2 * HOUR)) == sorted([by_filter.title, by_both.title])


def test_what_is_imported_is_no_news(session, bob, ask, told):
    save_search(session, member=bob, query="is:open", name="", at=NOON)
    session.commit()
    ask("What was asked long ago?", after=-1000 * HOUR)

    assert told(bob, after=HOUR) == []


def test_while_the_encoder_is_late_it_is_looked_again(session, bob, ask, told, engine, monkeypatch):
    save_search(session, member=bob, query="label printer", name="", at=NOON)
    session.commit()
    ask("How does a label printer work?", after=HOUR)

    with monkeypatch.context() as late:
        late.setattr(engine.encoders, "finish", lambda _looking: None)
        assert told(bob, after=2 * HOUR) == []
        assert list_searches(session, bob)[0].looked_until == NOON
    assert told(bob, after=3 * HOUR) == ["How does a label printer work?"]
