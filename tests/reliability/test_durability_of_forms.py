"""R3 for pages: what a form did is on disk before its page answers, for every form that writes."""

import http.client
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from peerqa import identity
from peerqa.app import create_app
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.gate import COOKIE
from peerqa.models import Member, Space
from peerqa.models.notifying.mail_choice import Stopped
from peerqa.models.space import Role
from peerqa.secrets import load_instance_key
from peerqa.services import members
from peerqa.services.look_ups import ShownHit
from peerqa.services.notifying.leaving import Leave, make_token
from peerqa.web.shown_hits import sign
from tests.reliability.service import HUNG_SECONDS, Service
from tests.reliability.test_durability import is_sync_of_wal, traced
from tests.web.picture_files import file_of

# What no form of a signed-in person sends, or what writes nothing by itself.
NOT_TRIED = {
    "pages.preview",  # shows a text
    "pages.enter_demo",  # in the demo alone
    "pages.ask_for_link",  # without a mail server
    "pages.test_mail",  # the same
    "pages.appeal_fairness",  # of a case that the nightly check has made, or has not
    "pages.decide_fairness",  # the same
    "pages.hand_review",  # of an item that the worker has queued by then, or has not
}


@dataclass
class Person:
    """Somebody at a browser."""

    port: int
    cookie: str
    csrf_token: str

    def send(self, path: str, **fields: object) -> str:
        """Send a form; returns where the reply leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HUNG_SECONDS)
        body, content_type = packed({"csrf_token": self.csrf_token, **fields})
        headers = {"Cookie": f"{COOKIE}={self.cookie}", "Content-Type": content_type}
        try:
            connection.request("POST", path, body, headers)
            reply = connection.getresponse()
            text = reply.read().decode()
            assert reply.status in {200, 303}, (path, reply.status, text[-2000:])
            return reply.headers.get("Location", "")
        finally:
            connection.close()


def packed(fields: dict[str, object]) -> tuple[bytes, str]:
    """Return the body of a form and its kind; bytes are a file."""
    if not any(isinstance(value, bytes) for value in fields.values()):
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    body = b""
    for name, value in fields.items():
        head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"'
        is_file = isinstance(value, bytes)
        data = value if isinstance(value, bytes) else str(value).encode()
        body += head.encode() + (b'; filename="x"' if is_file else b"") + b"\r\n\r\n"
        body += data + b"\r\n"
    return body + b"--frontier--\r\n", "multipart/form-data; boundary=frontier"


def sit_down(service: Service) -> tuple[dict[str, Person], int, str, str, str, str]:
    """Return Alice and Bob at their browsers, the space, and what forms need beside that."""
    app = create_app(service.settings)
    key = load_instance_key(service.settings)
    people = {}
    with app.app_context(), transaction() as session:
        space = session.scalars(select(Space)).one()
        for member in session.scalars(select(Member).order_by(Member.id)):
            members.join_space(session, member=member, space=space, role=Role.STEWARD)
            made = identity.sign_in(session, member, at=utc_now())
            token = identity.csrf_token(key, made.row)
            people[member.name] = Person(service.port, made.token, token)
        alice = session.scalars(select(Member).where(Member.name == "Alice")).one()
        alice.is_admin = True
        other = identity.sign_in(session, alice, at=utc_now()).row
        session.flush()
        link = identity.make_link(session, alice, at=utc_now(), minutes=5)
        with app.test_request_context():
            hit = sign(ShownHit(1, None, 0.5, 0.1, 0.9))
        leave = make_token(key, Leave(alice.id, (), Stopped.DIGESTS), at=utc_now())
        return people, space.id, str(other.id), link, hit, leave


@pytest.mark.root
def test_every_form_is_on_disk_before_its_page_answers(tmp_path):
    service = Service(tmp_path)
    service.found()
    people, space, sign_in, link, hit, leave = sit_down(service)
    service.start()
    try:
        with traced(service, tmp_path / "trace") as trace:
            sent = send_every_form(people["Alice"], people["Bob"], space, sign_in, link, hit, leave)
        calls = trace.read_text().splitlines()
    finally:
        service.kill()

    app = create_app(service.settings)
    assert {endpoint_of(app, path) for path in sent} == writing_forms(app)
    replies = [number for number, call in enumerate(calls) if is_page(call)]
    assert len(replies) == len(sent)
    for path, (start, end) in zip(sent, itertools.pairwise([0, *replies]), strict=True):
        assert any(is_sync_of_wal(call) for call in calls[start:end]), path


def is_page(call: str) -> bool:
    return bool(
        re.search(r'(sendto|sendmsg|write|writev)\(\d+<(TCP|socket).*"HTTP/1\.1 [23]', call)
    )


def send_every_form(alice: Person, bob: Person, space: int, *tokens: str) -> list[str]:
    """Send each form that writes, once; returns the paths in their order."""
    sign_in, link, hit, leave = tokens
    sent: list[str] = []

    def send(person: Person, path: str, **fields: object) -> str:
        sent.append(path)
        return urlsplit(person.send(path, **fields)).path

    send_what_comes_before(send, alice)
    where = send(alice, "/ask", title="Where is the torque wrench?", space=space)
    again = send(alice, "/ask", title="Where might the torque wrench be?", space=space)
    other = again.rpartition("/")[2]
    send(bob, f"{where}/answers", body="In the drawer.")
    answer, comment = 3, 4  # posts are numbered in the order in which they were made
    send(alice, f"/posts/{answer}/comments", body="Which one?")
    send(alice, f"/posts/{answer}/vote", wanted=1)
    send(alice, f"/answers/{answer}/accept", wanted=1)
    send(bob, f"/answers/{answer}/edit", version=1, body="In the second drawer.")
    send(bob, f"/posts/{answer}/history", version=2, restore=1)
    send(alice, f"/comments/{comment}/edit", version=1, body="Which drawer?")
    send(alice, f"{where}/edit", version=1, title="Where is the big torque wrench?",
         topics="wrench")  # fmt: skip
    send_marks(send, alice, bob, where, space, answer)
    send(bob, "/lookups", confirmed=hit, look_up="k" * 32, surface="question")
    for path in ("/notifications/read", "/notifications/settings", f"/leave/{leave}"):
        send(bob, path, digest_hour=9)
    send_choices(send, alice)
    send(alice, f"/profile/sign-ins/{sign_in}/end")
    send(alice, "/admin/answers-found/recalibrate")
    send(alice, "/admin/answers-found/target", target="90")
    send_what_concerns_masks(send, alice, bob, space)
    send_what_admins_do(send, alice, space)
    send_links(send, alice, bob, again, where)
    send(alice, f"/comments/{comment}/delete")
    send(bob, f"/answers/{answer}/delete")
    send_changes_of_kind(send, alice, bob, answer)
    send(bob, f"/questions/{other}/delete")
    send(alice, f"/sign-in/{link}")
    send(bob, "/sign-out")
    return sent


Send = Callable[..., str]


def send_what_comes_before(send: Send, alice: Person) -> None:
    send(alice, "/drafts", place="ask", title="Where is")
    send(alice, "/drafts/discard", place="ask")
    send(alice, "/pictures", picture=file_of())


def send_choices(send: Send, alice: Person) -> None:
    send(alice, "/profile", about="I look for things.")
    send(alice, "/preferences", language="en", zone="Europe/Berlin")
    send(alice, "/admin/language", language="en")


def send_what_concerns_masks(send: Send, alice: Person, bob: Person, space: int) -> None:
    masked = send(alice, "/ask", title="Who hides the torque wrench?", space=space, anonymous=1)
    send(bob, f"{masked}/reveal", reason="It is always the same tool.")
    send(bob, f"/spaces/{space}/rules", allows_anonymous=0)
    send(alice, "/admin/asking", allows_anonymous=0)


def send_what_admins_do(send: Send, alice: Person, space: int) -> None:
    send(alice, "/admin/members/invite", email="eve@example.org", name="Eve")
    send(alice, "/admin/members/departments", table="email,department\neve@example.org,IT")
    eve = "/admin/members/3"
    send(alice, f"{eve}/invite")
    send(alice, f"{eve}/department", department="Lab")
    send(alice, f"{eve}/spaces", space=space, role="steward")
    send(alice, f"{eve}/admin", wanted=1)
    send_what_concerns_topics(send, alice)
    send(alice, "/admin/settings", language="de")
    send(alice, "/admin/retention", evidence=30)
    send(alice, "/admin/legal", imprint="Northwind Ltd.", is_public=1)
    send(alice, "/admin/appearance", name="Northwind")
    send(alice, "/admin/appearance/logo", logo=file_of())
    send(alice, "/admin/spaces/new", name="Canteen")
    send(alice, "/spaces/2/settings", name="The canteen", closed=1)
    send(alice, "/spaces/2/people", who="Eve", role="learner")
    send(alice, "/spaces/2/archive", wanted=1)
    send(alice, f"{eve}/suspension", why="It is rude.")
    send(alice, f"{eve}/active", wanted=0)


def send_what_concerns_topics(send: Send, alice: Person) -> None:
    send(alice, "/admin/topics/1", name="wrenches")
    send(alice, "/admin/topics/1/synonyms", synonym="spanner")
    send(alice, "/ask", title="Which gloves do we wear?", topics="gloves, mittens", space=1)
    send(alice, "/admin/topics/2/join", into="mittens")
    worn = send(alice, "/ask", title="Which socks do we wear?", topics="socks", space=1)
    send(alice, f"{worn}/delete")
    send(alice, "/admin/topics/4/delete")


def send_marks(send: Send, alice: Person, bob: Person, where: str, space: int, answer: int) -> None:
    send(bob, "/searches", q="torque wrench", name="Wrenches")
    send(bob, "/searches/1/remove")
    send(bob, f"{where}/follow", wanted=1)
    send(bob, f"/spaces/{space}/follow", wanted=1)
    send(bob, "/topics/wrench/follow", wanted=1)
    send(bob, f"/posts/{answer}/bookmark", wanted=1)
    send(alice, f"/answers/{answer}/doubt", reason="It moved.")
    send(bob, f"/answers/{answer}/settle")
    send(bob, f"/answers/{answer}/verify")
    guide = {"title": "All on wrenches", "body": "So.", "sources": where}
    made = send(bob, f"/spaces/{space}/guides", **guide).partition("?")[0]
    send(bob, f"{made}/edit", **guide | {"body": "So it is."}, version=1)
    send(bob, f"/posts/{answer}/retire", wanted=1)
    send(bob, f"/posts/{answer}/retire", wanted=0)
    send(bob, "/topics/wrench/keepers", who="Alice")
    send(alice, f"/posts/{answer}/flag", reason="rude")
    send(alice, f"/posts/{answer}/moderation", act="dismissed", why="It is well.")


def send_who_is_asked(send: Send, alice: Person, bob: Person, again: str) -> None:
    again = again.partition("?")[0]
    send(alice, f"{again}/invite", who="Bob")
    send(bob, f"{again}/take")
    send(bob, f"{again}/pass", reason="no-time")
    send(bob, "/preferences/asked", is_asked="1", skills="wrench")


def send_links(send: Send, alice: Person, bob: Person, again: str, where: str) -> None:
    send_who_is_asked(send, alice, bob, again)
    for link in ("duplicate", "merge"):
        send(bob, f"{again}/{link}", of=where.rpartition("/")[2])
        send(bob, f"{again}/{link}/undo")


def send_changes_of_kind(send: Send, alice: Person, bob: Person, answer: int) -> None:
    send(bob, f"/posts/{answer}/restore")
    send(alice, f"/answers/{answer}/accept", wanted=0)
    send(bob, f"/answers/{answer}/convert")
    send(bob, f"/comments/{answer}/convert")


def writing_forms(app: Flask) -> set[str]:
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith("pages.")
    } - NOT_TRIED


def endpoint_of(app: Flask, path: str) -> str:
    return str(app.url_map.bind("localhost").match(path, method="POST")[0])
