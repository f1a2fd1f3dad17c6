"""S10: whatever can be read is the same, whoever asked.

The same story is played twice from one state, by Alice and by Bob: the draft, the look-up, the
picture, the anonymous question, and what its author does after that. Then all rows of all tables
and all replies to all others must be equal: who reads them learns nothing about which of the two it
was. What only the instance key opens is set aside by its column, and by nothing else.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Column, Table, select, text
from sqlalchemy.orm import Session

from peerqa import clock, identity, tokens
from peerqa.database import Base, RequestSession, db
from peerqa.gate import COOKIE, instance_key
from peerqa.models import Answer, Comment, Member, Question
from peerqa.models.space import Role
from peerqa.services import answers, members
from peerqa.services.asking import masks
from peerqa.web.shown_hits import new_key
from tests.conftest import NOON, Browser, make_member, rolled_back
from tests.reliability.routes import ROUTES
from tests.reliability.test_isolation import path_of
from tests.web.picture_files import file_of

BEGUN = NOON.replace(minute=11, second=13)  # the author acts at seconds that nothing else has
# What is random, or can be opened with the key alone.
SECRET = {
    ("mask", "tag"), ("mask", "sealed"), ("picture", "token"),
    ("look_up", "key"), ("look_up", "pseudonym"), ("rate_count", "digest"),
}  # fmt: skip
TOKEN = re.compile(r"[\w-]{24,}(?:\.[\w-]+)*")
Play = Callable[[str], dict[str, object]]


class Clock:
    """Stands still until it is moved."""

    at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def time(monkeypatch) -> Clock:
    stopped = Clock()
    real = clock.utc_now
    for module in list(sys.modules.values()):
        if getattr(module, "utc_now", None) is real and module.__name__.startswith(
            ("peerqa", "lti")
        ):
            monkeypatch.setattr(module, "utc_now", stopped)
    monkeypatch.setattr(masks.secrets, "choice", lambda found: sorted(found)[0])
    return stopped


@pytest.fixture
def app(house: Flask) -> Iterator[Flask]:
    with rolled_back(house) as app:
        yield app


@pytest.fixture
def people(session, organization, space) -> dict[str, Member]:
    """Alice and Bob have done the same so far: nothing."""
    found = {
        "alice": make_member(session, organization, "Alice Asker"),
        "bob": make_member(session, organization, "Bob Builder"),
        "member": make_member(session, organization, "Ivy Insider"),
        "steward": make_member(session, organization, "Sam Steward"),
        "admin": make_member(session, organization, "Ada Admin", is_admin=True),
    }
    for name in ("alice", "bob", "member"):
        members.join_space(session, member=found[name], space=space)
    members.join_space(session, member=found["steward"], space=space, role=Role.STEWARD)
    return found


def test_whatever_can_be_read_is_the_same_whoever_asked(app, session, space, people, time):
    headers, space_id = sign_in_all(session, people), space.id
    ids = {name: member.id for name, member in people.items()}
    app.test_client().get("/lti/jwks")  # makes the keys
    seen: dict[str, dict[str, object]] = {}
    for name in ("alice", "bob"):
        with undone(session):
            play(app, session, space_id, headers, name, time)
            rows, replies = read_rows(session), read_replies(app, session, ids, headers)
        assert [key for key, value in rows.items() if is_of_the_author(value)] == []
        seen[name] = {**rows, **replies}

    assert seen["alice"].keys() == seen["bob"].keys()
    different = {
        key: where_they_part(str(value), str(seen["bob"][key]))
        for key, value in seen["alice"].items()
        if value != seen["bob"][key]
    }
    assert different == {}
    assert len(seen["alice"]) > 100, "tables and routes were read"


def where_they_part(one: str, other: str) -> tuple[str, str]:
    same = next((i for i, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), 0)
    start = max(same - 60, 0)
    return one[start : start + 120], other[start : start + 120]


def play(app, session, space_id: int, headers, name: str, time: Clock) -> None:
    """Let the author do all that an author can, with everybody else in between."""
    client = app.test_client(use_cookies=False)

    def send(who: str, path: str, **fields: object):
        reply = client.post(path, data=fields, headers=headers[who])
        assert reply.status_code in {200, 204, 303}, (path, reply.status_code, reply.text[-500:])
        return reply

    time.at = BEGUN
    key = new_key()
    title = "Who decides about pay?"
    send(name, "/drafts", place="ask", title="Who dec", body="I wonder.", anonymous="1")
    sent = send(name, "/pictures", picture=(io.BytesIO(file_of()), "x.png"), picture_alt="Pay")
    send(name, "/lookups", look_up=key, surface="ask", title="Who decides")
    asked = send(
        name, "/ask", title=title, body="I wonder. " + sent.json["markdown"], space=space_id,
        topics="pay", anonymous="1", look_up=key, draft_version="1",
    )  # fmt: skip
    question = session.scalars(select(Question)).one()
    assert asked.location.startswith(f"/questions/{question.id}")
    time.at = BEGUN + timedelta(hours=1, seconds=7)
    send("member", f"/questions/{question.id}/answers", body="The board.")
    send("member", f"/posts/{question.id}/vote", wanted=1)
    send("member", f"/questions/{question.id}/follow", wanted=1)
    given = answers.list_answers(session, question)[0]
    time.at = BEGUN + timedelta(hours=2)
    go_on(session, send, name, question.id, given.id)
    time.at = BEGUN + timedelta(hours=3, seconds=7)
    send("steward", f"/posts/{given.id}/comments", body="Indeed.")
    send("steward", f"/questions/{question.id}/reveal", reason="It sounds like a threat.")
    app.extensions["peerqa.search"].update([str(question.id), str(given.id)])


def go_on(session: Session, send, name: str, question: int, given: int) -> None:
    """Let the author do what one does under one's question."""
    send(name, "/notifications/read", question=question)
    send(name, f"/posts/{question}/comments", body="Since when?")
    send(name, f"/posts/{given}/comments", body="Ask @Alice Asker and @Bob Builder.")
    send(name, f"/questions/{question}/answers", body="Thus the board, then.")
    send(name, f"/answers/{given}/accept", wanted=1)
    send(
        name,
        f"/questions/{question}/edit",
        title="Who decides about my pay?",
        version=1,
        why="More",
    )
    remark = session.scalars(select(Comment).order_by(Comment.id)).first()
    send(name, f"/comments/{remark.id}/edit", body="Since which year?", version=1)
    own = session.scalars(select(Answer).where(Answer.is_masked)).one().id
    send(name, f"/answers/{own}/convert")
    send(name, f"/comments/{own}/convert")
    send(name, f"/answers/{own}/edit", body="As @Ivy Insider says.", version=1)
    send(name, f"/comments/{remark.id}/delete")
    send(name, f"/posts/{remark.id}/restore")


def is_of_the_author(value: object) -> bool:
    """Whether it is exactly when the author did something."""
    moments = {BEGUN, BEGUN + timedelta(hours=2)}
    return isinstance(value, datetime) and value in moments


def read_rows(session: Session) -> dict[str, object]:
    """Return every value of every row of every table, by its place."""
    session.expire_all()
    found: dict[str, object] = {}
    for table in Base.metadata.sorted_tables:
        rows = session.execute(select(table).order_by(*_in_order(table))).mappings()
        for number, row in enumerate(rows):
            for column, value in row.items():
                if (table.name, column) not in SECRET and not is_before(table.name, column):
                    shown = TOKEN.sub("TOKEN", value) if isinstance(value, str) else value
                    found[f"{table.name} {number} {column}"] = shown
    return found


def _in_order(table: Table) -> list[Column[object]]:
    """Return what puts rows in an order that says nothing: a keyed digest is another for each."""
    told = [each for each in table.columns if (table.name, each.name) not in SECRET]
    return [*(told if len(told) < len(table.columns) else table.primary_key.columns)]


def is_before(table: str, column: str) -> bool:
    """Whether it was there before anything was played: sign-ins of all, made at this moment."""
    return table == "sign_in" and column in {"created_at", "seen_at"}


def read_replies(app, session, ids, headers) -> dict[str, object]:
    """Return what each reading route tells each other person about all there is."""
    question = session.scalars(select(Question)).one()
    given = next(row for row in answers.list_answers(session, question) if row.author_id)
    remark = session.scalars(select(Comment).order_by(Comment.id)).first()
    picture = question.html.partition("/pictures/")[2][:43]
    things: dict[str, list[object]] = {
        "question": [question.id], "masked": [question.id], "answer": [given.id],
        "comment": [remark.id], "post": [question.id, given.id, remark.id],
        "space": [question.space_id], "topic": ["pay"], "picture": [picture],
        "member": [ids[name] for name in ("alice", "bob", "member")],
    }  # fmt: skip
    client = app.test_client(use_cookies=False)
    found: dict[str, object] = {}
    for route in ROUTES:
        if route.method != "GET" or (route.thing and route.thing not in things):
            continue
        for thing in things.get(route.thing or "", [""]):
            for name in ("member", "steward", "admin"):
                reply = client.get(
                    path_of(app, route, thing),
                    headers=headers[name, "api"] if route.is_api else headers[name],
                    **route.send(thing),
                )
                told = TOKEN.sub("TOKEN", reply.data.decode(errors="replace"))
                kept = {k: v for k, v in reply.headers if k not in {"X-Request-Id", "Date"}}
                kept = {k: TOKEN.sub("TOKEN", v) for k, v in kept.items()}
                place = "" if route.thing == "picture" else thing
                found[f"{name} {route} {place}"] = (reply.status_code, told, kept)
    assert any("Who decides about pay" in str(value) for value in found.values())
    return found


def sign_in_all(session: Session, people: dict[str, Member]) -> dict[object, dict[str, str]]:
    headers: dict[object, dict[str, str]] = {}
    for name, member in people.items():
        made = identity.sign_in(session, member, at=BEGUN)
        token = tokens.create_token(session, member, name="test", at=NOON)
        csrf = identity.csrf_token(instance_key(), made.row)
        headers[name] = {"Cookie": f"{COOKIE}={made.token}", "X-CSRF-Token": csrf}
        headers[name, "api"] = {"Authorization": f"Bearer {token}"}
    session.commit()
    return headers


class undone:  # noqa: N801 - read as a word
    """Take back what was done within, and the numbers that were given with it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        self._session.rollback()
        assert RequestSession.bound_to is not None
        self._nested = RequestSession.bound_to.begin_nested()
        if self._session.get_bind().dialect.name == "postgresql":  # its sequences go on
            for table in Base.metadata.sorted_tables:
                if "id" in table.columns and table.columns["id"].autoincrement is not False:
                    self._session.execute(text(RESET.format(table.name)))

    def __exit__(self, *_failed: object) -> None:
        self._session.rollback()
        self._nested.rollback()
        self._session.expunge_all()


RESET = """SELECT setval(s, GREATEST((SELECT max(id) FROM "{0}"), 1000000)) FROM
    pg_get_serial_sequence('"{0}"', 'id') AS s WHERE s IS NOT NULL"""


def test_a_browser_of_the_author_shows_what_is_theirs(app, session, space, people, time):
    alice = Browser(app, session, people["alice"])
    alice.post("/ask", {"title": "Who decides about pay?", "space": space.id, "anonymous": "1"})
    question = session.scalars(select(Question)).one()

    page = alice.get(f"/questions/{question.id}").text
    assert f"You asked this as {question.pseudonym}" in page
    assert f"/questions/{question.id}/edit" in page
    assert "Who decides about pay?" in alice.get(f"/members/{people['alice'].id}").text
    assert alice.get(f"/questions/{question.id}/edit").status_code == 200
    bob = Browser(app, session, people["bob"])
    assert "You asked this as" not in bob.get(f"/questions/{question.id}").text
    assert "Who decides" not in bob.get(f"/members/{people['alice'].id}").text
    assert db.session().get_one(Question, question.id).author_id is None
