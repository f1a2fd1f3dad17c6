"""Real processes of PeerQA, started for the benchmark, looked at through /proc and stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

GRACE_SECONDS = 20.0
_PROC = Path("/proc")


class NotServing(RuntimeError):
    """The process ended, or never answered."""


@contextmanager
def served(log: Path, *, web: int = 1) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `peerqa serve` on loopback, with these settings; yields the process and its port.

    Args:
        web: how many web processes.
    """
    port = free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--processes", str(web)]
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - a command of our own
            [sys.executable, "-m", "peerqa", "serve", *options],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        try:
            yield process, port
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and kill it when it does not."""
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def family(pid: int) -> list[int]:
    """Return this process and all below it."""
    parents = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int(
                    (folder / "stat").read_text().rpartition(")")[2].split()[1]
                )
            except OSError:  # it has ended
                continue
    found = [pid]
    for member in found:  # grows while it is read
        found.extend(child for child, parent in parents.items() if parent == member)
    return found


def web_processes(pid: int) -> list[int]:
    """Return the children that the server forked: they have its own command line."""
    own = _command(pid)
    return [child for child in family(pid)[1:] if _command(child) == own]


def memory_mb(pid: int) -> tuple[float, float]:
    """Return what the process holds in memory, and that with shared pages divided by sharers."""
    fields = dict(
        line.split(":", 1)
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    )
    rss, pss = (int(fields[name].split()[0]) / 1024 for name in ("Rss", "Pss"))
    return round(rss, 1), round(pss, 1)


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the time of a core that these processes have taken since they began."""
    ticks = 0
    for pid in pids:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime (proc_pid_stat(5))
    return ticks / os.sysconf("SC_CLK_TCK")


def has_torch(pid: int) -> bool:
    """Whether a library of torch is mapped."""
    return "torch" in (_PROC / str(pid) / "maps").read_text()


def until(
    condition: Callable[[], bool], *, process: subprocess.Popen[bytes], seconds: float
) -> None:
    """Wait until it holds, asking often.

    Raises:
        NotServing: it does not come to that.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotServing("peerqa serve ended or did not answer; see its log above.")
        time.sleep(0.01)


def _command(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""
