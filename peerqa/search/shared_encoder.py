"""One encoder for all look-ups of a process: they take turns, and nothing is encoded twice.

More encodings at once than cores only make each of them slower, so look-ups queue for a lane, in
their order; one that comes alone waits for nothing. What was encoded lately is remembered by the
hash of its text, never the text: the same question asked by many, or a key typed and taken back,
costs nothing. Who has typed on no longer waits for what they typed before.

Those that wait are not put together into one batch. An int8 model scales its activations by all
texts of a batch, so the vector of a title would depend on what others type at that moment: over
320 questions the cosine with the vector of the text alone was .993 on average and .98 at worst,
and four together were only 1.2 times as quick as one by one, eight no quicker than four.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EncodingFailed
from indexer.ports import Encoder

MOST_REMEMBERED = 1_000  # vectors: 1.5 MB at 384 dimensions

Vectors = NDArray[np.float32]


class Superseded(EncodingFailed):
    """The person has typed on, so nobody waits for these vectors."""


@dataclass(eq=False)
class _Turn:
    """A look-up that waits for a lane."""

    typing: str | None
    is_superseded: bool = False


class SharedEncoder:
    """Encodes for many threads, a text at a time."""

    def __init__(self, encoder: Encoder, *, lanes: int) -> None:
        """Take turns at an encoder.

        Args:
            encoder: may be used by several threads.
            lanes: encodings that may run at the same time.
        """
        self.encoder = encoder
        self._free_lanes = lanes
        self._changed = threading.Condition()
        self._waiting: list[_Turn] = []
        self._remembered: OrderedDict[bytes, Vectors] = OrderedDict()

    def encode(self, texts: Sequence[str], *, typing: str | None = None) -> Vectors:
        """Return one row per text, as `Encoder.encode` does.

        Args:
            texts: at least one.
            typing: what joins the look-ups of one person at one title; a later one takes the
                place of an earlier one that still waits.

        Raises:
            EncodingFailed: the model could not be run.
            Superseded: a later look-up took the place of this one.
        """
        rows = [self._find(_key(text)) for text in texts]
        if any(row is None for row in rows):
            self._take_lane(typing)
            try:
                rows = [self._encode(text) for text in texts]
            finally:
                self._leave_lane()
        return np.concatenate([row for row in rows if row is not None])

    def _find(self, key: bytes) -> Vectors | None:
        with self._changed:
            if key in self._remembered:
                self._remembered.move_to_end(key)
            return self._remembered.get(key)

    def _encode(self, text: str) -> Vectors:
        key = _key(text)
        row = self._find(key)  # whoever had the lane before may have asked the same
        if row is None:
            row = self.encoder.encode([text])
            with self._changed:
                self._remembered[key] = row
                if len(self._remembered) > MOST_REMEMBERED:
                    self._remembered.popitem(last=False)
        return row

    def _take_lane(self, typing: str | None) -> None:
        turn = _Turn(typing)
        with self._changed:
            for earlier in self._waiting:
                earlier.is_superseded |= typing is not None and earlier.typing == typing
            self._waiting.append(turn)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: turn.is_superseded or (self._free_lanes and self._waiting[0] is turn)
            )
            self._waiting.remove(turn)
            self._changed.notify_all()  # there may be a lane for the next one too
            if turn.is_superseded:
                raise Superseded("Something later was typed.")
            self._free_lanes -= 1

    def _leave_lane(self) -> None:
        with self._changed:
            self._free_lanes += 1
            self._changed.notify_all()


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
