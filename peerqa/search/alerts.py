"""Tells members of new questions that match what they saved: the worker's timer calls this.

All is looked up first, outside any write transaction. Two workers at once look the same up; the
one that moves the search on tells. A question is looked at when it has had time to be indexed.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.models import SavedSearch
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import Hit, reader_of
from peerqa.search.refining import typed_words
from peerqa.search.words import stemmer, words_of
from peerqa.services.finding import saved_searches
from peerqa.services.finding.filters import read_filters
from peerqa.services.finding.operators import read_search

SETTLED = timedelta(seconds=60)  # between a question and the look at it; it is indexed by then
MOST_TOLD = 50  # of one search at a time; more are no news but a list
MATCHES_FROM = 0.5
"""Similarity of a question and the words of a search. Lower than what it takes to answer: who
follows a subject wants to hear of what is beside it, and is told of little that is not."""

log = structlog.get_logger()


class Alerts:
    """What the worker's timer calls."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine

    def run(self) -> None:
        """Look at every search since whose last look something was asked."""
        at, told = utc_now(), 0
        due = saved_searches.list_due(db.session(), until=at - SETTLED)
        for search_id in [each.id for each in due]:
            told += self._look(search_id, until=at - SETTLED, at=at)
        db.session().rollback()
        if told:
            log.info("saved-searches.told", count=told)

    def _look(self, search_id: int, *, until: datetime, at: datetime) -> int:
        saved = db.session().get(SavedSearch, search_id)
        if saved is None or saved.looked_until >= until:
            return 0
        since = saved.looked_until
        matching = self._matching(saved, until=until)
        if matching is None:
            return 0
        with transaction() as session:
            return saved_searches.tell_of_matches(
                session,
                search_id=search_id,
                since=since,
                until=until,
                question_ids=matching,
                at=at,
            )

    def _matching(self, saved: SavedSearch, *, until: datetime) -> list[int] | None:
        """Return the new questions that match; None when the encoder was late: look again."""
        session, member = db.session(), saved.member
        asked = read_search(saved.query)
        filters = read_filters(session, member, asked.terms)
        filters = replace(filters, asked_since=saved.looked_until, asked_until=until)
        encoder = self._engine.find_encoder()
        found = self._engine.search(
            session, reader_of(member), query=asked.words, filters=filters, limit=MOST_TOLD
        )
        if found.by_words_only and encoder is not None:
            return None
        language = member.organization.language
        return [
            hit.question.id
            for hit in found.hits
            if not asked.words or _matches(hit, asked.words, language)
        ]


def _matches(hit: Hit, words: str, language: str) -> bool:
    if hit.similarity is not None and hit.similarity >= MATCHES_FROM:
        return True
    stem = stemmer(language)
    said = {stem(word) for word in words_of(f"{hit.question.title} {hit.question.plain}")}
    wanted = typed_words(words, language)
    return bool(wanted) and said.issuperset(wanted)
