"""R1: what was acknowledged is there after every process was killed. R3: because it is on disk."""

import contextlib
import itertools
import os
import random
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from peerqa.database import engine_options
from tests.postgres import drop_database, postgres_url
from tests.reliability.service import HUNG_SECONDS, People, Reply, Service, wait_until

ROUNDS = int(os.environ.get("PEERQA_ROUNDS", "2"))
WRITERS = 8


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def service(request, tmp_path):
    url = postgres_url(durable=True) if request.param == "postgresql" else None
    service = Service(tmp_path, database_url=url)
    yield service
    service.kill()
    if url:
        drop_database(url)


@dataclass
class Acknowledged:
    """What the service said it had done; each writer appends, nobody removes."""

    questions: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    votes: list[int] = field(default_factory=list)  # of Alice, by answer
    accepted: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.questions) + len(self.answers) + len(self.votes) + len(self.accepted)


def test_what_was_acknowledged_survives_the_killing_of_every_process(service, record_property):
    people = service.found()
    said = Acknowledged()
    starts = []
    for _ in range(ROUNDS):
        starts.append(service.start())
        before = len(said)
        write_until_killed(service, people, said, seconds=random.uniform(0.3, 2.0))
        assert len(said) > before, "nobody wrote anything: the round proves nothing"

        assert lost(service, said) == []
        assert is_sound(service)
    starts.append(service.start())
    record_property("seconds_to_serve_again", [round(start, 2) for start in starts])
    record_property("acknowledged", len(said))
    assert max(starts) < HUNG_SECONDS


def write_until_killed(
    service: Service, people: People, said: Acknowledged, *, seconds: float
) -> None:
    killed = threading.Event()
    writers = [
        threading.Thread(target=write, args=(service, people, said, killed)) for _ in range(WRITERS)
    ]
    before = len(said)
    for writer in writers:
        writer.start()
    wait_until(lambda: len(said) > before)
    time.sleep(seconds)
    service.kill()
    killed.set()
    for writer in writers:
        writer.join()


def write(service: Service, people: People, said: Acknowledged, killed: threading.Event) -> None:
    """Ask, answer, vote and accept, over and over, and note what was acknowledged."""
    for number in itertools.count():
        if killed.is_set():
            return
        asked = post_question(service, people, f"Where is tool number {number}?")
        if not asked.is_acknowledged:
            continue
        question = asked.body["id"]
        said.questions.append(question)
        given = service.ask(
            "POST", f"/api/v1/questions/{question}/answers",
            token=people.bob, sent={"body": "In the drawer."},
        )  # fmt: skip
        if not given.is_acknowledged:
            continue
        answer = given.body["id"]
        said.answers.append(answer)
        if put(service, people.alice, f"/api/v1/answers/{answer}/vote").is_acknowledged:
            said.votes.append(answer)
        if put(service, people.alice, f"/api/v1/answers/{answer}/acceptance").is_acknowledged:
            said.accepted.append((question, answer))


def post_question(service: Service, people: People, title: str) -> Reply:
    return service.ask(
        "POST",
        "/api/v1/questions",
        token=people.alice,
        sent={
            "title": title,
            "body": "I looked everywhere.",
            "space": people.space,
            "topics": ["tools"],
        },
    )


def put(service: Service, token: str, path: str) -> Reply:
    return service.ask("PUT", path, token=token)


def lost(service: Service, said: Acknowledged) -> list[str]:
    """Return what was acknowledged and is not in the database."""
    found = {
        "question": set(rows(service, "SELECT id FROM question")),
        "answer": set(rows(service, "SELECT id FROM answer")),
        "vote": set(rows(service, "SELECT post_id FROM vote")),
        "accepted": set(rows(service, "SELECT id, accepted_id FROM question")),
    }
    wanted = {
        "question": [(one,) for one in said.questions],
        "answer": [(one,) for one in said.answers],
        "vote": [(one,) for one in said.votes],
        "accepted": said.accepted,
    }
    return [
        f"{kind} {one}" for kind, all_of_it in wanted.items() for one in all_of_it
        if one not in found[kind]
    ]  # fmt: skip


def is_sound(service: Service) -> bool:
    if service.settings.database_url:
        return True  # PostgreSQL itself was not killed
    return rows(service, "PRAGMA integrity_check") == [("ok",)]


def rows(service: Service, query: str) -> list[tuple]:
    address = service.settings.database_address
    engine = create_engine(address, **engine_options(address, threads=1))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


@pytest.mark.root
def test_every_write_is_on_disk_before_its_reply(tmp_path):
    service = Service(tmp_path)
    people = service.found()
    service.start()
    try:
        with traced(service, tmp_path / "trace") as trace:
            written = write_by_every_route(service, people)
        calls = trace.read_text().splitlines()
    finally:
        service.kill()

    assert written == write_routes(service)
    replies = [number for number, call in enumerate(calls) if is_reply(call)]
    assert len(replies) == len(written)
    for start, end in itertools.pairwise([0, *replies]):
        assert any(is_sync_of_wal(call) for call in calls[start:end]), calls[start : end + 1]


@contextlib.contextmanager
def traced(service: Service, file: Path):
    """Trace the web process; the worker, which writes too, is stopped meanwhile."""
    wait_until(service.worker).send_signal(signal.SIGSTOP)
    web = service.web()
    tracer = psutil.Popen(
        ["strace", "-f", "-y", "-s", "16", "-o", str(file), "-p", str(web.pid),
         "-e", "trace=fsync,fdatasync,sendto,sendmsg,write,writev"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "attached" in tracer.stderr.readline()
    try:
        yield file
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(HUNG_SECONDS)


def is_reply(call: str) -> bool:
    return bool(re.search(r'(sendto|sendmsg|write|writev)\(\d+<(TCP|socket).*"HTTP/1\.1 2', call))


def is_sync_of_wal(call: str) -> bool:
    return bool(re.search(r"(fsync|fdatasync)\(\d+<[^>]*peerqa\.db-wal>", call))


def write_by_every_route(service: Service, people: People) -> set[str]:
    """Send one request to each route that writes; returns the routes."""
    ask = post_question(service, people, "Where is the torque wrench?")
    question = f"/api/v1/questions/{ask.body['id']}"
    give = service.ask(
        "POST", f"{question}/answers", token=people.bob, sent={"body": "In the drawer."}
    )
    answer = f"/api/v1/answers/{give.body['id']}"
    remark = service.ask("POST", f"{question}/comments", token=people.bob, sent={"body": "Which?"})
    comment = f"/api/v1/comments/{remark.body['id']}"
    others = marks_and_edits(service, people, question, answer, comment)
    done = {
        "POST /api/v1/questions",
        "POST /api/v1/questions/<>/answers",
        "POST /api/v1/questions/<>/comments",
    }
    for method, path, token, sent in others:
        reply = service.ask(method, path, token=token, sent=sent)
        assert reply.is_acknowledged, (method, path, reply)
        done.add(f"{method} {re.sub('(?<=/)[0-9]+', '<>', path)}")
    return done


def marks_and_edits(
    service: Service, people: People, question: str, answer: str, comment: str
) -> list[tuple[str, str, str, object]]:
    """Return what is then done to all that was posted: method, path, whose token, what is sent."""
    edit = {"version": 1, "body": "In the second drawer."}
    marked = answer.replace("answers", "posts")
    ((topic, alice),) = rows(
        service, "SELECT topic.id, member.id FROM topic, member WHERE member.name = 'Alice'"
    )
    return [
        ("POST", f"{answer}/comments", people.alice, {"body": "Not there."}),
        ("PATCH", comment, people.bob, {"version": 1, "body": "Which one?"}),
        ("DELETE", comment, people.bob, None),
        ("PUT", f"{answer}/vote", people.alice, None),
        ("DELETE", f"{answer}/vote", people.alice, None),
        ("PUT", f"{question}/vote", people.bob, None),
        ("DELETE", f"{question}/vote", people.bob, None),
        ("PUT", f"{answer}/acceptance", people.alice, None),
        ("DELETE", f"{answer}/acceptance", people.alice, None),
        ("PUT", f"{question}/follow", people.bob, None),
        ("DELETE", f"{question}/follow", people.bob, None),
        ("PUT", f"{marked}/bookmark", people.bob, None),
        ("DELETE", f"{marked}/bookmark", people.bob, None),
        ("PUT", f"{answer}/verification", people.alice, {}),
        ("DELETE", f"{answer}/verification", people.alice, None),
        ("PUT", f"/api/v1/topics/{topic}/keepers", people.alice, {"members": [alice]}),
        ("PATCH", answer, people.bob, edit),
        ("PATCH", question, people.alice, edit),
        ("POST", f"{marked}/revisions", people.bob, {"version": 2, "restore": 1}),
        ("DELETE", answer, people.bob, None),
        ("DELETE", question, people.alice, None),
    ]


def write_routes(service: Service) -> set[str]:
    """Return the API's routes that write, as the app declares them."""
    from peerqa.app import create_app

    app = create_app(service.settings)
    return {
        f"{method} {re.sub('<[^>]+>', '<>', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
