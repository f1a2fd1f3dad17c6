"""The floor of a page: the same server, with the same processes and threads, says so many bytes.

Nothing of PeerQA is asked: what it takes is what gunicorn and the connection take.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from peerqa.bench.processes import free_port, stop
from peerqa.settings import Settings

StartResponse = Callable[[str, list[tuple[str, str]]], object]


def app(environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
    """Answer with as many bytes as the path says, whatever else is sent."""
    size = int(str(environ["PATH_INFO"]).strip("/") or 0)
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(size))])
    return [b"." * size]


@contextmanager
def still(settings: Settings, log: Path, *, processes: int) -> Iterator[tuple[int, int]]:
    """Run it as `peerqa serve` runs the pages; yields its process id and its port."""
    port = free_port()
    command = (
        "gunicorn", "--worker-class", "gthread", "--workers", str(processes),
        "--threads", str(settings.web_threads), "--bind", f"127.0.0.1:{port}",
        "--no-control-socket", "--log-level", "warning", f"{__name__}:app",
    )  # fmt: skip
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - a command of our own
            [sys.executable, "-m", *command],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
        try:
            yield process.pid, port
        finally:
            stop(process)
