"""What a platform refuses, for a person or for a whole column, stays visible until it is mended."""

import pytest

from lti.grading import grades
from tests.conftest import NOON
from tests.lti.fake_lms import Answer
from tests.lti.gradebook import Graded, make_graded, work_until_quiet
from tests.lti.services import one_key

assert one_key


@pytest.fixture
def graded(session, organization, lms) -> Graded:
    graded = make_graded(session, organization, lms)
    graded.switch_on()
    return graded


@pytest.mark.parametrize("status", [400, 422, 404, 415, 302])
def test_a_score_that_is_not_taken_for_a_person_holds_nobody_up(graded, session, status):
    graded.score("ann", 4)
    graded.score("ben", 5)
    graded.book.spoilt.append(Answer(status))
    graded.work()

    assert graded.book.shown() == {"ben": 5}
    row = graded.row("ann")
    assert (row.state, row.due_at) == ("refused", None)
    assert f"status {status}" in row.error
    assert graded.column().due_at is None

    graded.course.later(minutes=1)
    grades.deliver_again(session, graded.course.context, by=graded.steward, at=graded.course.at)
    session.commit()
    graded.work()
    assert graded.book.shown() == {"ben": 5, "ann": 4}


def test_who_is_not_enrolled_there_is_told_apart_and_tried_with_the_next_score(graded):
    graded.book.learners.remove("ann")
    graded.score("ann", 4)
    work_until_quiet(graded)
    assert graded.row("ann").state == "refused"

    graded.book.learners.add("ann")
    graded.course.later(hours=1)
    graded.score("ann", 6)
    work_until_quiet(graded)
    assert graded.book.shown() == {"ann": 6}


@pytest.mark.parametrize(
    ("status", "sentence"), [(403, "not let PeerQA into this gradebook"), (401, "status 401")]
)
def test_a_scope_that_was_withdrawn_blocks_the_column(graded, session, status, sentence):
    graded.score("ann", 4)
    graded.score("ben", 5)
    graded.book.spoilt += [Answer(status)] * (2 if status == 401 else 1)
    graded.work()

    column = graded.column()
    assert column.blocked_at == NOON
    assert column.due_at is None
    assert sentence in column.error
    for subject in ("ann", "ben"):
        assert graded.row(subject).state == "blocked"
        assert sentence in graded.row(subject).error

    graded.score("ann", 7)
    assert graded.work() == 0
    assert graded.row("ann").state == "blocked"
    graded.course.later(minutes=1)
    grades.deliver_again(session, graded.course.context, by=graded.steward, at=graded.course.at)
    session.commit()
    graded.work()
    assert graded.book.shown() == {"ann": 7, "ben": 5}


def test_a_deleted_column_waits_for_the_steward_and_is_made_anew_with_all_scores(graded):
    graded.score("ann", 4)
    graded.score("ben", 5)
    graded.work()
    graded.book.columns.clear()
    graded.course.later(minutes=1)
    graded.score("ann", 6)
    graded.work()

    assert "Somebody deleted the column" in graded.column().error
    assert graded.row("ann").state == "blocked"
    assert graded.book.columns == {}
    graded.book.taken.clear()
    graded.course.later(minutes=1)
    graded.switch_on()
    graded.work()
    assert graded.book.shown() == {"ann": 6, "ben": 5}
    assert len(graded.book.columns) == 1


def test_a_column_that_may_not_be_made_has_a_sentence(graded):
    graded.book.spoilt_items += [Answer(403), Answer(403)]
    graded.score("ann", 4)
    graded.work()

    assert "not let PeerQA into this gradebook" in graded.column().error
    assert graded.row("ann").state == "blocked"


@pytest.mark.parametrize(
    "item", [{}, {"id": 7}, [], {"id": "/items/1"}, {"id": "https://evil.example/items/1"}], ids=str
)
def test_a_column_is_never_looked_for_elsewhere(graded, item):
    graded.book.spoilt_items += [Answer(body=[]), Answer(201, item)]
    graded.score("ann", 4)
    graded.work()

    assert "did not say where it is" in graded.column().error
    assert graded.column().url is None
