"""Every page in a language of brackets: what stands outside of them was never translated."""

import re
from collections.abc import Iterator

import pytest
from babel import Locale
from flask import Flask
from sqlalchemy import select

from peerqa import identity, languages
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.gate import COOKIE, instance_key
from peerqa.languages import LANGUAGES
from peerqa.models import Member, Organization, Post, Question, SavedSearch, Space, Topic
from peerqa.services.notifying.local_time import list_zones
from peerqa.web.chrome import initials
from tests.conftest import rolled_back
from tests.pseudo import Pseudo, untranslated
from tests.reliability.route import Route
from tests.reliability.routes import ROUTES, TITLE
from tests.reliability.test_isolation import path_of, undone
from tests.reliability.world import OPEN, World, make_world

# Sentences are the same on any database.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

ROLES = ("stranger", "asker", "steward", "admin")
TYPED = (Organization.name, Space.name, Member.name, Member.email, Question.title, Post.body,
         Question.pseudonym, Topic.name, SavedSearch.query, SavedSearch.name)  # fmt: skip
# Names of products and standards, which are the same in every language.
NAMES = "Peer QA PeerQA Markdown UTC Campus peerqa"


@pytest.fixture(scope="module")
def app(house: Flask) -> Iterator[Flask]:
    with rolled_back(house) as app:
        yield app


@pytest.fixture(scope="module")
def world(app: Flask) -> World:
    return make_world(app, db.session())


@pytest.fixture(scope="module")
def names(world: World) -> set[str]:
    """The words that people typed, and those that are names."""
    typed = [NAMES, TITLE, *LANGUAGES.values(), *list_zones()]
    typed += Locale("en").days["format"]["wide"].values()
    typed += [languages.name_of(tag, "en") for tag in languages.STEMMERS]
    for column in TYPED:
        typed += [value for value in db.session().scalars(select(column)) if value]
    typed += [initials(each) for each in db.session().scalars(select(Member.name))]
    return {word for text in typed for word in re.findall(r"[^\W\d_]{2,}", text)}


@pytest.fixture
def in_brackets(monkeypatch) -> None:
    monkeypatch.setattr(languages, "catalogue", lambda _language: Pseudo())


@pytest.mark.usefixtures("in_brackets")
@pytest.mark.parametrize(
    "role", ["usual", *(pytest.param(r, marks=pytest.mark.long) for r in ROLES)]
)
def test_every_page_says_every_sentence_through_a_catalogue(
    app: Flask, world: World, names: set[str], role: str
):
    """Who usually opens a page, and in the long run everybody: a form as it is sent, and empty."""
    headers = {one: _headers(world, one) for one in ROLES}
    client = app.test_client(use_cookies=False)
    found: dict[str, list[str]] = {}
    for route in (route for route in ROUTES if not route.is_api and route.is_in(world.parts[OPEN])):
        thing = world.parts[OPEN][route.thing] if route.thing else ""
        reader = _usual(route) if role == "usual" else role
        for sent in [route.send(thing), {}][: 2 if route.method == "POST" else 1]:
            with undone():
                reply = client.open(
                    path_of(app, route, thing), method=route.method, headers=headers[reader], **sent
                )
            if reply.mimetype == "text/html" and (
                reply.status_code < 300 or reply.status_code > 399
            ):
                said = [word for word in untranslated(reply.text) if word not in names]
                if said:
                    found[f"{route} {reply.status_code} {'' if sent else 'empty'}"] = said
    assert found == {}


def _headers(world: World, role: str) -> dict[str, str]:
    if role not in world.people:
        return {}
    made = identity.sign_in(db.session(), world.people[role], at=utc_now())
    db.session().commit()
    token = identity.csrf_token(instance_key(), made.row)
    return {"Cookie": f"{COOKIE}={made.token}", "X-CSRF-Token": token}


def _usual(route: Route) -> str:
    if route.signed_out < 300:
        return "stranger"
    return next((role for role in ("asker", "steward", "admin") if role in route.who), "asker")
