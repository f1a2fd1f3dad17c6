"""S7: limits hold exactly with two workers, and a form that waits keeps what was typed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.models import RateCount
from peerqa.secrets import InstanceKey
from peerqa.services.moderating.limits import TooMany, delete_past, take
from tests.conftest import NOON
from tests.reliability.arena import THREADS, Arena, Stage, kinds
from tests.reliability.service import Reply, Service

KEY = InstanceKey(b"k" * 32)
MOST = 20


@pytest.mark.timeout(180)
def test_with_two_workers_as_many_questions_are_taken_as_are_allowed(tmp_path):
    service = Service(tmp_path)
    service.limits |= {"PEERQA_QUESTIONS_PER_HOUR": str(MOST), "PEERQA_WEB_PROCESSES": "2"}
    people = service.found()
    service.start()

    def ask(number: int) -> Reply:
        sent = {"title": f"Where is tool number {number}?", "space": people.space}
        return service.ask("POST", "/api/v1/questions", token=people.alice, sent=sent)

    try:
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(ask, range(2 * MOST)))
    finally:
        service.kill()

    statuses = [reply.status for reply in replies]
    assert set(statuses) == {201, 429}
    assert 0.9 * MOST <= statuses.count(201) <= 1.1 * MOST
    assert all(0 < int(r.retry_after or 0) <= 3600 for r in replies if r.status == 429)


def test_of_many_at_once_exactly_as_many_pass_as_are_allowed(arena: Arena, stage: Stage):
    def act(session, _number: int) -> bool:
        take(session, KEY, "answers", stage.bob, most=5, at=NOON)
        return True

    assert kinds(arena.race(act)) == {True: 5, "TooMany": THREADS - 5}


def test_the_next_hour_is_another_one_and_says_nothing_of_anybody(session, bob):
    for _ in range(2):
        take(session, KEY, "flags", bob.id, most=2, at=NOON)
    with pytest.raises(TooMany) as refused:
        take(session, KEY, "flags", bob.id, most=2, at=NOON + timedelta(minutes=40))
    assert refused.value.retry_after_seconds == 20 * 60 + 1
    take(session, KEY, "flags", bob.id, most=0, at=NOON)
    take(session, KEY, "answers", bob.id, most=2, at=NOON)
    take(session, KEY, "flags", bob.id, most=2, at=NOON + timedelta(hours=1))

    rows = session.scalars(select(RateCount.digest)).all()
    assert len({row[:8] for row in rows}) == 3, "digests of one member have nothing in common"
    delete_past(session, at=NOON + timedelta(hours=1))
    assert len(session.scalars(select(RateCount)).all()) == 1


def test_a_page_that_must_wait_keeps_what_was_typed(app, browse, alice, question):
    before = app.extensions["peerqa.settings"]
    app.extensions["peerqa.settings"] = before.model_copy(update={"answers_per_hour": 1})
    try:
        browser = browse(alice)
        path = f"/questions/{question.id}/answers"
        assert browser.post(path, {"body": "One."}).status_code == 303
        page = browser.post(path, {"body": "Another <one>."})
    finally:
        app.extensions["peerqa.settings"] = before

    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= 3600
    assert "That was a lot for one hour" in page.text
    assert "Another &lt;one&gt;." in page.text
