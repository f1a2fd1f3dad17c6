"""Search: one box, meaning and words together, and filters that narrow it.

A search is one text: what the form says becomes operators in the box, so that every page of
results has an address that can be shared, typed on and kept.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.database import db, one_line
from peerqa.gate import Audience, open_to
from peerqa.paging import read_id
from peerqa.search.hits import Results, reader_of
from peerqa.services.finding.filters import Filters, Order, count_without, read_filters
from peerqa.services.finding.meanings import KINDS, STATES
from peerqa.services.finding.operators import MOST_VALUE, OPERATORS, Asked, Term, read_search
from peerqa.web.pages import me, pages, show
from peerqa.web.shown_hits import make_cards, new_key
from peerqa.web.similar import engine

LONGEST_WORDS = 300
LONGEST_TYPED = 1_000  # operators included
MOST_OFFERED = 5  # while one types
LAST_START = 10_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # as a date field takes it
ORDERS: dict[str, Order] = {"best": "best", "newest": "newest", "helpful": "helpful"}


@dataclass(frozen=True)
class Narrowing:
    """The form beside the results: a field an operator, and what does not fit into fields."""

    fields: dict[str, str]
    rest: str


@pages.get("/search")
@open_to(Audience.MEMBERS)
def search() -> ResponseReturnValue:
    """Show everything near what was typed that passes the filters."""
    asked = read_asked()
    order = ORDERS.get(request.args.get("order", ""), "best")
    start = min(read_id(request.args.get("start")) or 0, LAST_START)
    key = new_key()
    session = db.session()
    filters = read_filters(session, me(), asked.terms, with_spaces=True)
    found = Results([], None, by_words_only=False)
    if asked.words or asked.terms:
        found = engine().search(
            session,
            reader_of(me()),
            query=asked.words,
            start=start,
            filters=filters if asked.terms else None,
            order=order,
        )
    is_empty = not found.hits and not start
    return show(
        "search/results.html",
        query=str(asked),
        asked=asked,
        order=order,
        start=start,
        found=found,
        refused=filters.refused,
        ways_out=_ways_out(filters, asked) if is_empty and asked.terms else [],
        cards=make_cards(found.hits, key=key),
        look_up=key,
        narrowing=_narrowing(asked, filters),
        spaces=filters.spaces,
        states=STATES,
        kinds=KINDS,
    )


@pages.get("/search/hits")
@open_to(Audience.MEMBERS)
def search_hits() -> ResponseReturnValue:
    """Answer each pause in the search box with the best few."""
    asked, key = read_asked(), new_key()
    session = db.session()
    found = engine().search(
        session,
        reader_of(me()),
        query=asked.words,
        limit=MOST_OFFERED,
        filters=read_filters(session, me(), asked.terms) if asked.terms else None,
        typing=f"{me().id} box {request.args.get('typing', '')[:20]}",
    )
    return show(
        "search/_options.html",
        cards=make_cards(found.hits, key=key),
        query=str(asked),
        is_fragment=True,
    )


def read_asked() -> Asked:
    """Read the box, and the fields of the form, as one search."""
    asked = read_search(one_line(request.args.get("q", "")[:LONGEST_TYPED]))
    fields = [(key, one_line(request.args.get(key, ""))[:MOST_VALUE]) for key in OPERATORS]
    asked = asked.plus(Term(key, value) for key, value in fields if value)
    return Asked(asked.words[:LONGEST_WORDS], asked.terms)


def _narrowing(asked: Asked, filters: Filters) -> Narrowing:
    """Put each filter into its field; what no field can show stays in the text."""
    names = {each.name.lower() for each in filters.spaces} | {str(e.id) for e in filters.spaces}
    choices: dict[str, Collection[str]] = {"is": STATES, "kind": KINDS, "space": names}
    fields: dict[str, str] = {}
    rest: list[Term] = []
    for term in asked.terms:
        is_shown = term.value.lower() in choices.get(term.key, (term.value.lower(),))
        if term.key in {"after", "before"}:
            is_shown = _DAY.fullmatch(term.value) is not None
        if term.key in fields or not is_shown:
            rest.append(term)
        else:
            fields[term.key] = term.value.lower() if term.key in {"is", "kind"} else term.value
    return Narrowing(fields, str(Asked(asked.words, rest)))


def _ways_out(filters: Filters, asked: Asked) -> list[tuple[Term, int, str]]:
    """Return which filter to leave out, how many questions that leaves, and the search."""
    if filters.refused:
        return []
    counts = count_without(db.session(), filters)
    ways = [(term, count, str(asked.without(term))) for term, count in counts.items() if count]
    return sorted(ways, key=lambda way: -way[1])
