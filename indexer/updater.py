"""Decides what must be encoded again, and encodes it in batches.

It reads and writes nothing: the caller gives what the posts say now and which hashes
are stored, and saves what comes back. So a repeated run finds nothing to do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.documents import Document, Kind, text_hash
from indexer.ports import Encoder

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


def encode_documents(
    encoder: Encoder,
    documents: Iterable[Document],
    *,
    batch_size: int = BATCH_SIZE,
    progress: Callable[[int], None] | None = None,
) -> Iterator[list[tuple[Document, NDArray[np.float32]]]]:
    """Yield batches of documents with their vectors, short texts first.

    Texts of a batch are padded to its longest, so equal lengths go together. Each
    batch may be saved as it comes: what follows can be planned again after a kill.

    Args:
        encoder: any.
        documents: all are held in memory, as text.
        batch_size: texts encoded together.
        progress: is told how many are done after each batch was taken.

    Raises:
        EncodingFailed: the model could not be run; the batches before are whole.
    """
    waiting = sorted(documents, key=lambda document: len(document.text))
    for start in range(0, len(waiting), batch_size):
        batch = waiting[start : start + batch_size]
        vectors = encoder.encode([document.text for document in batch])
        yield list(zip(batch, vectors, strict=True))
        if progress is not None:
            progress(start + len(batch))
