"""Part `similar`: a look-up inside a process, against its floor."""

import gc
from collections import Counter

from peerqa.bench.floor import Floor, FloorTimes, WordsStatements
from peerqa.bench.ground import Ground, Statement
from peerqa.bench.times import beside, timed, turn_about
from peerqa.database import db
from peerqa.models import Member
from peerqa.search.hits import Found, Reader, reader_of

WARM_UP = 40  # look-ups before any is measured


def measure(ground: Ground) -> dict[str, object]:
    """Look everything up in this process and on the floor, turn about."""
    ground.tell(f"Looking up {len(ground.typed)} titles in this process.")
    gc.collect()
    gc.freeze()  # the corpus: no process of the product drags it through every collection
    reader = _reader(ground)
    floor = Floor(ground, heard(ground, reader))
    seconds, times, seen = list[float](), FloorTimes(), Counter[str]()

    def product(title: str) -> None:
        found, took = timed(lambda: look_up(ground, reader, title))
        seconds.append(took)
        seen["with hits"] += bool(found.hits)
        seen["by words only"] += found.by_words_only

    for title in ground.typed[:WARM_UP]:
        floor.measure(title, FloorTimes())
        look_up(ground, reader, title)
    turn_about(ground.typed, product, lambda title: floor.measure(title, times))
    floor.close()
    return {
        "similar_in_process": {
            **beside(seconds, times.total),
            "look_ups": len(seconds),
            "with_hits": seen["with hits"],
            "by_words_only": seen["by words only"],
        },
        "floor": times.as_json(),
    }


def look_up(ground: Ground, reader: Reader, title: str) -> Found:
    """Look a title up as a request does: its own context, its own session."""
    with ground.app.app_context():
        return ground.engine.similar(db.session(), reader, title=title)


def heard(ground: Ground, reader: Reader | None = None) -> dict[str, list[Statement]]:
    """Return what the words index was asked for each title; looked up once in a run."""
    reader = reader or _reader(ground)
    for title in ground.typed:
        if title not in ground.statements:
            with WordsStatements() as listening:
                look_up(ground, reader, title)
            ground.statements[title] = listening.heard
    return ground.statements


def _reader(ground: Ground) -> Reader:
    session = db.session()
    reader = reader_of(session.get_one(Member, ground.member_id))
    session.rollback()
    return reader
