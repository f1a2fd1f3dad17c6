"""Asks a server as fast as it answers: so many people, each on a connection that is kept.

What a person sends is put together before the clock starts, and of the reply only status and length
are read, so that little of the machine goes to asking. It shares the cores with the server all the
same, as the aims of the pages say.
"""

import socket
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import urlencode

WAIT_SECONDS = 30.0
_END = b"\r\n\r\n"

Request = Callable[[int, int], bytes]  # number of the person, of the request → what is sent


class HungUp(ConnectionError):
    """The server ended the connection before it had answered."""


@dataclass
class Pressed:
    """What came of it."""

    seconds: list[float] = field(default_factory=list)  # of each request
    outcomes: Counter[int] = field(default_factory=Counter)  # status → how often
    largest_bytes: int = 0  # of a body
    lasted: float = 0.0  # seconds

    def add(self, other: "Pressed") -> None:
        """Count what another person or another round has seen; rounds follow each other."""
        self.seconds += other.seconds
        self.outcomes += other.outcomes
        self.largest_bytes = max(self.largest_bytes, other.largest_bytes)

    @property
    def per_second(self) -> float:
        """Requests answered in a second, all people together."""
        return len(self.seconds) / self.lasted


class Line:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, int]:
        """Send a request; returns status and length of the body.

        A connection that was idle for too long is opened anew, before anything is sent on it.

        Raises:
            HungUp: no reply came.
        """
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), WAIT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        received = self._receive(b"")
        while _END not in received:
            received = self._receive(received)
        head, _, body = received.partition(_END)
        status, length, is_kept = read_head(head)
        missing = length - len(body)
        while missing > 0:
            missing -= len(self._receive(b""))
        if not is_kept:
            self.close()
        return status, length

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _receive(self, before: bytes) -> bytes:
        assert self._socket is not None
        more = self._socket.recv(65536)
        if not more:
            self.close()
            raise HungUp("The server ended the connection.")
        return before + more


def read_head(head: bytes) -> tuple[int, int, bool]:
    """Return status, length of the body, and whether the connection is kept."""
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    is_kept = fields.get("connection", "").lower() != "close"
    return int(first.split()[1]), int(fields.get("content-length", 0)), is_kept


def get(path: str, cookie: str = "") -> bytes:
    """Return the request for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


def post(path: str, cookie: str, form: dict[str, str]) -> bytes:
    """Return the request that sends a form."""
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def press(port: int, request: Request, *, people: int, seconds: float, start: int = 0) -> Pressed:
    """Have so many people ask one after the other, all of them at once, until the time is over.

    Args:
        start: number of the first request of each.
    """

    def one(person: int) -> Pressed:
        line, seen, number = Line(port), Pressed(), start
        try:
            while perf_counter() < until:
                wanted = request(person, number)
                began = perf_counter()
                status, length = line.ask(wanted)
                seen.seconds.append(perf_counter() - began)
                seen.outcomes[status] += 1
                seen.largest_bytes = max(seen.largest_bytes, length)
                number += 1
        finally:
            line.close()
        return seen

    began = perf_counter()
    until = began + seconds
    with ThreadPoolExecutor(people) as threads:
        each: Sequence[Pressed] = list(threads.map(one, range(people)))
    together = Pressed(lasted=perf_counter() - began)
    for seen in each:
        together.add(seen)
    return together
