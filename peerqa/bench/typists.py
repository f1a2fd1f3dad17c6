"""Part `typists`: eight people who type titles at the same time, over HTTP.

Each types by the clock, faster than anybody does, and asks at every word as the page does, without
waiting for the answer to the word before. While the encoder is busy a later look-up takes the place
of an earlier one, which then answers by words. How many were answered by meaning is compared with
what the encoder alone, with as many lanes, gets done of the same typing: no search, no database,
no page. Then eight programs ask as fast as they are answered, turn about with as many bare look-ups
(the floor) on as many threads as there are lanes.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from queue import SimpleQueue
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlencode

from peerqa import identity
from peerqa.bench import processes
from peerqa.bench.floor import Floor, FloorTimes
from peerqa.bench.ground import Ground
from peerqa.bench.looking import heard
from peerqa.bench.serving import Caller, until_by_meaning
from peerqa.bench.times import percentiles, timed
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.gate import COOKIE
from peerqa.models import Member
from peerqa.search.shared_encoder import SharedEncoder, Superseded

PEOPLE = 8
WORD_SECONDS = 0.25  # between two words: 240 a minute
FEWEST_WORDS = 3
TITLES = 8  # that each of them types: a quarter of a minute
AT_ONCE = 4  # requests of one browser that may be on their way
ROUNDS = 3  # of going flat out
_BY_WORDS = b"Found by words only"

Ask = Callable[[str, str], bool]  # key of the title, what was typed → whether by meaning
Typing = Sequence[tuple[str, str]]  # what one person asks, word by word


@dataclass
class Tally:
    """What came of it."""

    by_meaning: int = 0
    seconds: list[float] = field(default_factory=list)  # from the word to its answer
    lasted: float = 0.0  # seconds from the first word to the last answer
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float, *, by_meaning: bool) -> None:
        """Count one look-up."""
        with self._lock:
            self.by_meaning += by_meaning
            self.seconds.append(seconds)

    @property
    def per_second(self) -> float:
        """Look-ups answered by meaning in a second, until the last of them was."""
        return self.by_meaning / self.lasted


class Browser:
    """Asks as the page does, signed in; each thread has a connection of its own."""

    def __init__(self, ground: Ground, port: int) -> None:
        self._port = port
        self._own = threading.local()
        with transaction() as session:
            member = session.get_one(Member, ground.member_id)
            token = identity.sign_in(session, member, at=utc_now()).token
        self._headers = {"Cookie": f"{COOKIE}={token}", "HX-Request": "true"}

    def ask(self, key: str, typed: str) -> bool:
        """Ask for what is similar; returns whether it was found by meaning."""
        if not hasattr(self._own, "connection"):
            self._own.connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection: HTTPConnection = self._own.connection
        query = urlencode({"title": typed, "look_up": key})
        connection.request("GET", f"/ask/similar?{query}", headers=self._headers)
        reply = connection.getresponse()
        content = reply.read()
        return reply.status == 200 and _BY_WORDS not in content


def measure(ground: Ground) -> dict[str, object]:
    """Start the server, and type."""
    lanes = os.cpu_count() or 1
    ground.tell(f"{PEOPLE} people type at the same time.")
    count = min(TITLES, len(ground.typed) // (2 * PEOPLE) or 1)
    people = [list(typing(ground.typed[n : count * PEOPLE : PEOPLE])) for n in range(PEOPLE)]
    with processes.served(ground.home / "typists.log") as (process, port):
        caller = Caller(port, ground.token)
        until_by_meaning(caller, ground.typed[0], process=process)
        browser = Browser(ground, port)
        product = type_by_the_clock(browser.ask, people)
        alone = type_by_the_clock(encoder_alone(ground, lanes), people)
        flat_out = _flat_out(ground, port, ground.typed[count * PEOPLE :], lanes)
    return {
        "typists": {
            "people": PEOPLE,
            "asked_per_second": round(PEOPLE / WORD_SECONDS, 1),
            "per_second": round(product.per_second, 1),
            "limit_per_second": round(alone.per_second, 1),
            "ratio": round(product.per_second / alone.per_second, 3),
            **percentiles(product.seconds),
            "flat_out": flat_out,
        }
    }


def typing(titles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give what stands in the field after each word, as soon as there are enough of them."""
    for number, title in enumerate(titles):
        words = title.split()
        for count in range(min(FEWEST_WORDS, len(words)), len(words) + 1):
            yield f"title {number}", " ".join(words[:count])


def type_by_the_clock(ask: Ask, people: Sequence[Typing]) -> Tally:
    """Have every person type by the clock, and ask at each word.

    Args:
        ask: may be called by many threads.
        people: what each of them types.
    """
    tally, began = Tally(), perf_counter()

    def ask_once(person: int, due: float, key: str, typed: str) -> None:
        by_meaning = ask(f"{person} {key}", typed)
        tally.add(perf_counter() - due, by_meaning=by_meaning)

    def type_all(person: int) -> None:
        with ThreadPoolExecutor(AT_ONCE) as asking:
            waiting = []
            for place, (key, typed) in enumerate(people[person]):
                due = began + (place + person / len(people)) * WORD_SECONDS
                sleep(max(0.0, due - perf_counter()))
                waiting.append(asking.submit(ask_once, person, due, key, typed))
            for each in waiting:
                each.result()

    with ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(type_all, range(len(people))))
    tally.lasted = perf_counter() - began
    return tally


def encoder_alone(ground: Ground, lanes: int) -> Ask:
    """Return what encodes what was typed and does nothing else."""
    shared = SharedEncoder(ground.encoder, lanes=lanes)

    def ask(key: str, typed: str) -> bool:
        try:
            shared.encode([typed], typing=key)
        except Superseded:
            return False
        return True

    return ask


def _flat_out(ground: Ground, port: int, titles: Sequence[str], lanes: int) -> dict[str, float]:
    """Look different titles up as fast as can be, and do the bare look-ups beside it."""
    statements = heard(ground)
    own = threading.local()
    free = SimpleQueue[Floor]()
    for _ in range(lanes):
        free.put(Floor(ground, statements))

    def look_up(title: str) -> None:
        if not hasattr(own, "caller"):
            own.caller = Caller(port, ground.token)
        own.caller.similar(title)

    def bare(title: str) -> None:
        floor = free.get()
        floor.measure(title, FloorTimes())
        free.put(floor)

    def rate(act: Callable[[str], None], threads: int, chosen: Sequence[str]) -> float:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(act, chosen[:threads]))  # connections are made
            return len(chosen) / timed(lambda: list(pool.map(act, chosen)))[1]

    rounds = [
        (rate(look_up, PEOPLE, titles[n::ROUNDS]), rate(bare, lanes, titles[n::ROUNDS]))
        for n in range(ROUNDS)
    ]
    return {
        "per_second": round(median(mine for mine, _ in rounds), 1),
        "bare_per_second": round(median(least for _, least in rounds), 1),
        "ratio": round(median(mine / least for mine, least in rounds), 3),
    }
