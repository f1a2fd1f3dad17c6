"""What the doctor says of the LMS front door."""

from datetime import timedelta

import pytest

from lti.connecting import registration
from lti.launching import launch_log
from lti.launching.launch_log import Attempt
from lti.launching.refusals import LoginIncomplete, SignatureWrong, TokenExpired
from lti.models import GradeDelivery, LineItem, Platform, PlatformKeys
from lti.people.accounts import find_or_make_account
from lti.services import keys
from peerqa import outbox
from peerqa.clock import utc_now
from peerqa.models import OutboxRow
from tests.lti.conftest import make_platform
from tests.lti.courses import make_campus


@pytest.fixture
def platform(session, organization) -> Platform:
    return make_platform(session, organization)


@pytest.fixture
def found(peerqa):
    """Return a function: name of a check → (state, what was said) of each of its lines."""

    def run(check: str) -> list[tuple[str, str]]:
        told = peerqa("doctor", "--json").json["findings"]
        assert all(each["remedy"] for each in told if each["state"] == "warn")
        return [(each["state"], each["said"]) for each in told if each["check"] == check]

    return run


def test_without_an_lms_nothing_is_amiss(found):
    assert found("lms") == [("ok", "none is connected; peerqa platform invite begins")]
    assert found("lms-keys") == [("ok", "none yet: one is made when it is needed")]
    assert found("launches") == found("lms-approvals") == found("grades") == []


def test_an_lms_cannot_reach_an_address_without_https(found, platform, app, monkeypatch):
    assert found("lms")[0][0] == "warn"

    settings = app.extensions["peerqa.settings"]
    public = settings.model_copy(update={"public_url": "https://ask.example.org"})
    monkeypatch.setitem(app.extensions, "peerqa.settings", public)
    assert found("lms") == [("ok", "1 connected")]


def test_keys_that_cannot_be_fetched_are_named(found, session, platform):
    now = utc_now()
    row = PlatformKeys(platform_id=platform.id, document="", tried_at=now, error="No answer.")
    session.add(row)
    assert (
        "warn",
        f"the keys of moodle.example (#{platform.id}) could not be fetched: No answer.",
    ) in (found("lms-keys"))

    registration.disable(session, platform, now)
    assert len(found("lms-keys")) == 1


def test_a_key_that_nothing_follows_is_named(found, session, app):
    key = app.extensions["peerqa.key"]
    row = keys.rotate(session, key, at=utc_now() - timedelta(days=33))
    assert found("lms-keys") == [("warn", "no key has followed the one that retired 3 days ago")]

    row.retires_at = utc_now() + timedelta(days=1)
    assert found("lms-keys")[0][0] == "ok"


def test_who_waits_for_approval_is_counted(found, session, platform):
    row = registration.add_deployment(session, platform=platform, deployment_id="1", at=utc_now())
    assert found("lms-approvals") == [("warn", "1 deployments wait for approval")]

    registration.approve(session, row, utc_now())
    assert found("lms-approvals") == []


def test_refused_launches_of_the_last_day_are_told_with_the_commonest_reason(
    found, session, platform
):
    now = utc_now()
    attempt = Attempt()
    attempt.reach(platform)
    launch_log.record(session, attempt, at=now)
    assert found("launches") == [("ok", "1 in the last day, none refused")]

    for refusal in (SignatureWrong(), TokenExpired(), TokenExpired()):
        launch_log.record(session, attempt, refusal, at=now)
    launch_log.record(session, attempt, SignatureWrong(), at=now - timedelta(days=2))
    for _ in range(5):  # of strangers
        launch_log.record(
            session, Attempt(), LoginIncomplete(parameter="iss"), at=now
        )  # a stranger
    assert found("launches") == [
        ("warn", "1 in the last day, 3 refused, mostly token-expired")
    ]  # fmt: skip


def test_grades_that_were_given_up_are_counted(found, session, organization):
    outbox.ask(session, "grade", "1", at=utc_now())
    session.flush()
    session.query(OutboxRow).update({"dead_at": utc_now()})

    assert found("grades") == [("warn", "0 were refused by their LMS, 1 were given up")]


def test_scores_that_never_came_there_are_counted(found, session, organization):
    now = utc_now()
    campus = make_campus(session, organization)
    account = find_or_make_account(
        session, platform=campus.platform, organization=organization, subject="ann", name=None,
        email=None, at=now,
    )  # fmt: skip
    column = LineItem(
        context=campus.course("7", "Safety"), label="PeerQA", maximum=10, created_at=now, attempts=9
    )
    session.add(GradeDelivery(line_item=column, account=account, state="given_up", attempts=0))
    session.flush()

    assert found("grades") == [("warn", "0 were refused by their LMS, 1 were given up")]
    assert found("gradebooks") == [("warn", "1 cannot be reached, and are tried again and again")]
