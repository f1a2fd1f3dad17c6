"""What tests of the pages share: hits to show, and a view of what a page says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from peerqa.gate import instance_key
from peerqa.models import Answer
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import Found, Hit, Passage, Results
from peerqa.services import answers
from tests.conftest import NOON

ADVICE = "Hold the feed button until the light blinks twice. It measures the roll by itself."


@pytest.fixture
def answer(session, question, bob) -> Answer:
    """Bob's answer to Alice's question."""
    made = answers.post_answer(session, question=question, author=bob, body=ADVICE, at=NOON)
    session.commit()
    return made


@dataclass
class Shelf(SearchEngine):
    """A search engine that finds what the test puts on it; remembers what it was asked."""

    hits: Sequence[Hit] = ()
    related: Sequence[Hit] = ()
    by_words_only: bool = False
    asked: list[str] = field(default_factory=list)

    def similar(
        self,
        session,
        reader,
        *,
        title,
        body="",
        limit=3,
        typing=None,
        space_id=None,
        topic_names=(),
    ) -> Found:
        self.asked.append(title)
        return Found(self.hits, self.related, self.by_words_only)

    def search(self, session, reader, *, query, start=0, limit=20, **_others) -> Results:
        self.asked.append(query)
        rows = [*self.hits, *self.related]
        more = start + limit if start + limit < len(rows) else None
        return Results(rows[start : start + limit], more, self.by_words_only)


@pytest.fixture
def shelf(app, monkeypatch) -> Shelf:
    shelf = Shelf()
    monkeypatch.setitem(app.extensions, "peerqa.search", shelf)
    return shelf


def make_hit(question, answer=None, *, state="very_likely", probability=0.93) -> Hit:
    """A hit whose passage is the first sentence of the answer."""
    passage = None
    if answer is not None:
        end = answer.plain.index(".") + 1
        passage = Passage(answer.plain[:end], 0, end)
    return Hit(question, answer, passage, 0.8123, 0.4, probability, state)


def text_of(response) -> str:
    """What a person reads on the page, in one line."""
    html = re.sub(r"<(script|style).*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def field_value(response, name: str) -> str | None:
    """The value of the first hidden or text field of this name, as a browser would send it."""
    import html

    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', response.text)
    return html.unescape(found.group(1)) if found else None


@pytest.fixture
def key(app):
    return instance_key()
