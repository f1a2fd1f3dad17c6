"""The floor of a look-up: what no search of this kind can do without, with nothing around it.

It is the sum of three, one after the other on one thread: encode the title; ask FAISS for its
nearest rows, in the very base that the product opened; and the words query, the product's own SQL
statements with their own values, sent through the bare database driver.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self

import faiss
from sqlalchemy import event

from indexer.generation import VECTORS, current_name, read_manifest
from indexer.ports import Encoder
from peerqa.bench.ground import Ground, Statement
from peerqa.bench.times import percentiles
from peerqa.database import db

NEAREST = 10


@dataclass
class FloorTimes:
    """Seconds of every look-up."""

    encode: list[float] = field(default_factory=list)
    faiss: list[float] = field(default_factory=list)
    words: list[float] = field(default_factory=list)

    @property
    def total(self) -> list[float]:
        """The three together, look-up by look-up."""
        return [sum(parts) for parts in zip(self.encode, self.faiss, self.words, strict=True)]

    def as_json(self) -> dict[str, object]:
        """Return the percentiles of the parts and of their sum."""
        return {
            "encode": percentiles(self.encode),
            "faiss": percentiles(self.faiss),
            "words": percentiles(self.words),
            "total": percentiles(self.total),
        }


class WordsStatements:
    """Writes down what the product asks the words index for while it looks something up."""

    def __init__(self) -> None:
        self.heard: list[Statement] = []

    def __enter__(self) -> Self:
        event.listen(db.engine, "before_cursor_execute", self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        event.remove(db.engine, "before_cursor_execute", self._hear)

    def _hear(self, *call: Any) -> None:  # Any: as SQLAlchemy calls it
        _, _, statement, values, *_ = call
        if " words" in statement:
            self.heard.append((statement, values))


class Floor:
    """Measures it; the base and a database connection stay open between look-ups."""

    def __init__(self, ground: Ground, statements: dict[str, list[Statement]]) -> None:
        """Open the base.

        Args:
            ground: with a saved base.
            statements: what the product asked the words index for each title.
        """
        self._encoder: Encoder = ground.encoder
        self._statements = statements
        self._index = open_vectors(
            ground.engine.indexes.folder_of(ground.organization_id, ground.encoder.model)
        )
        self._connection = db.engine.raw_connection()

    def measure(self, title: str, into: FloorTimes) -> None:
        """Do the three parts for one title."""
        began = perf_counter()
        vectors = self._encoder.encode([title])
        encoded = perf_counter()
        self._index.search(vectors, NEAREST)
        found = perf_counter()
        self._ask(self._statements[title])
        ended = perf_counter()
        into.encode.append(encoded - began)
        into.faiss.append(found - encoded)
        into.words.append(ended - found)

    def _ask(self, statements: Sequence[Statement]) -> None:
        with closing(self._connection.cursor()) as cursor:
            for statement, values in statements:
                cursor.execute(statement, values)
                cursor.fetchall()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def open_vectors(folder: Path) -> Any:  # Any: faiss ships no types
    """Open the current base as FAISS does, on one thread; with as many lists as the product."""
    faiss.omp_set_num_threads(1)
    generation = folder / current_name(folder)
    index: Any = faiss.read_index(str(generation / VECTORS), faiss.IO_FLAG_MMAP_IFC)
    if probes := read_manifest(generation).probes:
        index.nprobe = probes
    return index
