"""Two halves of the queries, split by thread, so that one may be tuned on and the other reported.

Queries that share a right document, directly or by way of others, are one thread: what is learned
from one of them would give the other away. Documents are all in the corpus for both halves.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Literal, get_args

from peerqa.evaluation.folder import Folder, Query

Half = Literal["tune", "report"]
HALVES: tuple[Half, ...] = get_args(Half)


def choose_half(folder: Folder, half: Half | None) -> list[Query]:
    """Return the queries of this half, in their order; all of them for None."""
    if half is None:
        return list(folder.queries)
    threads = _threads(folder.qrels)
    return [query for query in folder.queries if half_of(threads.get(query.id, query.id)) == half]


def half_of(smallest_id: str) -> Half:
    """Return the half that a thread belongs to; the same on every machine and in every run."""
    return HALVES[blake2b(smallest_id.encode("utf-8", "replace"), digest_size=1).digest()[0] % 2]


def _threads(qrels: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Return the smallest id of the thread that each query is in; all rows join, whatever score."""
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        while (parent := parents.setdefault(node, node)) != node:
            parents[node] = node = parents[parent]  # halves the way for whoever comes next
        return node

    for query, documents in qrels.items():
        for document in documents:
            parents[root(("query", query))] = root(("document", document))
    smallest: dict[tuple[str, str], str] = {}
    for node in list(parents):
        found = root(node)
        smallest[found] = min(smallest.get(found, node[1]), node[1])
    return {query: smallest[root(("query", query))] for query in qrels}
