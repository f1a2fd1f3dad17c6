"""The encoder of this process: opened beside the work, never waited for longer than people notice.

A look-up encodes on a thread of its own, and looks there for what is near; meanwhile it asks for
words, and goes on with words alone when the rest is late. Three late ones in a row count as a
hanging model: it is left alone for a while and then tried again. What was missing or damaged is
opened as soon as it is repaired. Look-ups share the encoder: see shared_encoder.py.

When another model is put in place it is opened beside the one that serves, and takes over when it
is open. A look-up goes with the encoder that it began with, so it never mixes vectors of two.
"""

import _thread
import ctypes
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import structlog
from numpy.typing import NDArray

from indexer.artefact import PROVENANCE
from indexer.encoder import OnnxEncoder
from indexer.errors import EncodingFailed, ModelMissing, ModelUnavailable
from indexer.ports import Encoder
from peerqa.search.shared_encoder import SharedEncoder, Superseded

LOOK_AGAIN_SECONDS = 2.0  # between looks at a model that could not be opened
REST_SECONDS = 5.0  # that a hanging model is left alone
LATE_IN_A_ROW = 3

_Mark = tuple[int, int]  # file and time of a provenance: another model has another

Vectors = NDArray[np.float32]
Near = TypeVar("Near")

log = structlog.get_logger()


class Encoding(Generic[Near]):
    """What is near, on its way."""

    def __init__(self, encode: Callable[[], Vectors], look: Callable[[Vectors], Near]) -> None:
        self._encode = encode
        self._look = look
        self._near: Near | None = None
        self._done = threading.Event()
        self._begun = time.monotonic()
        # Thread.start() would wait until the other has begun: milliseconds on a busy machine.
        _thread.start_new_thread(self._run, ())

    def _run(self) -> None:
        try:
            self._near = self._look(self._encode())
        except Superseded:
            log.debug("encoder.superseded")
        except EncodingFailed as error:
            log.warning("encoder.failed", reason=str(error))
        finally:
            self._done.set()

    def wait(self, seconds: float) -> Near | None:
        """Return what is near, or None when it failed or is not there in time.

        Args:
            seconds: from the beginning of the encoding, not from this call.
        """
        left = seconds - (time.monotonic() - self._begun)
        return self._near if self._done.wait(max(left, 0.0)) else None

    @property
    def is_late(self) -> bool:
        """Whether it still runs."""
        return not self._done.is_set()


class EncoderKeeper:
    """Keeps the process's encoder open, and knows why when it is not."""

    def __init__(self, folder: Path, *, timeout_seconds: float, lanes: int = 1) -> None:
        """Keep the encoder of a model folder.

        Args:
            folder: of the prepared model.
            timeout_seconds: that a look-up waits for its vectors.
            lanes: encodings that may run at the same time.
        """
        self._folder = folder
        self._timeout_seconds = timeout_seconds
        self._lanes = lanes
        self._encoder: Encoder | None = None
        self._shared: SharedEncoder | None = None
        self._problem = "loading"
        self._opening = threading.Lock()
        self._next_look = 0.0
        self._opener: threading.Thread | None = None
        self._late_count = 0
        self._resting_until = 0.0
        self._opened: _Mark | None = None  # what is open; None: given from outside, and kept

    def use(self, encoder: Encoder) -> None:
        """Take an encoder that is open already."""
        self._encoder, self._problem, self._opened = encoder, "ready", None

    def begin(
        self,
        encoder: Encoder,
        texts: Sequence[str],
        look: Callable[[Vectors], Near],
        *,
        typing: str | None = None,
    ) -> Encoding[Near] | None:
        """Start encoding beside the caller; None when the model is left alone now.

        Args:
            encoder: as `find` gave it; by now another may be in its place.
            texts: what was typed.
            look: takes the vectors, on the thread that encodes: it must not use the caller's
                database session.
            typing: see SharedEncoder.encode.
        """
        if time.monotonic() < self._resting_until:
            return None
        shared = self._shared
        if shared is None or shared.encoder is not encoder:
            shared = self._shared = SharedEncoder(encoder, lanes=self._lanes)
        return Encoding(lambda: shared.encode(texts, typing=typing), look)

    def finish(self, encoding: Encoding[Near]) -> Near | None:
        """Return what is near in time, or None."""
        near = encoding.wait(self._timeout_seconds)
        if near is not None:
            self._late_count = 0
        elif encoding.is_late:
            self._late_count += 1
            log.warning("encoder.late", in_a_row=self._late_count)
            if self._late_count >= LATE_IN_A_ROW:
                self._resting_until = time.monotonic() + REST_SECONDS
        return near

    def find(self) -> Encoder | None:
        """Return the encoder when it is open, or will be in a moment; else None.

        Nobody waits longer for the opening than for an encoding: the first who types after a
        start, or after the model was prepared, is answered by meaning too.
        """
        if self._encoder is None:
            self.open_beside().join(self._timeout_seconds)
        elif self._opened is not None and time.monotonic() >= self._next_look:
            self.open_beside()
        return self._encoder

    def open_beside(self) -> threading.Thread:
        """Have the model in place opened on a thread of its own, unless it was just looked for."""
        if self._opener is None or time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_AGAIN_SECONDS
            if self._opener is None or not self._opener.is_alive():
                self._opener = threading.Thread(target=self._try, name="open encoder", daemon=True)
                self._opener.start()
        return self._opener

    def open(self) -> Encoder:
        """Return the encoder, opened now; for workers and commands.

        Raises:
            ModelUnavailable: with what to do.
        """
        with self._opening:
            mark = _mark_of(self._folder)  # before: what is replaced meanwhile is opened again
            present = self._encoder
            if present is not None and (self._opened is None or mark in (None, self._opened)):
                return present
            try:
                encoder: Encoder = OnnxEncoder.open(self._folder)
            except ModelUnavailable as error:
                if present is None:
                    self._problem = "missing" if isinstance(error, ModelMissing) else "damaged"
                    raise
                self._opened = mark  # what came cannot be used: serve on, until another comes
                log.warning("encoder.not_replaced", reason=str(error))
                return present
            if present is None or present.model != encoder.model:
                self._encoder = encoder
                if present is not None:
                    log.info("encoder.replaced", before=present.model, after=encoder.model)
            self._opened, self._problem = mark, "ready"
            give_memory_back()
            return self._encoder or encoder

    def state(self) -> str:
        """Return ready, loading, missing, damaged or hanging."""
        if time.monotonic() < self._resting_until:
            return "hanging"
        return self._problem

    def _try(self) -> None:
        if self._problem != "loading" and not (self._folder / PROVENANCE).exists():
            return
        before = self._problem
        try:
            self.open()
        except ModelUnavailable as error:
            if self._problem != before:
                log.warning("encoder.unavailable", reason=str(error))


def _mark_of(folder: Path) -> _Mark | None:
    """Return what tells the model in place from any other; None when there is none."""
    try:
        found = (folder / PROVENANCE).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def give_memory_back() -> None:
    """Return to the system what was taken and freed: with glibc 7 to 9 MB after opening a model."""
    with suppress(OSError, AttributeError):  # another C library has no such function
        ctypes.CDLL(None).malloc_trim(0)
