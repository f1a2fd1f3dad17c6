"""R2: the database may go away, in the middle of requests too, and comes back."""

import os
import selectors
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.postgres import drop_database, postgres_url
from tests.reliability.service import Service, wait_until
from tests.reliability.test_durability import Acknowledged, lost, post_question

BACK_SECONDS = 5 * 2.0  # five times the bound: only a hang takes longer
WRITERS = 8

pytestmark = pytest.mark.postgresql


class Wire:
    """The way to PostgreSQL's socket, by a TCP port; it can be cut and joined again."""

    def __init__(self, server: Path) -> None:
        self._server = str(server)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._is_cut = False
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._is_cut = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        self._ends.clear()
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_cut:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._ends += [client, server]
                threading.Thread(target=_carry, args=(client, server), daemon=True).start()


def _carry(client: socket.socket, server: socket.socket) -> None:
    """Carry bytes both ways until one end is closed."""
    ways = selectors.DefaultSelector()
    ways.register(client, selectors.EVENT_READ, server)
    ways.register(server, selectors.EVENT_READ, client)
    with client, server, suppress(OSError):
        while True:
            for key, _ in ways.select():
                carried = key.fileobj.recv(65536)
                if not carried:
                    return
                key.data.sendall(carried)


@pytest.fixture
def wire_and_service(tmp_path):
    url = postgres_url()
    address = make_url(url)
    wire = Wire(Path(address.query["host"]) / ".s.PGSQL.5432")
    through = f"postgresql+psycopg://postgres@127.0.0.1:{wire.port}/{address.database}"
    service = Service(tmp_path, database_url=through)
    yield wire, service
    service.kill()
    wire.close()
    drop_database(url)


def test_requests_are_put_off_while_it_is_away_and_served_when_it_is_back(wire_and_service):
    wire, service = wire_and_service
    people = service.found()
    service.start()
    wait_until(service.worker)
    before = {process.pid for process in service.processes()}
    said, statuses, stop = Acknowledged(), set(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            asked = post_question(service, people, f"Where is tool {os.urandom(4).hex()}?")
            statuses.add(asked.status)
            if asked.is_acknowledged:
                said.questions.append(asked.body["id"])

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    wait_until(lambda: len(said) > WRITERS)
    wire.cut()
    wait_until(lambda: 503 in statuses)
    assert service.ask("GET", "/healthz").status == 200
    assert service.ask("GET", "/readyz").status == 503
    reply = post_question(service, people, "Is anybody there?")
    assert (reply.status, reply.retry_after) == (503, "2")
    wire.join()
    back = time.monotonic()
    wait_until(lambda: post_question(service, people, "And now?").is_acknowledged)
    took = time.monotonic() - back
    stop.set()
    for writer in writers:
        writer.join()

    assert took < BACK_SECONDS
    assert statuses == {201, 503}
    assert lost(service, said) == []
    assert {process.pid for process in service.processes()} == before
