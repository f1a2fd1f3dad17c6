"""Filters decide before the ranking cuts off; pages of a search do not overlap."""

import pytest

from peerqa.search import candidates, choosing
from peerqa.search.hits import reader_of
from peerqa.services import answers, questions, votes
from peerqa.services.finding.filters import read_filters
from peerqa.services.finding.operators import read_search
from tests.conftest import NOON

CROWD = 300  # more than a search ranks


@pytest.fixture
def look(session, engine, alice):
    def look(typed, **more):
        asked = read_search(typed)
        filters = read_filters(session, alice, asked.terms)
        return engine.search(session, reader_of(alice), query=asked.words, filters=filters, **more)

    return look


def titles(results):
    return [hit.question.title for hit in results.hits]


@pytest.fixture
def crowd(session, space, alice, index):
    """So many near ones, and two of a topic that are farther than all of them."""
    near = [
        questions.post_question(
            session, space=space, author=alice, title=f"printer jams {number}", at=NOON
        )
        for number in range(CROWD)
    ]
    far = [
        questions.post_question(
            session, space=space, author=alice, topic_names=["rare"], at=NOON,
            title=f"our printer has some strange trouble in room {name}",
        )
        for name in ("north", "south")
    ]  # fmt: skip
    index(*near, *far)
    session.commit()
    return [question.title for question in far]


@pytest.mark.parametrize("few", [2_000, 1], ids=["compared-one-by-one", "others-looked-past"])
@pytest.mark.parametrize("has_encoder", [True, False], ids=["by-meaning", "by-words"])
def test_a_filter_that_leaves_two_still_finds_them(
    look, engine, crowd, monkeypatch, few, has_encoder
):
    monkeypatch.setattr(candidates, "FEW", few)
    monkeypatch.setattr(choosing, "FEW", few)
    if not has_encoder:
        monkeypatch.setattr(engine.encoders, "find", lambda: None)

    unfiltered = look("printer jams", limit=50)
    found = look("printer jams topic:rare")

    assert not set(crowd) & set(titles(unfiltered)), "they are not among the nearest"
    assert sorted(titles(found)) == sorted(crowd)
    assert found.by_words_only is not has_encoder


def test_pages_do_not_overlap_and_miss_nothing(look, crowd):
    first, seen, start = look("printer jams"), [], 0
    while start is not None:
        page = look("printer jams", start=start)
        seen += [hit.question.id for hit in page.hits]
        start = page.next

    assert len(seen) == len(set(seen)) == 200
    assert [hit.question.id for hit in first.hits] == seen[:20]


def test_filters_alone_list_by_date_and_claim_nothing(session, look, asked, alice):
    page = look("is:answered", limit=4)
    rest = look("is:answered", start=page.next, limit=50)

    assert page.next == 4
    assert rest.next is None
    found = [hit.question.id for hit in (*page.hits, *rest.hits)]
    assert found == sorted((question.id for question in asked), reverse=True)
    assert {hit.state for hit in page.hits} == {None}
    assert page.hits[0].passage.text == "With care."


def test_other_orders_keep_what_is_near(session, look, asked, alice, bob):
    chain = asked[1]
    answer = answers.post_answer(session, question=asked[0], author=alice, body="So.", at=NOON)
    votes.set_vote(session, post=answer, by=bob, wanted=True, at=NOON)
    session.commit()

    newest = look("how is the chain fitted", order="newest")
    helpful = look("how is the chain fitted", order="helpful")

    ids = [hit.question.id for hit in newest.hits]
    assert chain.id in ids
    assert ids == sorted(ids, reverse=True)
    assert helpful.hits[0].question.id == asked[0].id


def test_a_refused_filter_finds_nothing_and_asks_no_index(look, engine, asked, monkeypatch):
    monkeypatch.setattr(engine, "finder", None)

    assert look("chain topic:no-such").hits == []
