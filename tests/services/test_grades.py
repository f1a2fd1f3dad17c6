from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.errors import Invalid, NotFound
from peerqa.models import Grade, OutboxRow
from peerqa.services import grades
from tests.conftest import NOON

LATER = NOON + timedelta(hours=1)


def asked(session) -> int:
    return session.scalar(
        select(func.count()).select_from(OutboxRow).where(OutboxRow.topic == grades.GRADE)
    )


def test_a_score_is_stored_and_its_delivery_asked_for(session, alice, space):
    grade = grades.set_score(session, member=alice, space=space, given=3, maximum=10, at=NOON)

    assert (grade.given, grade.maximum, grade.at) == (3, 10, NOON)
    assert asked(session) == 1


def test_the_same_score_again_asks_for_nothing(session, alice, space):
    for at in (NOON, LATER):
        grade = grades.set_score(session, member=alice, space=space, given=3, maximum=10, at=at)

    assert grade.at == NOON
    assert asked(session) == 1


def test_a_new_score_replaces_the_one_before(session, alice, space):
    for given in (3, 4):
        grades.set_score(session, member=alice, space=space, given=given, maximum=10, at=LATER)

    assert session.scalars(select(Grade.given)).all() == [4]
    assert asked(session) == 2


@pytest.mark.parametrize(
    ("given", "maximum"), [(-1, 10), (1, 0), (float("nan"), 10), (float("inf"), 10), (1, -3)]
)
def test_what_is_no_score_is_refused(session, alice, space, given, maximum):
    with pytest.raises(Invalid):
        grades.set_score(session, member=alice, space=space, given=given, maximum=maximum, at=NOON)
    assert asked(session) == 0


def test_a_foreign_member_gets_no_score(session, carol, space):
    with pytest.raises(NotFound):
        grades.set_score(session, member=carol, space=space, given=1, maximum=10, at=NOON)


def test_an_endless_comment_is_refused(session, alice, space):
    with pytest.raises(Invalid):
        grades.set_score(
            session, member=alice, space=space, given=1, maximum=10, comment="x" * 1001, at=NOON
        )
