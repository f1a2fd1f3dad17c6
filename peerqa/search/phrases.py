"""The words query itself: which posts hold these phrases, the best first, on either database.

Where a search has filters, the questions to choose from go into the query: were they sorted out
afterwards, three among thousands that hold a common word would never come up.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Result, Row, text
from sqlalchemy.orm import Session

from peerqa.database import dialect_name

# The scope is one more word to find in every post: it more than doubles the time, so it is asked
# for only where the database knows another organization.
_SQLITE = (
    "SELECT coalesce(answer.question_id, found.id), found.score FROM ("
    " SELECT words.rowid AS id, -bm25(words, 2.0, 1.0, 0.0) AS score FROM words {join}"
    " WHERE words MATCH CASE"
    "  WHEN EXISTS (SELECT 1 FROM organization WHERE id <> :organization)"
    "  THEN 'scope:scope' || :organization || ' AND ' ELSE '' END || :phrases {only}"
    " ORDER BY bm25(words, 2.0, 1.0, 0.0) LIMIT :most"
    ") AS found LEFT JOIN answer ON answer.id = found.id"
)
_FIND_IN_SQLITE = text(_SQLITE.format(join="", only=""))
_CHOOSE_IN_SQLITE = text(
    _SQLITE.format(
        join="LEFT JOIN answer AS reply ON reply.id = words.rowid",
        only="AND coalesce(reply.question_id, words.rowid) IN (SELECT value FROM json_each(:only))",
    )
)
_POSTGRESQL = (
    "SELECT coalesce(answer.question_id, found.id), found.score FROM ("
    " SELECT post_id AS id, ts_rank(document, query) AS score"
    " FROM to_tsquery('simple', :match) AS query, words {join}"
    " WHERE document @@ query AND organization_id = :organization {only}"
    " ORDER BY score DESC LIMIT :most"
    ") AS found LEFT JOIN answer ON answer.id = found.id"
)
_FIND_IN_POSTGRESQL = text(_POSTGRESQL.format(join="", only=""))
_CHOOSE_IN_POSTGRESQL = text(
    _POSTGRESQL.format(
        join="LEFT JOIN answer AS reply ON reply.id = words.post_id",
        only="AND coalesce(reply.question_id, post_id) = ANY(:only)",
    )
)


def find_phrases(
    session: Session,
    wanted: Sequence[Sequence[str]],
    *,
    scope: Mapping[str, int],
    only: Collection[int] | None = None,
    all_of: bool = False,
) -> dict[int, float]:
    """Return the questions whose posts hold any of the phrases, or all of them in one post.

    Args:
        wanted: words brought to their stems: letters and digits only.
        scope: the organization's id, and the most posts to return.
        only: the questions to choose from, before the most are reached.

    Returns:
        Question to score: not negative, higher is better; its best post counts.
    """
    find = _find_in_postgresql if dialect_name(session) == "postgresql" else _find_in_sqlite
    return _best_of_each(find(session, wanted, scope, only, all_of=all_of))


def _find_in_sqlite(
    session: Session,
    wanted: Sequence[Sequence[str]],
    scope: Mapping[str, int],
    only: Collection[int] | None,
    *,
    all_of: bool,
) -> Result[int, float]:
    phrases = (" AND " if all_of else " OR ").join(f'"{" ".join(words)}"' for words in wanted)
    values = {**scope, "phrases": f"({{title body}} : ({phrases}))"}
    if only is None:
        return session.execute(_FIND_IN_SQLITE, values)
    return session.execute(_CHOOSE_IN_SQLITE, {**values, "only": json.dumps(list(only))})


def _find_in_postgresql(
    session: Session,
    wanted: Sequence[Sequence[str]],
    scope: Mapping[str, int],
    only: Collection[int] | None,
    *,
    all_of: bool,
) -> Result[int, float]:
    # what was stemmed holds letters and digits only, so nothing in it is an operator
    phrases = (" & " if all_of else " | ").join(
        "(" + " <-> ".join(f"'{word}'" for word in words) + ")" for words in wanted
    )
    values = {**scope, "match": phrases}
    if only is None:
        return session.execute(_FIND_IN_POSTGRESQL, values)
    return session.execute(_CHOOSE_IN_POSTGRESQL, {**values, "only": list(only)})


def _best_of_each(rows: Iterable[Row[int, float]]) -> dict[int, float]:
    best: dict[int, float] = {}
    for question_id, score in rows:
        best[question_id] = max(best.get(question_id, 0.0), float(score))
    return best
