"""`peerqa serve`: what starts, what comes back, what stops, and what never is loaded."""

import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing

import psutil
import pytest

from tests.reliability.service import FIRST_PAGE_SECONDS, Service, wait_until


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("serving"))
    service.start()
    yield service
    service.kill()


@pytest.fixture
def own_service(tmp_path):
    service = Service(tmp_path)
    yield service
    if service.main.is_running():
        service.kill()


def test_an_empty_folder_becomes_an_installation_that_answers(service):
    assert service.ask("GET", "/readyz").body["database"] == "ready"
    assert wait_until(service.worker)


def test_no_client_says_that_it_came_by_https(service):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "ssl"}
    asked = urllib.request.Request(
        f"http://127.0.0.1:{service.port}/sign-in", headers=headers, method="POST"
    )
    # an origin is this one's only where its scheme is what the server believes
    asked.add_header("Origin", f"https://127.0.0.1:{service.port}")

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=20)

    assert refused.value.code == 403


def test_a_worker_that_dies_comes_back(service):
    worker = wait_until(service.worker)

    worker.kill()

    assert wait_until(lambda: (new := service.worker()) and new.pid != worker.pid)


def test_a_web_process_that_dies_comes_back(service):
    web = service.web()

    web.kill()

    wait_until(lambda: (new := service.web()) and new.pid != web.pid)
    assert service.ask("GET", "/sign-in").status == 200


def test_torch_is_in_no_process(service):
    wait_until(service.worker)
    wait_until(lambda: len(service.worker().memory_maps()) > 50)

    for process in service.processes():
        loaded = [entry.path for entry in process.memory_maps()]
        assert not [path for path in loaded if "torch" in path]


def test_a_reload_refuses_no_request(service):
    stop = threading.Event()
    statuses: list[int] = []

    def knock():
        while not stop.is_set():
            statuses.append(service.ask("GET", "/sign-in").status)
            time.sleep(0.1)

    knocking = [threading.Thread(target=knock) for _ in range(5)]
    web = service.web()
    for thread in knocking:
        thread.start()
    service.main.send_signal(signal.SIGHUP)
    wait_until(lambda: not web.is_running())
    time.sleep(0.5)
    stop.set()
    for thread in knocking:
        thread.join()

    assert set(statuses) == {200}
    assert len(statuses) > 10


def test_a_port_that_is_taken_is_said_in_a_sentence(service, tmp_path):
    other = Service(tmp_path)

    tried = subprocess.run(
        service.command("serve", "--port", str(service.port)),
        env=other.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert tried.returncode == 1
    assert tried.stderr.startswith(f"Port {service.port} is taken by another program.")


def test_asked_to_stop_it_leaves_no_process_and_starts_again_soon(own_service, record_property):
    record_property("first_page_seconds", round(own_service.start("--processes", "2"), 2))
    wait_until(own_service.worker)
    assert own_service.stop(signal.SIGTERM) == []
    assert own_service.main.wait() == 0

    again = own_service.start()

    record_property("first_page_seconds_again", round(again, 2))
    assert again < 5 * FIRST_PAGE_SECONDS
    assert own_service.stop(signal.SIGINT) == []


def test_killed_it_leaves_no_orphan(own_service):
    own_service.start()
    wait_until(own_service.worker)
    children = own_service.main.children(recursive=True)

    own_service.main.kill()

    assert psutil.wait_procs(children, timeout=25)[1] == []


def test_a_database_of_another_version_is_refused_in_a_sentence(tmp_path):
    service = Service(tmp_path)
    service.found()
    with closing(sqlite3.connect(tmp_path / "peerqa.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'older'")

    tried = subprocess.run(
        service.command("serve", "--port", str(service.port)),
        env=service.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert tried.returncode == 1
    assert "The database is at revision older" in tried.stderr
    assert "Traceback" not in tried.stderr
