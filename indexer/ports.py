"""What the indexer asks of the outside: something that turns text into vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


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
