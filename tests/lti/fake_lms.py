"""An LMS's services as a real HTTP server on the loopback, which answers what a test wants."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.conftest import NOON


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # with the query
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: object = b""  # bytes, or what becomes JSON
    headers: tuple[tuple[str, str], ...] = ()
    after_seconds: float = 0
    date: str | None = format_datetime(NOON, usegmt=True)


Route = Callable[[Request], Answer]


@dataclass
class FakeLms:
    """Routes by path (before "?"), and what was asked for."""

    url: str
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    def answer(self, path: str, *answers: Answer) -> None:
        """Give these answers in turn; the last one again and again."""
        left = list(answers)
        self.routes[path] = lambda _request: left.pop(0) if len(left) > 1 else left[0]

    def asked_for(self, path: str) -> list[Request]:
        return [request for request in self.asked if request.path.partition("?")[0] == path]


@contextmanager
def fake_lms() -> Iterator[FakeLms]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.lms = FakeLms(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.lms  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def _talk(self) -> None:
        lms: FakeLms = self.server.lms  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        lms.asked.append(request)
        route = lms.routes.get(self.path.partition("?")[0])
        answer = route(request) if route else Answer(404)
        time.sleep(answer.after_seconds)
        sent = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response_only(answer.status)
        if answer.date:
            self.send_header("Date", answer.date)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        with suppress(OSError):  # the client did not wait
            self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_DELETE = _talk  # noqa: N815 - http.server's names

    def log_message(self, *_args: object) -> None:
        pass
