"""Part `pages`: a question, a list, asking and answering over HTTP, in a company of some size.

As many web processes as the machine has cores; eight people, signed in, each on a connection of
their own, do one thing after the other without a pause, so what it takes to ask is in every figure.
Turn about with that the same server says a page of that size and does nothing else: the floor. The
worker indexes what is asked and answered meanwhile. CPU is of the web processes, for one request;
it hardly minds who else uses the machine.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from peerqa import identity
from peerqa.bench import processes
from peerqa.bench.ground import SEED, Ground
from peerqa.bench.pressing import Pressed, Request, get, post, press
from peerqa.bench.serving import Caller, until_by_meaning
from peerqa.bench.still import still
from peerqa.bench.times import p99_ms, percentiles
from peerqa.bench.widening import ANSWERS, widen
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.gate import COOKIE, instance_key
from peerqa.models import Member
from peerqa.settings import read_settings

PEOPLE = 8
ROUNDS = 3
SECONDS, FLOOR_SECONDS, WARM_SECONDS = 5.0, 2.0, 2.0
SYNTHETIC = (
    "{answers:,} answers: three of four are copies of those to other questions, rows alone. "
    "Comments, votes, topics and pictures there are none."
)


@dataclass(frozen=True)
class Reader:
    """Somebody who is signed in."""

    cookie: str
    csrf: str


@dataclass
class Beside:
    """The product's rounds, and those of the floor between them."""

    product: Pressed = field(default_factory=Pressed)
    floor: Pressed = field(default_factory=Pressed)
    cpu_seconds: float = 0.0
    floor_cpu_seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Return what is promised of pages and writes, each beside its floor."""
        mine, least = self.product, self.floor
        cpu = 1000 * self.cpu_seconds / len(mine.seconds)
        floor_cpu = 1000 * self.floor_cpu_seconds / len(least.seconds)
        return {
            "per_second": round(mine.per_second, 1),
            **percentiles(mine.seconds),
            "p99_ms": p99_ms(mine.seconds),
            "cpu_ms": round(cpu, 2),
            "bytes": mine.largest_bytes,
            "outcomes": {str(status): count for status, count in mine.outcomes.items()},
            "floor_per_second": round(least.per_second, 1),
            "floor_p95_ms": percentiles(least.seconds)["p95_ms"],
            "floor_cpu_ms": round(floor_cpu, 2),
            "ratio": round(mine.per_second / least.per_second, 3),
        }


def measure(ground: Ground) -> dict[str, object]:
    """Start both servers, and do each thing turn about."""
    widen(ground)
    web = os.cpu_count() or 1
    readers = _sign_in(ground)
    figures: dict[str, object] = {"people": PEOPLE, "web_processes": web}
    log = ground.home / "pages.log"
    with (
        processes.served(log, web=web) as (process, port),
        still(read_settings(), ground.home / "still.log", processes=web) as (floor, floor_port),
    ):
        until_by_meaning(Caller(port, ground.token), ground.typed[0], process=process)
        for name, request in _kinds(ground, readers).items():
            ground.tell(f"{PEOPLE} people at once: {name}.")
            figures[name] = _turn_about(
                request, port, process.pid, floor_port, floor
            ).as_json()  # fmt: skip
    return {
        "pages": figures,
        "pages_synthetic": SYNTHETIC.format(answers=ANSWERS * ground.sizes.questions),
    }


def _sign_in(ground: Ground) -> Sequence[Reader]:
    with ground.app.app_context(), transaction() as session:
        found = []
        for member_id in range(ground.member_id, ground.member_id + PEOPLE):
            made = identity.sign_in(session, session.get_one(Member, member_id), at=utc_now())
            csrf = identity.csrf_token(instance_key(), made.row)
            found.append(Reader(f"{COOKIE}={made.token}", csrf))
        return found


def _kinds(ground: Ground, readers: Sequence[Reader]) -> dict[str, Request]:
    """Return what is sent, of each kind; no two of what is written are the same."""
    threads = ground.threads
    order = list(range(len(threads)))
    Random(SEED).shuffle(order)  # noqa: S311 - reproducible, not secret

    def thread_of(person: int, number: int) -> int:
        return order[(number * PEOPLE + person) % len(order)]

    def question(person: int, number: int) -> bytes:
        wanted = threads[thread_of(person, number)]
        return get(f"/questions/{wanted.question_id}", readers[person].cookie)

    def listed(person: int, number: int) -> bytes:
        path = "/" if number % 2 else f"/spaces/{1 + number // 2 % 4}"
        return get(path, readers[person].cookie)

    def ask(person: int, number: int) -> bytes:
        text = threads[thread_of(person, number)]
        title = re.sub(r"\W*$", f" in case {person}.{number}?", text.title[:120])
        form = {"title": title, "body": text.body, "space": "1", "step": "post",
                "csrf_token": readers[person].csrf}  # fmt: skip
        return post("/ask", readers[person].cookie, form)

    def answer(person: int, number: int) -> bytes:
        text = threads[thread_of(person, number)]
        form = {"body": f"{text.answer} ({number})", "csrf_token": readers[person].csrf}
        path = f"/questions/{text.question_id}/answers"
        return post(path, readers[person].cookie, form)

    return {"question": question, "list": listed, "ask": ask, "answer": answer}


def _turn_about(
    request: Request, port: int, pid: int, floor_port: int, floor_pid: int
) -> Beside:  # fmt: skip
    beside = Beside()
    mine, least = processes.web_processes(pid), processes.web_processes(floor_pid)
    done = press(port, request, people=PEOPLE, seconds=WARM_SECONDS)
    start, size = len(done.seconds), done.largest_bytes

    def small(_person: int, _number: int) -> bytes:
        return get(f"/{size}")

    press(floor_port, small, people=PEOPLE, seconds=WARM_SECONDS / 4)
    for _ in range(ROUNDS):
        pressed, cpu = _with_cpu(
            mine,
            lambda: press(port, request, people=PEOPLE, seconds=SECONDS, start=start),  # noqa: B023
        )
        start += len(pressed.seconds)
        beside.product.add(pressed)
        beside.product.lasted += pressed.lasted
        beside.cpu_seconds += cpu
        stood, cpu = _with_cpu(
            least, lambda: press(floor_port, small, people=PEOPLE, seconds=FLOOR_SECONDS)
        )
        beside.floor.add(stood)
        beside.floor.lasted += stood.lasted
        beside.floor_cpu_seconds += cpu
    return beside


def _with_cpu(pids: Sequence[int], act: Callable[[], Pressed]) -> tuple[Pressed, float]:
    before = processes.cpu_seconds(pids)
    return act(), processes.cpu_seconds(pids) - before
