"""Finding posts by their words: FTS5 on SQLite, tsvector on PostgreSQL, the same on both.

Words find what meaning cannot: error codes, product names, acronyms. So a look-up asks for its
exact tokens and its three rarest words, no more: an OR of everything typed costs three times as
much and finds nothing better (measured at 50,000 documents). What costs is to rate each post found,
about a microsecond, so words that thousands hold are left out where a rarer one was typed. Texts
are brought to their stems here, in the organization's language, before the database sees them.
"""

import math
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate
from unicodedata import combining, normalize

import snowballstemmer
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from indexer.words import STOP_WORDS, Terms
from peerqa.database import dialect_name
from peerqa.languages import STEMMERS
from peerqa.search.phrases import find_phrases

RAREST = 3
MOST_RATED = 3_000  # posts that the rarest words may hold together, the very rarest aside
FEWEST_LETTERS = 2
_WORD = re.compile(r"\w+")
# Han, Kana, Thai, Lao, Khmer and Burmese: written without spaces between words.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff]+)"
)
# Statements are made once: making one takes as long as asking it.
_HOW_RARE = text("SELECT term, doc FROM words_vocabulary WHERE term IN :words").bindparams(
    bindparam("words", expanding=True)
)
_REMEMBERED_SECONDS = 600.0  # how long PostgreSQL's word statistics are believed


@dataclass(frozen=True)
class WordRow:
    """A post as its words are stored."""

    post_id: int
    organization_id: int
    title: str
    body: str
    language: str


@dataclass(frozen=True)
class WordHits:
    """What was found by words: question → score, and those with exact tokens.

    Attributes:
        exact: those with all exact tokens in one post; where there are none, those with any.
    """

    scores: Mapping[int, float]
    exact: frozenset[int]


def write_words(session: Session, rows: Sequence[WordRow]) -> None:
    """Store the words of posts, in place of what was stored of them."""
    if not rows:
        return
    remove_words(session, [row.post_id for row in rows])
    if dialect_name(session) == "postgresql":
        statement = text(
            "INSERT INTO words (post_id, organization_id, document) VALUES (:post, :organization, "
            "setweight(to_tsvector('simple', :title), 'A') || to_tsvector('simple', :body))"
        )
    else:
        statement = text(
            "INSERT INTO words (rowid, title, body, scope) "
            "VALUES (:post, :title, :body, 'scope' || :organization)"
        )
    session.execute(
        statement,
        [
            {
                "post": row.post_id,
                "organization": row.organization_id,
                "title": " ".join(stems(row.title, row.language)),
                "body": " ".join(stems(row.body, row.language)),
            }
            for row in rows
        ],
    )


def remove_words(session: Session, post_ids: Iterable[int]) -> None:
    """Forget the words of posts."""
    key = "post_id" if dialect_name(session) == "postgresql" else "rowid"
    ids = [{"post": post_id} for post_id in post_ids]
    if ids:
        session.execute(text(f"DELETE FROM words WHERE {key} = :post"), ids)  # noqa: S608 - a constant


def find_by_words(
    session: Session,
    terms: Terms,
    *,
    organization_id: int,
    language: str,
    limit: int = 50,
    only: Collection[int] | None = None,
) -> WordHits:
    """Return the questions whose posts hold the exact tokens or the rarest words.

    Args:
        only: the questions to choose from, before the limit is reached.

    Returns:
        Scores: not negative, higher is better; a question's best post counts.
    """
    exact = [phrase for token in terms.exact if (phrase := stems(token, language))]
    asked = {word for token in terms.content for word in stems(token, language)}
    asked = {word for word in asked if len(word) >= FEWEST_LETTERS}
    rarest = _rarest(session, sorted(asked), most_rated=MOST_RATED if only is None else math.inf)
    if not exact and not rarest:
        return WordHits({}, frozenset())
    scope = {"organization": organization_id, "most": limit}
    find = partial(find_phrases, session, scope=scope, only=only)
    scores = find([*exact, *([word] for word in rarest)])
    with_exact = find(exact, all_of=True) if exact else {}
    if not with_exact and len(exact) > 1:  # no post has them all: each by itself is wanted still
        with_exact = find(exact)
    return WordHits(with_exact | scores, frozenset(with_exact))


def stems(typed: str, language: str) -> list[str]:
    """Return the words of a text, in order, brought to their stems."""
    stem = stemmer(language)
    return [stem(word) for word in words_of(typed)]


def words_of(typed: str) -> list[str]:
    """Return the words of a text, in order, as they are before they are stemmed.

    Where no spaces stand between words, every two neighbours are one: a run that was typed is then
    found wherever it stands in a longer one.
    """
    words: list[str] = _WORD.findall(typed.lower().replace("_", " "))  # [^\W_]+ is slower by half
    if typed.isascii() or not _UNSPACED.search(typed):
        return words
    return [piece for word in words for run in _UNSPACED.split(word) for piece in _pieces(run)]


def _pieces(run: str) -> list[str]:
    if not _UNSPACED.match(run) or len(run) == 1:
        return [run] if run else []
    return [run[place : place + 2] for place in range(len(run) - 1)]


def _rarest(session: Session, words: Sequence[str], *, most_rated: float) -> list[str]:
    """Return the words that the fewest posts hold, without those that none holds."""
    if len(words) <= 1:
        return list(words)
    if dialect_name(session) == "postgresql":
        common = _common_words(session)
        return sorted(words, key=lambda word: (common.get(word, 0.0), word))[:RAREST]
    # SQLite's tokenizer takes accents off, so the vocabulary knows no word with one
    bare = {_without_accents(word) for word in words}
    counts = session.execute(_HOW_RARE, {"words": sorted(bare)})
    known = sorted((count, word) for word, count in counts)[:RAREST]
    held = accumulate(count for count, _ in known)
    return [
        word
        for place, ((_, word), total) in enumerate(zip(known, held, strict=True))
        if place == 0 or total <= most_rated
    ]


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    apart = (each for each in normalize("NFD", word) if not combining(each))
    return normalize("NFC", "".join(apart))


_common: tuple[float, dict[str, float]] = (-_REMEMBERED_SECONDS, {})


def _common_words(session: Session) -> dict[str, float]:
    """Return the share of posts that hold each common word, from PostgreSQL's statistics."""
    global _common
    if time.monotonic() - _common[0] > _REMEMBERED_SECONDS:
        row = session.execute(
            text(
                "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats "
                "WHERE schemaname = current_schema() "
                "AND tablename = 'words' AND attname = 'document'"
            )
        ).first()
        words, shares = (row[0] or [], row[1] or []) if row else ([], [])
        _common = (time.monotonic(), dict(zip(words, shares, strict=False)))
    return _common[1]


@lru_cache(maxsize=16)
def stemmer(language: str) -> Callable[[str], str]:
    """Return what brings one word of the language to its stem."""
    code = language.lower().split("-")[0]
    stop_words = STOP_WORDS.get(code, frozenset())
    name = STEMMERS.get(code)
    stem = snowballstemmer.stemmer(name).stemWord if name else str

    @lru_cache(maxsize=50_000)
    def remembered(word: str) -> str:
        """Stem a word; codes and stop words stay as they are."""
        if word in stop_words or not word.isalpha():
            return word
        return str(stem(word))

    return remembered
