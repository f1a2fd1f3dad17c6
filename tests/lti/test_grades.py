"""Scores reach the gradebook: each once, in order, as it is wanted when it is sent."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from lti.grading import grades
from lti.grading.grade_messages import LINE_ITEM, SCORE, next_instant, scores_url
from lti.grading.grades import GradesNotOffered
from lti.models import GradeDelivery, LineItem
from peerqa.errors import Invalid, NotAllowed
from peerqa.services.grades import set_score
from tests.conftest import NOON
from tests.lti.fake_lms import Answer
from tests.lti.gradebook import Graded, make_graded
from tests.lti.services import TOKEN, one_key

assert one_key


@pytest.fixture
def graded(session, organization, lms) -> Graded:
    return make_graded(session, organization, lms)


def test_a_column_is_made_and_scores_come_there(graded):
    graded.score("ann", 7, comment="Helped four people")
    graded.switch_on()
    graded.work()

    (column,) = graded.book.columns.values()
    assert (column["label"], column["scoreMaximum"], column["tag"]) == ("PeerQA", 10, "peerqa")
    assert graded.column().url == column["id"]
    (score,) = graded.book.taken
    assert (score["userId"], score["scoreGiven"], score["scoreMaximum"]) == ("ann", 7, 10)
    assert score["comment"] == "Helped four people"
    assert score["activityProgress"] == "Completed"
    row = graded.row("ann")
    assert (row.state, row.given, row.error, row.due_at) == ("delivered", 7, None, None)
    assert row.delivered_at == NOON
    assert graded.column().due_at is None


def test_a_new_score_replaces_the_one_before_at_once(graded):
    graded.switch_on()
    for given in (1, 0, 5.5):
        graded.score("ann", given)
        graded.work()
        graded.course.later(seconds=30)

    assert [score["scoreGiven"] for score in graded.book.taken] == [1, 0, 5.5]
    assert len(graded.book.columns) == 1


def test_of_several_scores_that_wait_the_newest_is_sent(graded):
    graded.switch_on()
    graded.score("ann", 1)
    graded.score("ann", 2)
    graded.work()
    graded.work()

    assert [score["scoreGiven"] for score in graded.book.taken] == [2]


def test_scores_within_a_second_come_in_order_and_never_from_the_future(graded):
    graded.switch_on()
    for given in (1, 2, 3):
        graded.score("ann", given)
        graded.work()
    assert graded.book.shown() == {"ann": 1}
    for _ in range(3):
        graded.course.later(seconds=1)
        graded.work()
        assert graded.book.newest["ann"] <= graded.course.at

    assert [score["scoreGiven"] for score in graded.book.taken] == [1, 3]


def test_a_score_that_changes_while_it_is_sent_is_sent_again(graded, session):
    graded.switch_on()
    graded.score("ann", 1)

    def change() -> None:
        graded.book.on_score = None
        set_score(
            session, member=graded.people["ann"], space=graded.course.context.space,
            given=9, maximum=10, at=NOON,
        )  # fmt: skip
        session.commit()

    graded.book.on_score = change
    graded.work()
    assert graded.row("ann").state == "waiting"
    graded.course.later(seconds=2)
    graded.work()

    assert [score["scoreGiven"] for score in graded.book.taken] == [1, 9]
    assert graded.row("ann").state == "delivered"


def test_the_same_score_is_not_sent_twice(graded, session):
    graded.switch_on()
    graded.score("ann", 4)
    graded.work()
    graded.course.later(hours=1)
    graded.switch_on()
    grades.deliver_again(session, graded.course.context, by=graded.steward, at=graded.course.at)
    session.commit()
    graded.work()

    assert len(graded.book.taken) == 1
    assert graded.row("ann").state == "delivered"


def test_a_steward_may_send_a_score_once_more(graded, session):
    graded.switch_on()
    graded.score("ann", 4)
    graded.work()
    graded.course.later(hours=1)
    grades.send_again(
        session, graded.course.context, member=graded.people["ann"], by=graded.steward,
        at=graded.course.at,
    )  # fmt: skip
    session.commit()
    graded.work()

    assert [score["scoreGiven"] for score in graded.book.taken] == [4, 4]


def test_stewards_test_students_and_who_has_left_are_not_sent(graded, session):
    graded.course.enrolment("ben").left_at = NOON
    session.flush()
    graded.course.enrolment("ann").account.is_test = True
    session.commit()
    graded.switch_on()
    for subject in ("ann", "ben", "tim"):
        graded.score(subject, 4)
    graded.work()

    assert graded.book.taken == []
    assert session.scalar(select(func.count()).select_from(GradeDelivery)) == 0


def test_who_leaves_while_their_score_waits_is_not_sent(graded, session):
    graded.switch_on()
    graded.score("ann", 4)
    graded.book.spoilt_items.append(Answer(500))
    graded.work()
    graded.course.enrolment("ann").left_at = NOON
    session.commit()
    graded.course.later(hours=1)
    graded.work()

    assert graded.book.taken == []
    assert graded.row("ann").state == "refused"
    assert "no learner" in graded.row("ann").error


def test_nothing_is_sent_while_it_is_switched_off(graded, session):
    graded.score("ann", 4)
    graded.work()
    graded.switch_on()
    grades.switch_off(session, graded.course.context, by=graded.steward, at=NOON)
    session.commit()
    graded.score("ben", 5)
    graded.work()
    assert graded.book.taken == []

    graded.switch_on()
    graded.work()
    assert graded.book.shown() == {"ann": 4, "ben": 5}


def test_a_column_that_was_made_before_is_found_again(graded, session):
    graded.switch_on()
    graded.work()
    graded.column().url = None
    session.commit()
    graded.score("ann", 4)
    graded.work()

    assert len(graded.book.columns) == 1
    assert graded.book.shown() == {"ann": 4}


def test_a_clock_ahead_of_the_platforms_is_put_right(graded):
    graded.book.behind_seconds = 3600
    graded.switch_on()
    graded.score("ann", 4)
    graded.work()

    assert graded.book.newest["ann"] <= graded.book.now()
    graded.course.later(minutes=1)
    graded.score("ann", 5)
    graded.work()
    assert graded.book.shown() == {"ann": 5}
    assert graded.book.newest["ann"] <= graded.book.now()


def test_each_scope_has_a_token_of_its_own(graded):
    graded.switch_on()
    graded.score("ann", 4)
    graded.work()

    asked = [request.form["scope"] for request in graded.course.lms.asked_for(TOKEN)]
    assert asked == [LINE_ITEM, SCORE]


def test_only_a_steward_of_the_space_switches(graded, session, alice, carol, admin):
    for somebody in (alice, carol, admin, graded.people["ann"]):
        with pytest.raises(NotAllowed):
            grades.switch_on(session, graded.course.context, by=somebody, at=NOON)
        with pytest.raises(NotAllowed):
            grades.switch_off(session, graded.course.context, by=somebody, at=NOON)
        with pytest.raises(NotAllowed):
            grades.deliver_again(session, graded.course.context, by=somebody, at=NOON)

    assert session.scalar(select(func.count()).select_from(LineItem)) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"line_items_url": None},
        {"grade_scopes": []},
        {"grade_scopes": [SCORE, f"{LINE_ITEM}.readonly"]},
        {"grade_scopes": [LINE_ITEM]},
    ],
)
def test_a_gradebook_that_is_not_offered_has_a_sentence(graded, session, change):
    for name, value in change.items():
        setattr(graded.course.context, name, value)

    with pytest.raises(GradesNotOffered, match="offers PeerQA no gradebook"):
        graded.switch_on()


@pytest.mark.parametrize(
    "wrong", [{"label": " "}, {"label": "x" * 101}, {"maximum": 0}, {"maximum": float("nan")}]
)
def test_a_column_needs_a_name_and_a_maximum(graded, session, wrong):
    with pytest.raises(Invalid):
        grades.switch_on(session, graded.course.context, by=graded.steward, at=NOON, **wrong)

    assert session.scalar(select(func.count()).select_from(LineItem)) == 0


def test_a_column_that_is_not_made_yet_takes_another_name(graded, session):
    for label, maximum in (("First", 10), ("Second", 20)):
        grades.switch_on(
            session, graded.course.context, by=graded.steward, at=NOON, label=label,
            maximum=maximum,
        )  # fmt: skip
    session.commit()
    graded.work()

    (column,) = graded.book.columns.values()
    assert (column["label"], column["scoreMaximum"]) == ("Second", 20)


@pytest.mark.parametrize(
    ("url", "scores"),
    [
        ("https://a/1/lineitem", "https://a/1/lineitem/scores"),
        ("https://a/1/lineitem?type_id=1&b=%2F", "https://a/1/lineitem/scores?type_id=1&b=%2F"),
        ("https://a/1/", "https://a/1/scores"),
        ("https://a/1?x=/?y", "https://a/1/scores?x=/?y"),
        ("https://a/1#f", "https://a/1/scores"),
    ],
)
def test_scores_comes_before_the_query(url, scores):
    assert scores_url(url) == scores


def test_an_instant_is_always_newer_than_the_last():
    second = timedelta(seconds=1)
    now = NOON + timedelta(milliseconds=700)

    assert next_instant(platform_now=now, last=None) == NOON
    assert next_instant(platform_now=now, last=NOON - second) == NOON
    assert next_instant(platform_now=now, last=NOON) == NOON + second
    far = datetime(2030, 1, 1, tzinfo=NOON.tzinfo)
    assert next_instant(platform_now=now, last=far) == far + second
