"""S1: nobody sees past their part, not even that there is more. Every route of the app is tried.

About what a person may not see, a route says the same as about what does not exist: the same
status, the same body. A route without a row in routes.py fails the build.

Everybody on SQLite; on PostgreSQL, whose answers differ by their SQL and not by who asks, one who
is in the closed space and one who is not, and everybody in the long run.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from peerqa import identity, tokens
from peerqa.clock import utc_now
from peerqa.database import RequestSession, db
from peerqa.gate import COOKIE, instance_key
from peerqa.models import Answer
from peerqa.services import helped, notifications, reading, topics
from tests.conftest import rolled_back
from tests.reliability.route import OURS, Route
from tests.reliability.routes import ROUTES
from tests.reliability.world import CLOSED, FOREIGN, OPEN, READS, World, make_world

SIGNED_OUT = "stranger"
ROLES = (SIGNED_OUT, *OURS, "foreign")
FEW = {"asker", "member", "admin"}  # who sees the closed space, who does not, and who administers
PUBLIC = {"static", "lti.static"}  # files that come with the program
Caller = Callable[[Route, str, str], TestResponse]

_NAMES = [
    re.compile(pattern)
    for pattern in (
        r"(?<=/)(?:questions|answers|comments|posts|spaces|members|sign-ins|topics|pictures)/[^/?#\"&<\s]+",
        r"(?<=/)(?:guides|fairness)/[^/?#\"&<\s]+",
        r"(?<=[?&])(?:question|post|space)=\d+",
        r"(?<=value=\")\d+(?=\")",
        r"[\w-]{24,}(?:\.[\w-]+)*",  # tokens of forms and look-ups
    )
]


@pytest.fixture(scope="module")
def app(house: Flask) -> Iterator[Flask]:
    """The app on one connection for all of these tests: each call is undone."""
    with rolled_back(house) as app:
        yield app


@pytest.fixture(scope="module")
def world(app: Flask) -> World:
    return make_world(app, db.session())


@pytest.fixture(scope="module")
def roles(database_kind: str) -> list[str]:
    """Who asks."""
    everybody = database_kind == "sqlite" or "PEERQA_ROUNDS" in os.environ
    return [role for role in ROLES if everybody or role in FEW]


@pytest.fixture(scope="module")
def call(app: Flask, world: World) -> Caller:
    """Return a function: route, role, part → reply; whatever was done is undone."""
    client = app.test_client(use_cookies=False)  # signing out must not outlast its call
    headers: dict[tuple[str, bool], dict[str, str]] = {}
    for role, member in world.people.items():
        token = tokens.create_token(db.session(), member, name=role, at=utc_now())
        headers[role, True] = {"Authorization": f"Bearer {token}"}
        made = identity.sign_in(db.session(), member, at=utc_now())
        csrf_token = identity.csrf_token(instance_key(), made.row)
        headers[role, False] = {"Cookie": f"{COOKIE}={made.token}", "X-CSRF-Token": csrf_token}
    db.session().commit()

    @cache
    def ask(route: Route, role: str, part: str) -> TestResponse:
        thing = world.parts[part][route.thing] if route.thing else ""
        path = path_of(app, route, thing)
        with undone():
            return client.open(
                path,
                method=route.method,
                headers=headers.get((role, route.is_api)),
                **route.send(thing),
            )

    return ask


@contextmanager
def undone() -> Iterator[None]:
    db.session().rollback()
    assert RequestSession.bound_to is not None
    nested = RequestSession.bound_to.begin_nested()
    try:
        yield
    finally:
        db.session().rollback()  # requests share the tests' session, whose savepoint is inside
        nested.rollback()


def path_of(app: Flask, route: Route, thing: int | str) -> str:
    rule = next(
        rule
        for rule in app.url_map.iter_rules(route.endpoint)
        if route.method in (rule.methods or ())
    )
    with app.test_request_context():
        built = app.url_map.bind("").build(
            route.endpoint, dict.fromkeys(rule.arguments, thing), method=route.method
        )
    return str(built)


def told(reply: TestResponse) -> tuple[int, str, str]:
    """Return what a person is told, with ids, names in addresses and random tokens masked."""
    body, place = reply.text, reply.headers.get("Location", "")
    for pattern in _NAMES:
        body, place = (pattern.sub("THING", text) for text in (body, place))
    return reply.status_code, body, place


def test_every_route_has_a_row(app: Flask):
    served = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in PUBLIC
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert served == {(route.endpoint, route.method) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_route_is_open_to_whom_it_should_be(
    world: World, call: Caller, roles: list[str], route: Route
):
    for role in set(roles) & set(OURS) if route.is_in(world.parts[OPEN]) else ():
        expected = route.ok if role in route.who else route.others
        assert call(route, role, OPEN).status_code == expected, role
    asked_by = route.ok if "asker" in route.who else route.others
    for role, part in (("asker", CLOSED), ("foreign", FOREIGN)):
        if route.is_in(world.parts[part]):
            assert call(route, role, part).status_code == asked_by, role
    assert call(route, SIGNED_OUT, "missing").status_code == route.signed_out


@pytest.mark.parametrize("route", [route for route in ROUTES if route.thing], ids=str)
def test_what_one_may_not_see_is_as_if_it_were_missing(
    world: World, call: Caller, roles: list[str], route: Route
):
    for role in roles:
        missing = told(call(route, role, "missing"))
        assert missing[0] == (
            route.signed_out if role == SIGNED_OUT else route.hidden_from(role)
        ), role
        for part in {OPEN, CLOSED, FOREIGN} - READS[role]:
            if route.is_in(world.parts[part]):
                assert told(call(route, role, part)) == missing, (role, part)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_no_reply_holds_a_word_of_another_part(
    world: World, call: Caller, roles: list[str], route: Route
):
    for role in roles:
        for part in READS[role] | {"missing"}:
            if route.is_in(world.parts[part]):
                reply = call(route, role, part)
                text = reply.data.decode(errors="replace") + str(reply.headers)
                leaked = {word for word in {OPEN, CLOSED, FOREIGN} - READS[role] if word in text}
                assert not leaked, (role, part)


@pytest.mark.parametrize(
    ("endpoint", "send"),
    [
        ("api_search.search", {"q": "torque wrench"}),
        ("api_search.similar", {"title": "Which torque wrench is it?"}),
        ("pages.search", {"q": "torque wrench"}),
        ("pages.similar", {"title": "Which torque wrench is it?"}),
    ],
)
def test_look_ups_find_what_one_may_see(world: World, call: Caller, endpoint: str, send):
    route = Route(endpoint, send=lambda _thing: {"query_string": send})

    for role in (*OURS, "foreign"):
        text = call(route, role, OPEN).text
        found = {part for part in (OPEN, CLOSED, FOREIGN) if part in text}
        assert found == READS[role] or (endpoint.endswith("similar") and found <= READS[role])


def test_figures_count_what_the_reader_may_see(world: World):
    session = db.session()
    asker, member = world.people["asker"], world.people["member"]

    for reader, asked, answered in ((asker, 2, 2), (member, 1, 1)):
        assert reading.count_for(session, reader, asker.id).question_count == asked
        assert reading.count_for(session, reader, member.id).answer_count == answered
        assert sum(count for _topic, count in topics.list_topics(session, reader)) == asked
        masked = asked  # one in each part; whose it is counts nowhere
        assert len(reading.list_questions(session, reader).rows) == asked + masked
        assert len(reading.list_answers_by(session, reader, member.id)) == answered


def test_help_is_counted_where_the_reader_may_look(world: World):
    ivy, session = world.parts[OPEN]["member"], db.session()
    with undone():
        session.get_one(Answer, world.parts[CLOSED]["answer"]).vote_count = 3
        session.flush()

        assert helped.count_helped(session, world.people["asker"], [ivy]) == {ivy: 3}
        assert helped.count_helped(session, world.people["member"], [ivy]).get(ivy, 0) == 0


def test_news_of_a_space_that_one_has_left_is_not_told(world: World):
    member, session = world.people["member"], db.session()

    assert notifications.count_unread(session, member) == 0
    assert notifications.list_unread(session, member) == []
    assert list(notifications.list_notifications(session, member).rows) == []
