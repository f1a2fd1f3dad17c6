"""R9: launches at once make one member, one course and one space, and use a login once."""

from collections import Counter

import pytest
from sqlalchemy import select

from lti.connecting.registration import add_deployment
from lti.models import Account, Context, Enrolment, Login, Origin, Platform
from lti.models.platform import DeploymentState
from peerqa.database import transaction
from peerqa.models import Member, Organization, Space
from tests.conftest import NOON
from tests.lti.conftest import make_platform
from tests.lti.platform import ABSENT, FakePlatform, Outgoing, post
from tests.reliability.arena import THREADS, Arena, Stage, count


@pytest.fixture
def platform(arena: Arena, stage: Stage, monkeypatch) -> FakePlatform:
    """An LMS of its own for each race."""
    outgoing = Outgoing()
    monkeypatch.setitem(arena.app.extensions, "peerqa.outgoing", outgoing)
    with arena.app.app_context(), transaction() as session:
        organization = session.get_one(Space, stage.space).organization_id
        row = make_platform(
            session, session.get_one(Organization, organization), f"lms{stage.question}.example"
        )
        add_deployment(
            session, platform=row, deployment_id="1", at=NOON, state=DeploymentState.APPROVED
        )
        return FakePlatform(row, outgoing)


def id_of(arena: Arena, platform: FakePlatform) -> int:
    return arena.read(lambda s: s.scalar(select(Platform.id).filter_by(issuer=platform.issuer)))


def test_one_person_who_comes_often_at_once_is_one_member(arena: Arena, platform: FakePlatform):
    title = f"Course of {platform.issuer}"

    def come(_number: int) -> int:
        client = arena.app.test_client()
        return platform.launch(
            client, CONTEXT={"id": "c", "title": title}, email=ABSENT
        ).status_code

    assert arena.rush(come) == [303] * THREADS
    lms = id_of(arena, platform)
    assert count(arena, Account.platform_id == lms) == 1
    assert count(arena, Account.platform_id == lms, Account.member_id == Member.id) == 1
    assert count(arena, Space.name.startswith(title)) == 1
    assert count(arena, Context.title == title) == 1
    assert count(arena, Enrolment.account_id == Account.id, Account.platform_id == lms) == 1
    assert count(arena, Origin.platform_id == lms) == 1


def test_of_one_launch_that_is_posted_often_at_once_one_is_taken(
    arena: Arena, platform: FakePlatform
):
    client = arena.app.test_client()
    sent = platform.begin(client)
    token = platform.sign(platform.claims(sent.nonce, email=ABSENT))
    cookies = {
        name: client.get_cookie(name, path="/lti").value
        for name in (sent.reply.headers["Set-Cookie"].partition("=")[0], "peerqa_browser")
    }

    def submit(_number: int) -> int:
        browser = arena.app.test_client()
        for name, value in cookies.items():
            browser.set_cookie(name, value, path="/lti")
        return post(browser, token, sent.state).status_code

    assert Counter(arena.rush(submit)) == {303: 1, 409: THREADS - 1}
    lms = id_of(arena, platform)
    assert count(arena, Account.platform_id == lms) == 1
    assert count(arena, Login.platform_id == lms, Login.used_at.is_not(None)) == 1


def test_courses_of_one_title_that_begin_at_once_are_as_many_spaces(
    arena: Arena, platform: FakePlatform
):
    title = f"Title of {platform.issuer}"

    def come(number: int) -> int:
        course = {"id": f"course-{number}", "title": title}
        return platform.launch(
            arena.app.test_client(), CONTEXT=course, sub=f"user-{number}", email=ABSENT
        ).status_code

    assert arena.rush(come) == [303] * THREADS
    assert count(arena, Space.name.startswith(title)) == THREADS
    assert count(arena, Context.title == title) == THREADS


def test_of_people_with_one_address_who_come_at_once_one_has_it(
    arena: Arena, platform: FakePlatform
):
    email = f"{platform.issuer[8:]}@example.org".replace("/", "")

    def come(number: int) -> int:
        return platform.launch(
            arena.app.test_client(), sub=f"user-{number}", email=email, CONTEXT=ABSENT
        ).status_code

    assert arena.rush(come) == [303] * THREADS
    assert count(arena, Account.platform_id == id_of(arena, platform)) == THREADS
    assert count(arena, Member.email == email) == 1
