"""Part `served`: start, look-ups over HTTP and memory of a real `peerqa serve` on loopback."""

import json
from collections import Counter
from http.client import HTTPConnection, HTTPException, RemoteDisconnected
from subprocess import Popen
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from peerqa.bench import processes
from peerqa.bench.floor import Floor, FloorTimes
from peerqa.bench.ground import Ground
from peerqa.bench.looking import WARM_UP, heard
from peerqa.bench.processes import NotServing, until
from peerqa.bench.times import beside, timed, turn_about

LONGEST_START_SECONDS = 60.0


class Caller:
    """A program with a token, on one connection that is kept."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Authorization": f"Bearer {token}"}

    def similar(self, title: str) -> dict[str, Any]:  # Any: JSON
        """Look a title up.

        Raises:
            NotServing: the answer is another than 200.
        """
        path = "/api/v1/similar?" + urlencode({"title": title})
        try:
            status, content = self._get(path)
        except RemoteDisconnected:  # it was idle for too long
            self._connection.close()
            status, content = self._get(path)
        if status != 200:
            raise NotServing(f"/api/v1/similar answered {status}: {content[:200]!r}")
        found: dict[str, Any] = json.loads(content)
        return found

    def has_page(self) -> bool:
        """Whether the sign-in page is there."""
        try:
            return self._get("/sign-in")[0] == 200
        except (OSError, HTTPException):
            self._connection.close()
            return False

    def _get(self, path: str) -> tuple[int, bytes]:
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def until_by_meaning(caller: Caller, title: str, *, process: "Popen[bytes]") -> None:
    """Wait until the server answers, and looks up by meaning.

    Raises:
        NotServing: it does not come to that.
    """
    until(caller.has_page, process=process, seconds=LONGEST_START_SECONDS)
    until(
        lambda: not caller.similar(title)["by_words_only"],
        process=process,
        seconds=LONGEST_START_SECONDS,
    )


def measure(ground: Ground) -> dict[str, object]:
    """Start the server on the filled home, and call it."""
    log = ground.home / "serve.log"
    ground.tell("Starting peerqa serve.")
    try:
        with processes.served(log) as (process, port):
            return _measure(ground, process, Caller(port, ground.token), began=monotonic())
    except NotServing:
        ground.tell(log.read_text("utf-8", "replace")[-4000:])
        raise


def _measure(
    ground: Ground, process: "Popen[bytes]", caller: Caller, *, began: float
) -> dict[str, object]:
    until(caller.has_page, process=process, seconds=LONGEST_START_SECONDS)
    first_page = monotonic() - began
    until_by_meaning(caller, ground.typed[0], process=process)
    first_semantic = monotonic() - began
    figures = _look_ups(ground, caller)
    web = processes.web_processes(process.pid)
    memory = max(processes.memory_mb(pid) for pid in web)
    return {
        **figures,
        "web_process_mb": memory[0],
        "web_process_pss_mb": memory[1],
        "first_page_s": round(first_page, 2),
        "first_semantic_s": round(first_semantic, 2),
        "torch_free": not any(map(processes.has_torch, processes.family(process.pid))),
    }


def _look_ups(ground: Ground, caller: Caller) -> dict[str, object]:
    ground.tell(f"Looking up {len(ground.typed)} titles over HTTP.")
    floor = Floor(ground, heard(ground))
    seconds, times, seen = list[float](), FloorTimes(), Counter[str]()

    def product(title: str) -> None:
        found, took = timed(lambda: caller.similar(title))
        seconds.append(took)
        seen["with hits"] += bool(found["hits"])
        seen["by words only"] += found["by_words_only"]

    for title in ground.typed[:WARM_UP]:
        floor.measure(title, FloorTimes())
        caller.similar(title)
    turn_about(ground.typed, product, lambda title: floor.measure(title, times))
    floor.close()
    return {
        "similar_http": {
            **beside(seconds, times.total),
            "look_ups": len(seconds),
            "with_hits": seen["with hits"],
            "by_words_only": seen["by words only"],
        },
        "floor_beside_http": times.as_json(),
    }
