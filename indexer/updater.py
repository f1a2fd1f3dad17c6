"""Decides what must be encoded again.

It reads and writes nothing: the caller gives what the posts say now and which hashes
are stored, and saves what comes back. So a repeated run finds nothing to do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.documents import Document, Kind, text_hash

BATCH_SIZE = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs between the posts and the stored vectors.

    Attributes:
        encode: documents that are new or say something else now.
        gone: stored vectors that no document stands behind any more.
    """

    encode: list[Document]
    gone: list[tuple[int, Kind]]


def plan(documents: Iterable[Document], known: Mapping[tuple[int, Kind], str]) -> Plan:
    """Compare what posts say now with what was encoded.

    Args:
        documents: all documents of the posts in question.
        known: (post, kind) to text hash, of the same posts and the present model.
    """
    present = {(each.post, each.kind): each for each in documents}
    return Plan(
        encode=[
            document
            for key, document in present.items()
            if known.get(key) != text_hash(document.text)
        ],
        gone=[key for key in known if key not in present],
    )
