"""R8: whatever a platform answers, each score is effective once, in order, or visibly is not."""

from datetime import timedelta

import pytest

from lti.grading import grade_delivery, grade_turn, grades
from peerqa import outbox
from peerqa.outgoing import client
from tests.conftest import NOON
from tests.lti.fake_lms import Answer
from tests.lti.gradebook import ITEMS, Graded, make_graded, work_until_quiet
from tests.lti.services import TOKEN, one_key

assert one_key
SLOW = Answer(after_seconds=1.2)


@pytest.fixture
def graded(session, organization, lms, monkeypatch) -> Graded:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.8)
    graded = make_graded(session, organization, lms)
    graded.switch_on()
    return graded


@pytest.mark.parametrize(
    "spoilt",
    [
        [Answer(500)], [Answer(503)] * 3, [SLOW], [SLOW, Answer(502)], [Answer(429)],
        [Answer(429, headers=(("Retry-After", "120"),))], [Answer(401)], [Answer(409)],
        [Answer(409)] * 2, [Answer(500), SLOW, Answer(401), Answer(409)],
    ],
    ids=str,
)  # fmt: skip
def test_a_score_comes_there_once_when_the_platform_has_recovered(graded, spoilt):
    graded.book.spoilt += spoilt
    graded.score("ann", 4)
    work_until_quiet(graded)

    assert [score["scoreGiven"] for score in graded.book.taken] == [4]
    row = graded.row("ann")
    assert (row.state, row.error, graded.column().error) == ("delivered", None, None)


@pytest.mark.parametrize(
    "spoilt",
    [[Answer(500)], [SLOW], [Answer(429)], [Answer(401)], [Answer(body=b"<html>")]],
    ids=str,
)
@pytest.mark.parametrize("where", ["list", "token"])
def test_the_column_is_made_once_when_the_platform_has_recovered(graded, spoilt, where):
    if where == "list":
        graded.book.spoilt_items += spoilt
    else:
        good = graded.course.lms.routes[TOKEN]
        left = list(spoilt)
        graded.course.lms.routes[TOKEN] = lambda r: left.pop(0) if left else good(r)
    graded.score("ann", 4)
    work_until_quiet(graded)

    assert len(graded.book.columns) == 1
    assert graded.book.shown() == {"ann": 4}


def test_a_column_whose_making_was_not_heard_of_is_found_and_not_made_twice(graded):
    def make_slowly(request):
        answer = graded.book._items(request)
        if request.method != "POST":
            return answer
        return Answer(answer.status, answer.body, after_seconds=1.2)

    graded.course.lms.routes[ITEMS] = make_slowly
    graded.score("ann", 4)
    work_until_quiet(graded)

    assert len(graded.book.columns) == 1
    assert graded.book.shown() == {"ann": 4}


def test_a_score_whose_answer_was_not_heard_is_sent_again_with_a_newer_time(graded):
    graded.score("ann", 4)
    graded.work()
    scores = next(path for path in graded.course.lms.routes if path.endswith("/scores"))
    taking = graded.course.lms.routes[scores]
    left = [SLOW.after_seconds]
    graded.course.lms.routes[scores] = lambda request: Answer(
        taking(request).status, after_seconds=left.pop() if left else 0
    )
    graded.course.later(minutes=1)
    graded.score("ann", 5)
    work_until_quiet(graded)

    assert graded.book.shown() == {"ann": 5}
    times = [score["timestamp"] for score in graded.book.taken]
    assert times == sorted(set(times))


def test_a_repeated_score_never_brings_an_older_one_back(graded):
    graded.book.spoilt += [Answer(500)]
    graded.score("ann", 3)
    graded.work()
    graded.course.later(minutes=1)
    graded.score("ann", 8)
    work_until_quiet(graded)

    assert [score["scoreGiven"] for score in graded.book.taken] == [8]


def test_the_platforms_own_pause_is_kept(graded):
    graded.book.spoilt.append(Answer(429, headers=(("Retry-After", "3600"),)))
    graded.score("ann", 4)
    graded.work()

    assert graded.column().due_at == NOON + timedelta(hours=1)
    graded.score("ben", 5)
    graded.course.later(minutes=59)
    assert graded.work() == 0


def test_the_pauses_grow_with_jitter(graded):
    graded.score("ann", 4)
    graded.book.spoilt_items += [Answer(500)] * 8
    pauses = []
    for _ in range(8):
        graded.work()
        pauses.append((graded.column().due_at - graded.course.at).total_seconds())
        graded.course.at = graded.column().due_at

    for attempt, pause in enumerate(pauses):
        assert 0.5 * 5 * 2**attempt <= pause <= 1.5 * 5 * 2**attempt
    assert "status 500" in graded.column().error


def test_what_never_comes_there_is_given_up_and_stays_visible(graded, session, monkeypatch):
    monkeypatch.setattr(grade_delivery, "MAX_ATTEMPTS", 4)
    graded.score("ann", 4)
    graded.book.spoilt_items += [Answer(500)] * 4
    assert work_until_quiet(graded) == 3

    row = graded.row("ann")
    assert (row.state, row.due_at) == ("given_up", None)
    assert "status 500" in row.error
    grades.deliver_again(session, graded.course.context, by=graded.steward, at=graded.course.at)
    session.commit()
    graded.work()
    assert graded.book.shown() == {"ann": 4}


def test_a_newer_score_of_the_platforms_is_waited_for_and_given_up_in_the_end(graded, monkeypatch):
    monkeypatch.setattr(grade_turn, "MAX_CONFLICTS", 3)
    graded.score("ann", 4)
    graded.book.spoilt += [Answer(409)] * 3
    work_until_quiet(graded)

    assert graded.row("ann").state == "given_up"
    assert "newer score" in graded.row("ann").error


def test_a_score_from_the_future_holds_up_its_person_until_then_and_no_other(graded):
    graded.book.newest["ann"] = NOON + timedelta(minutes=10)
    graded.score("ann", 4)
    graded.score("ben", 5)
    graded.work()
    assert graded.book.shown() == {"ben": 5}

    work_until_quiet(graded)
    assert graded.book.shown() == {"ben": 5, "ann": 4}
    assert graded.course.at < NOON + timedelta(hours=1)


def test_an_lms_that_is_down_does_not_starve_the_others(graded, session, organization, lms):
    lms.answer("/dead", SLOW)
    graded.course.platform.token_url = f"{lms.url}/dead"
    other = make_graded(session, organization, lms, issuer="https://second.example")
    other.course.at = NOON + timedelta(minutes=1)
    graded.score("ann", 4)
    other.switch_on()
    other.score("ann", 5)
    other.work()

    assert other.book.shown() == {"ann": 5}
    assert "in time" in graded.column().error
    assert len(lms.asked_for("/dead")) == 1


def test_a_handler_that_is_killed_is_harmless(graded, monkeypatch):
    graded.score("ann", 4)
    outbox.drain(
        {"grade": lambda keys: grade_delivery.note_all(keys, now=graded.course.now)},
        now=graded.course.now,
    )
    with monkeypatch.context() as dying:
        dying.setattr(grade_turn, "_note_delivered", _die)
        with pytest.raises(SystemExit):
            grade_delivery.deliver_due(now=graded.course.now)
    assert grade_delivery.deliver_due(now=graded.course.now) == 0, "its lease lasts"
    graded.course.later(minutes=6)
    graded.work()

    assert [score["scoreGiven"] for score in graded.book.taken] == [4, 4]
    assert graded.row("ann").state == "delivered"


def _die(*_args: object, **_more: object) -> None:
    raise SystemExit
