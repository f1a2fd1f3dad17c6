"""Sixteen at once: one key is made, a key set fetched once, a column worked on by one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti.grading import grade_delivery, grades
from lti.grading.grade_messages import LINE_ITEM, SCORE
from lti.models import Account, Context, Enrolment, LineItem, Platform, ToolKey
from lti.people import roster
from lti.people.accounts import find_or_make_account
from lti.people.enrolment import enter_course
from lti.services import jwks, keys
from peerqa.database import db, transaction
from peerqa.gate import instance_key
from peerqa.models import Organization, Space
from peerqa.models.space import Role
from peerqa.outgoing import Client
from peerqa.services import members
from peerqa.services.grades import set_score
from tests.conftest import NOON
from tests.lti.courses import make_campus
from tests.lti.fake_lms import Answer, FakeLms, fake_lms
from tests.lti.platform import public_jwk, rsa_key
from tests.lti.services import ROSTER, TOKEN, page, person
from tests.reliability.arena import THREADS, Arena, Stage, kinds, load


@pytest.fixture
def lms(arena: Arena, monkeypatch) -> Iterator[FakeLms]:
    settings = arena.app.extensions["peerqa.settings"].model_copy(update={"demo": True})
    monkeypatch.setitem(arena.app.extensions, "peerqa.outgoing", Client(settings))
    with fake_lms() as lms:
        lms.answer(TOKEN, Answer(body={"access_token": "token", "expires_in": 3600}))
        yield lms


@pytest.fixture
def context_id(arena: Arena, stage: Stage, lms: FakeLms) -> int:
    """A course of the stage's space whose services the fake LMS gives."""
    with arena.app.app_context():
        keys.keep_going(instance_key(), at=NOON)
        with transaction() as session:
            organization = session.get_one(Space, stage.space).organization_id
            campus = make_campus(
                session, session.get_one(Organization, organization), issuer=lms.url
            )
            campus.platform.token_url = lms.url + TOKEN
            campus.platform.keys_url = lms.url + "/keys"
            context = campus.course("7", "Safety")
            context.roster_url, context.roster_due_at = lms.url + ROSTER, NOON
            context.line_items_url = lms.url + "/items"
            context.grade_scopes = [LINE_ITEM, SCORE]
            return context.id


def clean(arena: Arena) -> None:
    """Let nothing of other rounds be due."""
    with arena.app.app_context(), transaction() as session:
        session.query(Context).update({"roster_due_at": None})
        session.query(LineItem).update({"due_at": None})


def test_one_key_is_made_at_once(arena: Arena):
    with arena.app.app_context(), transaction() as session:
        session.query(ToolKey).delete()

    arena.rush(lambda _: keys.keep_going(instance_key(), at=NOON))

    assert arena.read(lambda s: s.scalar(select(func.count()).select_from(ToolKey))) == 1


def test_a_key_set_is_fetched_once(arena: Arena, lms: FakeLms, context_id: int):
    public = public_jwk(rsa_key(), "a")
    lms.answer("/keys", Answer(body={"keys": [public]}, after_seconds=0.3))

    def find(_: int) -> int:
        platform = db.session().get_one(Context, context_id).deployment.platform
        return len(jwks.find_keys(platform, "a", at=NOON))

    assert kinds(arena.rush(find)) == {1: THREADS}
    assert len(lms.asked_for("/keys")) == 1


def test_a_roster_is_read_by_one_and_nobody_is_made_twice(
    arena: Arena, lms: FakeLms, context_id: int
):
    with arena.app.app_context(), transaction() as session:
        session.query(Context).filter(Context.id != context_id).update({"roster_due_at": None})
    people = [person(f"p{number}", name=f"P{number}") for number in range(8)]
    lms.answer(ROSTER, page(*people))

    arena.rush(lambda _: roster.read_due(now=lambda: NOON))

    assert len(lms.asked_for(ROSTER)) == 1
    assert (
        arena.read(
            lambda s: s.scalar(
                select(func.count())
                .select_from(Enrolment)
                .where(Enrolment.context_id == context_id)
            )
        )
        == 8
    )


def test_people_who_launch_while_the_roster_is_read_are_one_each(
    arena: Arena, lms: FakeLms, context_id: int
):
    with arena.app.app_context(), transaction() as session:
        session.query(Context).filter(Context.id != context_id).update({"roster_due_at": None})
    lms.answer(ROSTER, page(*(person(f"p{number}") for number in range(8))))

    def act(number: int) -> None:
        if number == 0:
            roster.read_due(now=lambda: NOON)
            return
        with transaction() as session:
            context = session.get_one(Context, context_id)
            account = find_or_make_account(
                session, platform=context.deployment.platform,
                organization=context.deployment.organization, subject=f"p{number % 8}",
                name=None, email=None, at=NOON,
            )  # fmt: skip
            enter_course(session, account, context, received=(), rules={}, at=NOON)

    arena.rush(act)

    def count(session) -> tuple[int, int]:
        platform_id = session.get_one(Context, context_id).deployment.platform_id
        accounts = select(Account.member_id).where(Account.platform_id == platform_id)
        found = session.scalars(accounts).all()
        return len(found), len(set(found))

    assert arena.read(count) == (8, 8)


def want_scores(arena: Arena, stage: Stage, context_id: int) -> list[str]:
    """Switch the column on, and want a score for five people; returns the outbox's keys."""
    with arena.app.app_context(), transaction() as session:
        context = session.get_one(Context, context_id)
        platform = session.get_one(Platform, context.deployment.platform_id)
        steward = load(session, stage.alice)
        members.join_space(session, member=steward, space=context.space, role=Role.STEWARD)
        grades.switch_on(session, context, by=steward, at=NOON)
        wanted = []
        for number in range(5):
            account = find_or_make_account(
                session, platform=platform, organization=context.deployment.organization,
                subject=f"p{number}", name=None, email=None, at=NOON,
            )  # fmt: skip
            enter_course(session, account, context, received=("Learner",), rules={}, at=NOON)
            grade = set_score(
                session, member=account.member, space=context.space, given=number, maximum=10,
                at=NOON,
            )  # fmt: skip
            wanted.append(str(grade.id))
        return wanted


def test_a_column_is_made_once_and_each_score_sent_once(
    arena: Arena, stage: Stage, lms: FakeLms, context_id: int
):
    clean(arena)
    wanted = want_scores(arena, stage, context_id)
    item = {"id": f"{lms.url}/items/1"}
    lms.routes["/items"] = lambda request: Answer(body=[] if request.method == "GET" else item)
    lms.answer("/items/1", Answer(body=item))
    lms.answer("/items/1/scores", Answer())

    def work(_: int) -> None:
        grade_delivery.note_all(wanted, now=lambda: NOON)
        grade_delivery.deliver_due(now=lambda: NOON + timedelta(seconds=1))

    arena.rush(work)
    with arena.app.app_context():
        grade_delivery.deliver_due(now=lambda: NOON + timedelta(seconds=2))

    assert len([request for request in lms.asked_for("/items") if request.method == "POST"]) == 1
    sent = sorted(request.json["userId"] for request in lms.asked_for("/items/1/scores"))
    assert sent == [f"p{number}" for number in range(5)]
    row = arena.read(
        lambda s: s.scalars(select(LineItem).where(LineItem.context_id == context_id)).one()
    )
    assert (row.due_at, row.claimed_until, row.error) == (None, None, None)
