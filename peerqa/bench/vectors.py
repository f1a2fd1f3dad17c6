"""One index of many vectors, alone: no texts, no database, no pages.

The vectors are mixtures of truly encoded texts, made again whenever they are asked for, so that a
million of them never stand in memory. Building and looking up are done in processes of their own,
whose memory is then theirs alone; the look-ups are new titles, truly encoded, and what they should
find is found by comparing them with every row in 32 bits.
"""

import resource
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import monotonic, perf_counter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.faiss_index import OrganizationIndex, write_base
from indexer.generation import COLUMNS, EXACT, VECTORS, current_name, read_manifest
from indexer.lists import NEAREST, TrueNeighbours
from indexer.ports import Encoder
from peerqa.bench.filling import mix, mixing_weights
from peerqa.bench.ground import SEED
from peerqa.bench.speech import Speech, company_sayings, company_titles
from peerqa.bench.times import percentiles
from peerqa.search.engine import CONSIDERED, SearchEngine
from peerqa.temporary_home import MakeApp, Tell, temporary_home

CHUNK = 10_000
REAL_TITLES, REAL_TEXTS = 2_000, 1_000  # encoded, and mixed from
MODEL = "mixtures"
SYNTHETIC = (
    "{count:,} vectors are mixtures of two or three of {real:,} truly encoded texts, with noise; "
    "texts are made up from the demo company's vocabulary with a fixed seed. What was looked up "
    "are {look_ups:,} new titles, truly encoded. Files were in the page cache."
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Result = TypeVar("Result")


class Mixtures(Sequence[Floats]):
    """So many vectors, in chunks; the same ones each time."""

    def __init__(self, real: Floats, count: int) -> None:
        self._real = real
        self._count = count
        self.seconds = 0.0  # spent on making them

    def __len__(self) -> int:
        return -(-self._count // CHUNK)

    def __getitem__(self, place: int) -> Floats:  # type: ignore[override]  # no slices
        if not 0 <= place < len(self):
            raise IndexError(place)
        began = perf_counter()
        count = min(CHUNK, self._count - place * CHUNK)
        random = np.random.default_rng((SEED, place))
        chosen = random.integers(len(self._real), size=(count, 3))
        mixed = mix(random, self._real[chosen], mixing_weights(random, count))
        self.seconds += perf_counter() - began
        return mixed


@dataclass(frozen=True)
class Memory:
    """Of this process, in bytes."""

    rss: int
    pss: int
    private: int  # of no file

    @classmethod
    def now(cls) -> "Memory":
        """Read it."""
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
        sizes = {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines}
        return cls(sizes["Rss"], sizes["Pss"], sizes["Anonymous"])


@dataclass(frozen=True)
class Looked:
    """What came of the look-ups."""

    first_answer_seconds: float  # from opening
    seconds: list[float]
    found: Ints  # shape (look-ups, NEAREST)
    before: Memory
    after: Memory


def measure_vectors(
    make_app: MakeApp, count: int, look_ups: int, tell: Tell
) -> Mapping[str, object]:
    """Build, look up, and compare.

    Raises:
        ModelUnavailable: there is nothing to encode with.
    """
    began = monotonic()
    with temporary_home(make_app, prefix="peerqa-bench-") as app:
        engine = app.extensions["peerqa.search"]
        assert isinstance(engine, SearchEngine)
        tell(f"Encoding {REAL_TITLES + REAL_TEXTS + look_ups:,} texts.")
        real, queries = encoded(engine.encoders.open(), look_ups)
        folder = app.extensions["peerqa.settings"].home / "vectors"
        tell(f"Building an index of {count:,} vectors.")
        build_seconds, peak_bytes = _in_a_process(build, folder, real, count)
        tell("Looking up.")
        looked = _in_a_process(look_up, folder, queries)
        tell("Comparing with every row.")
        truth = nearest_of_all(Mixtures(real, count), queries)
        figures = {
            **_figures(folder, looked, count),
            "recall_at_10": round(recall(looked.found, truth), 4),
            "build_s": round(build_seconds, 1),
            "build_peak_mb": round(peak_bytes / 2**20),
        }
    return {
        "vectors_only": figures,
        "synthetic": SYNTHETIC.format(count=count, real=len(real), look_ups=look_ups),
        "seconds": round(monotonic() - began, 1),
    }


def build(folder: Path, real: Floats, count: int) -> tuple[float, int]:
    """Save a base; returns seconds without those of making vectors, and memory at its peak."""
    mixtures = Mixtures(real, count)
    began = perf_counter()
    write_base(
        folder,
        model=MODEL,
        dimension=real.shape[1],
        revision=1,
        ids=np.arange(count),
        owners=np.arange(count),
        vectors=mixtures,
    )
    seconds = perf_counter() - began - mixtures.seconds
    return seconds, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def look_up(folder: Path, queries: Floats) -> Looked:
    """Open the base, look everything up as the product does, and say what it took."""
    OrganizationIndex.empty(model=MODEL, dimension=queries.shape[1]).search(queries[0], k=1)
    before = Memory.now()
    began = perf_counter()
    index = OrganizationIndex.open(folder, model=MODEL, dimension=queries.shape[1])
    index.search(queries[0], k=CONSIDERED)
    first = perf_counter() - began
    seconds, found = [], []
    for query in queries:
        began = perf_counter()
        neighbours = index.search(query, k=CONSIDERED)
        seconds.append(perf_counter() - began)
        found.append([each.owner for each in neighbours[:NEAREST]])
    return Looked(first, seconds, np.array(found, np.int64), before, Memory.now())


def nearest_of_all(chunks: Sequence[Floats], queries: Floats) -> Ints:
    """Return the rows that are truly nearest to each query, by comparing every row."""
    neighbours, start = TrueNeighbours(queries), 0
    for chunk in chunks:
        neighbours.pass_by(chunk, start)
        start += len(chunk)
    return neighbours.positions


def recall(found: Ints, truth: Ints) -> float:
    """Return the share of the true neighbours that were found."""
    pairs = zip(found, truth, strict=True)
    return sum(len(np.intersect1d(a, b)) for a, b in pairs) / truth.size


def encoded(encoder: Encoder, look_ups: int) -> tuple[Floats, Floats]:
    """Return vectors to mix from, and those to look up."""
    random = Random(SEED)  # noqa: S311 - reproducible, not secret
    asking, telling = Speech(company_titles()), Speech(company_sayings())
    titles = [asking.title(random) for _ in range(REAL_TITLES + look_ups)]
    texts = [telling.text(random, about=title) for title in titles[:REAL_TEXTS]]
    real = encoder.encode([*titles[:REAL_TITLES], *texts])
    return real, encoder.encode(titles[REAL_TITLES:])


def _in_a_process(act: Callable[..., Result], *arguments: object) -> Result:
    """Have a new process do it, so that its memory is of nothing else."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(act, *arguments).result()


def _figures(folder: Path, looked: Looked, count: int) -> dict[str, object]:
    generation = folder / current_name(folder)
    manifest = read_manifest(generation)
    sizes = {name: manifest.files[name]["bytes"] for name in manifest.files}
    private = looked.after.private - looked.before.private
    return {
        "vectors": count,
        "dimension": manifest.dimension,
        "lists": manifest.lists,
        "probes": manifest.probes,
        "look_ups": len(looked.seconds),
        "look_up": percentiles(looked.seconds),
        "first_answer_s": round(looked.first_answer_seconds, 2),
        "resident_bytes_a_vector": round((sizes[VECTORS] + sizes[COLUMNS] + private) / count, 1),
        "rss_bytes_a_vector": round((looked.after.rss - looked.before.rss) / count, 1),
        "pss_bytes_a_vector": round((looked.after.pss - looked.before.pss) / count, 1),
        "private_bytes_a_vector": round(private / count, 1),
        "read_not_mapped_bytes_a_vector": round(sizes.get(EXACT, 0) / count, 1),
        "disk_bytes_a_vector": round(sum(sizes.values()) / count, 1),
        "rss_mb": round(looked.after.rss / 2**20),
        "pss_mb": round(looked.after.pss / 2**20),
    }
