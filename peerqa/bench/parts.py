"""The parts of the benchmark, and one run of them. A new promise to keep is a further part."""

import os
import platform
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from time import monotonic

from sqlalchemy import text

from peerqa.bench import freshness, launching, looking, pages, routing, serving, typists
from peerqa.bench.filling import fill, index_for_real
from peerqa.bench.ground import Ground, Sizes, prepare
from peerqa.database import db
from peerqa.temporary_home import MakeApp, Tell, temporary_home

SYNTHETIC = (
    "Texts are made up from the demo company's vocabulary with a fixed seed. {encoded:,} of "
    "{questions:,} questions, with answers and passages, were indexed for real by the product; "
    "the vectors of the others are mixtures of 2-3 real ones with noise, written directly. "
    "{asked_again:,} of {look_ups:,} look-ups are titles of real ones with two words swapped; "
    "these are not mixed from. The other look-ups are new, so most of them find no answer."
)
FLOOR = (
    "encode the title + search the same FAISS base for 10 + the product's own words statements "
    "through the bare driver, one after the other on one thread, turn about with the product"
)

DISTRIBUTIONS = ("peerqa", "faiss-cpu", "onnxruntime", "sqlalchemy", "flask", "gunicorn")

Figures = Mapping[str, object]


@dataclass(frozen=True)
class Part:
    """Something that is measured on the filled ground."""

    name: str
    about: str
    measure: Callable[[Ground], Figures]


PARTS = (
    Part("similar", "look-ups inside a process", looking.measure),
    Part("served", "start, look-ups over HTTP and memory of peerqa serve", serving.measure),
    Part("freshness", "commit to found by another process", freshness.measure),
    Part("typists", "people who type at the same time, over HTTP", typists.measure),
    Part("launches", "LTI launches at a steady pace, over HTTP", launching.measure),
    Part("routing", "whom to ask about a question", routing.measure),  # adds to the ground
    Part("pages", "pages read and posts written, over HTTP", pages.measure),  # adds to the ground
)
INDEX = "index"  # measured while the ground is filled, so it is in every run


def run(make_app: MakeApp, sizes: Sizes, only: Collection[str], tell: Tell) -> Figures:
    """Measure in a home that is made for this run, and removed after it.

    Args:
        make_app: from the settings in the environment, which become those of this run.
        sizes: of the corpus.
        only: names of parts; all when empty.
        tell: hears how far it is.

    Raises:
        ModelUnavailable: there is nothing to encode with.
    """
    began = monotonic()
    with temporary_home(make_app, prefix="peerqa-bench-") as app:
        ground = prepare(app, sizes, tell)
        figures: dict[str, object] = {"index": index_for_real(ground).as_json()}
        chosen = [part for part in PARTS if part.name in only or not only]
        if chosen:
            figures["vectors"] = fill(ground)
        for part in chosen:
            figures |= part.measure(ground)
        figures |= _circumstances(ground)
    return {**figures, "seconds": round(monotonic() - began, 1)}


def _circumstances(ground: Ground) -> dict[str, object]:
    return {
        "sizes": {
            **asdict(ground.sizes),
            "encoded": ground.sizes.encoded,
            "asked_again": ground.sizes.asked_again,
        },
        "synthetic": SYNTHETIC.format(
            encoded=ground.sizes.encoded,
            questions=ground.sizes.questions,
            asked_again=ground.sizes.asked_again,
            look_ups=ground.sizes.look_ups,
        ),
        "floor_is": FLOOR,
        "versions": {
            "python": platform.python_version(),
            "sqlite": db.session().scalar(text("SELECT sqlite_version()")),
            **{name: _version(name) for name in DISTRIBUTIONS},
            "model": ground.encoder.model,
        },
        "cores": os.cpu_count(),
    }


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:  # a checkout on the path, not installed
        return None
