"""SearchEngine: what the front doors call. One a process.

similar() speaks up only when a hit is likely to answer: its probability must reach the
organization's precision target, and a question without an answer never claims. search() shows
everything near. A look-up reads, and never writes.
"""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from indexer.calibration import Gate, state
from indexer.errors import EncodingFailed, ModelUnavailable
from indexer.ports import Encoder
from indexer.ranking import REFINED, Ranked, gaps
from peerqa.search.answers import with_answers
from peerqa.search.candidates import Candidates, Finder, Typed
from peerqa.search.choosing import choose, list_hits, put_in_order
from peerqa.search.encoders import EncoderKeeper
from peerqa.search.gates import Gates
from peerqa.search.hits import Found, FoundQuestion, Hit, Reader, Results
from peerqa.search.indexes import Indexes, open_tables
from peerqa.search.refining import Closer, look_again
from peerqa.search.showing import NOWHERE, Nearness, Shown, canonical, nearness
from peerqa.search.sight import unseen_by, visible
from peerqa.search.updating import index_posts
from peerqa.search.weights import LearnedWeights
from peerqa.services.finding.filters import Filters, Order
from peerqa.settings import Settings

CONSIDERED = 24  # candidates of a look-up; more are never shown
RELATED = 5
ALIKE = 0.05  # probabilities that differ by less mostly keep the order of the ranking
FEWEST_SIMILARITY = 0.25  # below it nothing is near, whatever comes first
MOST_RESULTS = 200  # results that a search pages through
DEPTH = MOST_RESULTS + CONSIDERED  # candidates of a search
PATIENCE_SECONDS = 30.0  # where nobody is typing: wait for the model rather than go by words


@dataclass(frozen=True)
class Ranking:
    """Earlier questions that the reader may see, each once, best first."""

    ranked: Sequence[Ranked]  # beside the hits, one each
    hits: Sequence[Hit]  # judged, and without their answers
    found: Candidates
    closer: Closer
    questions: Mapping[int, FoundQuestion]  # everything that was ordered, by id

    @property
    def by_words_only(self) -> bool:
        """Whether the encoder or the index was not there."""
        return self.found.query is None


class SearchEngine:
    """Finds earlier questions, by meaning and by words."""

    def __init__(self, settings: Settings) -> None:
        self.encoders = EncoderKeeper(
            settings.model_dir,
            timeout_seconds=settings.encode_timeout_seconds,
            lanes=max(1, (os.cpu_count() or 1) // settings.web_processes),
        )
        self.indexes = Indexes(settings.index_dir)
        self.tables = open_tables(settings)
        self.gates = Gates()
        self.weights = LearnedWeights()
        self.finder = Finder(self.encoders, self.tables or self.indexes)

    def similar(
        self,
        session: Session,
        reader: Reader,
        *,
        title: str,
        body: str = "",
        limit: int = 3,
        typing: str | None = None,
        space_id: int | None = None,
        topic_names: Sequence[str] = (),
    ) -> Found:
        """Return earlier questions that answer this one, silent when unsure.

        Args:
            title: as typed so far.
            body: when it is known, both are compared with both.
            limit: of the hits that claim to answer.
            typing: the same for all look-ups of one person at one title: while the encoder is
                busy, a later one takes the place of an earlier one, which answers by words.
            space_id, topic_names: where it is asked and about what, as far as that is chosen.
        """
        typed = Typed(title, body, typing, space_id, tuple(topic_names))
        ranking = self.rank(session, reader, typed, fewest=limit)
        hits: list[Hit] = []
        related: list[Hit] = []
        for each, hit in zip(ranking.ranked, ranking.hits, strict=True):
            if hit.state is not None and len(hits) < limit:
                hits.append(hit)
            elif _is_near(each):
                related.append(hit)
        hits.sort(key=lambda hit: -round((hit.probability or 0.0) / ALIKE))
        return Found(
            with_answers(session, hits, ranking.found.query, ranking.found.model),
            _few(related, {each.owner for each in ranking.ranked if each.is_exact}, hits),
            by_words_only=ranking.by_words_only,
        )

    def rank(self, session: Session, reader: Reader, typed: Typed, *, fewest: int = 3) -> Ranking:
        """Return all that similar() chooses from.

        Args:
            fewest: hits below which it is looked farther, should most be in closed spaces.
        """
        found, questions = self._look(session, reader, typed, CONSIDERED)
        if len(questions) < fewest < len(found.ranked):
            found, questions = self._look(session, reader, typed, 10 * CONSIDERED)
            if len(questions) < fewest and len(found.ranked) >= 10 * CONSIDERED:
                unseen = unseen_by(session, reader)
                found, questions = self._look(session, reader, typed, CONSIDERED, unseen)
        near = nearness(session, typed, questions)
        return self._rank(session, reader, found, questions, typed.title, near)

    def _look(
        self,
        session: Session,
        reader: Reader,
        typed: Typed,
        count: int,
        exclude: Collection[int] = frozenset(),
    ) -> tuple[Candidates, dict[int, FoundQuestion]]:
        found = self.finder.find(session, reader, typed, count=count, exclude=exclude)
        return found, visible(session, reader, [each.owner for each in _first(found, count)])

    def search(
        self,
        session: Session,
        reader: Reader,
        *,
        query: str,
        start: int = 0,
        limit: int = 20,
        filters: Filters | None = None,
        order: Order = "best",
        typing: str | None = None,
    ) -> Results:
        """Return a page of everything near the query that passes the filters.

        Args:
            query: words or a whole question; where it is empty, all that passes is listed.
            start: how many results to leave out; as Results.next says.
            limit: results on the page.
            filters: of the reader.
            order: without words the best is the newest.
            typing: as in similar().
        """
        if filters is not None and filters.refused:
            return Results([], None, by_words_only=False)
        if not query:
            return list_hits(session, reader, filters, order, start=start, limit=limit)
        start = max(0, min(start, MOST_RESULTS))
        near, questions = self._look_wide(session, reader, Typed(query, typing=typing), filters)
        ranking = self._rank(session, reader, near, questions, query)
        hits = put_in_order(session, ranking.hits, order)
        more = len(hits) > start + limit and start + limit < MOST_RESULTS
        return Results(
            with_answers(session, hits[start : start + limit], near.query, near.model),
            start + limit if more else None,
            by_words_only=ranking.by_words_only,
        )

    def _look_wide(
        self, session: Session, reader: Reader, typed: Typed, filters: Filters | None
    ) -> tuple[Candidates, dict[int, FoundQuestion]]:
        """Return the same candidates for every page, so that none is on two of them.

        Who is typing sees the first few alone, and fewer are looked at: half the time.
        """
        count, enough = (CONSIDERED, RELATED) if typed.typing else (DEPTH, MOST_RESULTS)
        choice = choose(session, filters) if filters is not None and filters.is_narrow else None

        def look(exclude: Collection[int]) -> tuple[Candidates, dict[int, FoundQuestion]]:
            found = self.finder.find(
                session, reader, typed, count=count, exclude=exclude, choice=choice
            )
            near = replace(found, ranked=[each for each in found.ranked if _is_near(each)])
            return near, visible(session, reader, [each.owner for each in near.ranked])

        near, questions = look(frozenset())
        if choice is None and len(questions) <= enough and count <= len(near.ranked):
            return look(unseen_by(session, reader))
        return near, questions

    def rehearse(
        self, session: Session, reader: Reader, *, title: str, without: Collection[int]
    ) -> Ranking:
        """Return what similar() would choose from, had some questions never been asked."""
        found, questions = self._look(session, reader, Typed(title), CONSIDERED)
        left = {
            key: each
            for key, each in questions.items()
            if key not in without and not each.is_guide  # whether one answers, no link says
        }
        return self._rank(session, reader, found, left, title)

    def _rank(
        self,
        session: Session,
        reader: Reader,
        found: Candidates,
        questions: dict[int, FoundQuestion],
        title: str,
        near: Nearness = NOWHERE,
    ) -> Ranking:
        """Put those that the reader may see in order, and judge them."""
        weights = self.weights.find(session, reader.organization_id, found.model)
        closer = look_again(session, found, questions, title=title, language=reader.language)
        shown = canonical(questions, closer.order(weights), near)
        gate = self.gates.find(session, reader.organization_id, found.model)
        return Ranking(
            [each for _, each in shown],
            _judged(shown, gate=gate, model=found.model, target=reader.precision_target),
            found,
            closer,
            questions,
        )

    def update(self, post_ids: Sequence[str]) -> None:
        """Do what the outbox asks under "index"."""
        index_posts([int(post_id) for post_id in post_ids], self.find_encoder())

    def find_encoder(self) -> Encoder | None:
        """Return the encoder, opened now when it can be; for workers and commands."""
        try:
            return self.encoders.open()
        except ModelUnavailable:
            return None

    def status(self) -> dict[str, str]:
        """Return what state encoder and indexes are in, for health pages."""
        return {"encoder": self.encoders.state(), "index": (self.tables or self.indexes).state()}


def patient(settings: Settings, encoder: Encoder) -> SearchEngine:
    """Return an engine for where nobody is typing, with an encoder that is open."""
    engine = SearchEngine(settings.model_copy(update={"encode_timeout_seconds": PATIENCE_SECONDS}))
    engine.encoders.use(encoder)
    return engine


def until_by_meaning(look: Callable[[], Ranking]) -> Ranking:
    """Look until model and index are there, for half a minute at most.

    Raises:
        EncodingFailed: it went by words alone.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := look()).by_words_only:
        if time.monotonic() > until:
            raise EncodingFailed(
                "The model or the index did not answer in time. See: peerqa doctor"
            )
        time.sleep(0.1)
    return found


def _judged(shown: Sequence[Shown], *, gate: Gate, model: str | None, target: float) -> list[Hit]:
    """Say how likely each question answers; without an answer that holds, it claims nothing."""
    stand_out = gaps([ranked for _, ranked in shown])
    hits: list[Hit] = []
    for (question, ranked), gap in zip(shown, stand_out, strict=True):
        hit = Hit(question, None, None, ranked.similarity, None, None, None, model)
        if ranked.similarity is not None and gap is not None:
            probability = gate.probability(ranked.similarity, gap)
            claim = state(probability, target) if question.live_count else None
            hit = replace(hit, gap=gap, probability=probability, state=claim)
        hits.append(hit)
    return hits


def _first(found: Candidates, count: int) -> list[Ranked]:
    """Return the first candidates, and as many later ones with an exact token as may be refined."""
    late = [each for each in found.ranked[count:] if each.is_exact]
    return [*found.ranked[:count], *late[:REFINED]]


def _few(related: Sequence[Hit], exact: Collection[int], hits: Sequence[Hit]) -> list[Hit]:
    """Return the first related hits; when none has the exact token typed, the last gives way."""
    first = list(related[:RELATED])
    if any(hit.question.id in exact for hit in (*hits, *first)):
        return first
    late = [hit for hit in related[RELATED:] if hit.question.id in exact]
    return [*first[: RELATED - 1], late[0]] if late else first


def _is_near(ranked: Ranked) -> bool:
    return ranked.is_exact or ranked.similarity is None or ranked.similarity >= FEWEST_SIMILARITY
