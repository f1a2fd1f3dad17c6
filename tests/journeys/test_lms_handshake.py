"""The whole handshake over HTTP between the demo LMS and PeerQA, without a browser's engine."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from lti.models import Account, LaunchRecord, PlatformKeys
from peerqa.clock import utc_now
from peerqa.models import Member
from peerqa.models.space import Membership, Role
from tests.demo.academy import FIRST_LINK
from tests.journeys.academy_site import Campus
from tests.journeys.plain_browser import PlainBrowser, Shown

pytestmark = pytest.mark.browser  # the site is the browser tests'; it has the model


def enter(campus: Campus, person: str, browser: PlainBrowser | None = None) -> PlainBrowser:
    browser = browser or PlainBrowser()
    browser.post(f"{campus.address}/log-in", {"person": person})
    return browser


def launch(campus: Campus, browser: PlainBrowser, link: str = FIRST_LINK) -> Shown:
    campus.lms.switches.storage = "off"  # it takes scripts
    return browser.open(f"{campus.address}/lti/links/{link}/open")


def codes(campus: Campus) -> list[str]:
    with campus.site.reading() as session:
        rows = session.scalars(select(LaunchRecord).order_by(LaunchRecord.id.desc()).limit(5))
        return [row.code for row in rows if row.issuer == campus.address]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_learner_arrives_in_the_space_of_the_course(campus, method):
    campus.lms.switches.login_by = method
    browser = enter(campus, "noor")

    shown = launch(campus, browser)

    assert (shown.status, codes(campus)) == (200, ["accepted"]), shown.text
    assert shown.url.startswith(campus.site.address)
    assert "Noor van Dijk" in shown.text
    assert "Workshop floor" in shown.text


def test_a_teacher_keeps_the_space_and_a_learner_does_not(campus):
    roles = {}
    for person, name in (("petra", "Petra Lindholm"), ("samir", "Samir Rahimi"),
                         ("noor", "Noor van Dijk")):  # fmt: skip
        launch(campus, enter(campus, person))
        with campus.site.reading() as session:
            roles[person] = session.scalars(
                select(Membership.role)
                .join(Member, Member.id == Membership.member_id)
                .where(Member.organization_id == campus.organization_id, Member.name == name)
            ).all()

    assert roles == {
        "petra": [Role.STEWARD], "samir": [Role.STEWARD], "noor": [Role.LEARNER],
    }  # fmt: skip


def test_everybody_of_the_academy_can_come_twice_and_is_one_person(campus):
    people = ("noor", "petra", "samir", "ilse", "quiet", "test")
    for person in people:
        browser = enter(campus, person)
        assert [launch(campus, browser).status for _ in range(2)] == [200, 200], person
    with campus.site.reading() as session:
        count = session.scalar(
            select(func.count())
            .select_from(Account)
            .join(Account.member)
            .where(Member.organization_id == campus.organization_id)
        )
    assert count == len(people)


UNUSUAL = [
    (["roles-empty"], ()), (["roles-unknown"], ()), (["roles-short"], ()),
    (["aud-list"], ()), (["skewed"], ()), (["longest-link-id"], ()),
    (["unknown-claims"], ()), ([], ("name", "given_name", "family_name")),
    ([], ("email",)), ([], ("context",)), ([], ("launch_presentation", "custom")),
]  # fmt: skip


def test_unusual_launches_that_are_right_work(campus):
    browser = enter(campus, "noor")
    for faults, omit in UNUSUAL:
        campus.lms.spoil(*faults, omit=omit)

        shown = launch(campus, browser)

        assert (shown.status, codes(campus)[0]) == (200, "accepted"), (faults, omit, shown.text)


WRONG = [
    "no-kid", "unknown-kid", "wrong-key", "alg-none", "alg-hs256", "alg-rs512", "alg-es256",
    "tampered", "expired", "old-iat", "future-iat", "wrong-iss", "wrong-aud", "wrong-azp",
    "no-azp", "other-deployment", "other-host", "wrong-version", "unknown-message",
    "wrong-nonce", "empty-nonce", "no-state", "wrong-state", "roles-text", "long-link-id",
    "no-link-id", "too-huge",
]  # fmt: skip


def test_wrong_launches_are_refused_with_a_sentence(campus):
    for fault in WRONG:
        browser = enter(campus, "noor")
        campus.lms.spoil(fault)

        shown = launch(campus, browser)

        assert 400 <= shown.status < 500, (fault, shown.text)
        assert "<h1" in shown.text, fault
    with campus.site.reading() as session:
        account = select(Account.id).join(Account.member).where(
            Member.organization_id == campus.organization_id
        )  # fmt: skip
        assert session.scalars(account).all() == []


def test_a_launch_that_is_sent_again_opens_nothing(campus):
    browser = enter(campus, "noor")
    launch(campus, browser)
    thief = PlainBrowser()
    sent = campus.lms.last_sent

    assert browser.post(sent.url, sent.fields).status >= 400
    assert thief.post(sent.url, sent.fields).status >= 400


def test_the_nonce_of_another_login_opens_nothing(campus):
    browser = enter(campus, "noor")
    launch(campus, browser)
    campus.lms.spoil("last-nonce")

    assert launch(campus, browser).status >= 400


def test_a_key_that_is_new_is_asked_for(campus):
    browser = enter(campus, "noor")
    launch(campus, browser)
    campus.lms.keys.rotate()
    with campus.site.writing() as session:  # not at once: made-up tokens must not ask for more
        session.execute(update(PlatformKeys).values(tried_at=utc_now() - timedelta(minutes=1)))

    assert launch(campus, browser).status == 200


def test_nobody_logged_in_to_the_lms_is_told_what_to_do(campus):
    browser = enter(campus, "noor")
    opened: list[str] = []
    campus.lms.switches.login_by = "GET"
    original = campus.lms.begun

    class Leaving(dict):
        def __setitem__(self, key, value):
            browser.cookies.pop(campus.address, None)
            opened.append(key)
            super().__setitem__(key, value)

    campus.lms.begun = Leaving(original)
    shown = launch(campus, browser)

    assert opened
    assert 400 <= shown.status < 500
    assert "<h1" in shown.text
