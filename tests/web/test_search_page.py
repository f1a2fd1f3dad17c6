"""The search page: filters typed, chosen in the form, shared as an address; bad ones explained."""

import re
from html import unescape

import pytest

from peerqa.services import answers, questions
from tests.conftest import NOON
from tests.web.conftest import field_value, text_of


@pytest.fixture
def board(session, space, alice, bob, question):
    open_one = questions.post_question(
        session, space=space, author=bob, title="Who has the van?", topic_names=["van"], at=NOON
    )
    answers.post_answer(session, question=question, author=bob, body="So. Like this.", at=NOON)
    session.commit()
    return open_one


def links(page):
    return [unescape(each) for each in re.findall(r'href="(/search[^"]*)"', page.text)]


def test_filters_alone_list_what_passes(browse, alice, question, board):
    page = browse(alice).get("/search?q=is:open")

    assert "What passes your filters" in text_of(page)
    assert board.title in page.text
    assert question.title not in page.text


def test_the_form_and_the_box_say_the_same(browse, alice, question, board):
    browser = browse(alice)

    by_form = browser.get(
        "/search",
        query_string={"q": "topic:van", "is": "open", "space": "Workshop", "author": "Bob"},
    )
    typed = "topic:van space:Workshop author:Bob is:open"
    by_box = browser.get("/search", query_string={"q": typed})

    assert board.title in by_form.text
    assert field_value(by_form, "q") == typed, "the box holds what can be shared and typed on"
    assert text_of(by_form) == text_of(by_box)
    assert '<option value="open" selected>' in by_box.text


def test_what_no_field_can_show_stays_in_the_form(browse, alice, board):
    page = browse(alice).get(
        "/search?q=after:2026+before:2027-01-01+IS:Open+space:x+topic:a+topic:b+van"
    )

    form = page.text[page.text.index('id="filters"') :]
    assert 'name="q" value="after:2026 space:x topic:b van"' in form
    assert 'type="date" value="2027-01-01"' in form
    assert '<option value="open" selected>' in form


def test_every_filter_has_a_way_to_drop_it(browse, alice, board):
    page = browse(alice).get("/search?q=van+is:open+topic:van&order=newest")

    assert "/search?q=topic:van+van&order=newest" in links(page)
    assert "/search?q=is:open+van&order=newest" in links(page)


def test_contradictory_filters_say_which_to_drop(browse, alice, board):
    page = browse(alice).get("/search?q=is:open+is:solved")

    assert "No question passes all of these filters. Leave one out:" in text_of(page)
    assert "Without is:solved 1 question passes" in text_of(page)
    assert "Without is:open" not in text_of(page)
    assert "/search?q=is:open" in links(page)


@pytest.mark.every_case
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("topic:no-such", "topic:no-such – There is no topic of this name. Leave it out"),
        ("after:tomorrow van", "after:tomorrow – A day is written like 2026-01-31"),
        ('space:"<b>x</b>" van', "There is no space of this name."),
        ("is:", "Nobody has written about this yet."),
        ('"unbalanced topic:van', "Nothing near this passes all of your filters."),
        ("foo:bar", "Nobody has written about this yet."),
    ],
)
def test_a_filter_that_cannot_be_is_named(browse, alice, board, typed, sentence):
    page = browse(alice).get("/search", query_string={"q": typed})

    assert page.status_code == 200
    assert sentence in unescape(text_of(page))
    assert "<b>x</b>" not in page.text


@pytest.mark.every_case
@pytest.mark.parametrize(
    "query",
    [
        {"q": "topic:van " * 5_000},
        {"q": " ".join(f"topic:t{number}" for number in range(200))},
        {"q": "is:open " + "🙂" * 10_000},
        {"q": 'author:"' * 300},
        {"q": "van", "topic": "x" * 10_000, "after": "\x00", "space": "-1", "is": "%"},
        {"q": "van", "order": "worst", "start": "200"},
        {"q": "is:open", "start": "9999"},
        {"q": "after:0001-01-01 before:9999-12-31"},
    ],
)
def test_the_page_takes_any_search(browse, alice, board, query):
    assert browse(alice).get("/search", query_string=query).status_code == 200
