"""What the indexer asks of the outside, an encoder, and what a look-up asks of it, an index."""

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.nearest import Gathered, Neighbour


class Encoder(Protocol):
    """Turns text into vectors that are near when the meanings are near."""

    @property
    def model(self) -> str:
        """Identity, `name@digest`: it changes whenever the vectors may change."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text.

        Returns:
            float32, shape (len(texts), dimension); rows have Euclidean length 1,
            so an inner product is a cosine, in [-1, 1].

        Raises:
            EncodingFailed: the model could not be run.
        """


class Index(Protocol):
    """The vectors of one organization, as they are now."""

    model: str

    beside: ClassVar[bool]
    """Whether it may be searched on another thread than that of the look-up."""

    def search(
        self, query: NDArray[np.float32], *, k: int, exclude: Collection[int] | None = None
    ) -> list[Neighbour]:
        """Return the k nearest questions, each once, by its nearest vector.

        Args:
            query: float32, shape (dimension,), length 1.
            k: at least 1; fewer are returned only when there are fewer.
            exclude: questions to leave out.

        Returns:
            Descending similarity; ties by smaller owner.
        """

    def gather(self, owners: Iterable[int]) -> Gathered:
        """Return all vectors of the questions, to compare when the query is there."""

    def similarities(self, query: NDArray[np.float32], owners: Iterable[int]) -> dict[int, float]:
        """Return the best similarity of each of the questions that has a vector."""

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all vectors that can be found, ascending."""
