"""What was solved without asking: counted once, for admins, in their organization alone."""

from datetime import timedelta

import pytest

from peerqa.errors import NotAllowed
from peerqa.secrets import InstanceKey
from peerqa.services import answers, insight, look_ups, members
from peerqa.services.look_ups import LookUpSource, ShownHit
from tests.conftest import NOON

KEY = InstanceKey(b"k" * 32)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hit(session, question, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    return ShownHit(question.id, answer.id, 0.7, 0.2, 0.9)


@pytest.fixture
def dora(session, organization):
    return members.create_member(session, organization=organization, name="Dora", at=NOON)


def confirm(session, member, hit, page, *, at=NOON):
    source = LookUpSource(member, page, "ask", "label printer")
    look_ups.record_outcome(session, source=source, hit=hit, outcome="confirmed", key=KEY, at=at)


def type_only(session, member, hit, page, *, at=NOON):
    source = LookUpSource(member, page, "ask", "label printer")
    look_ups.record_shown(session, source=source, hits=[hit], key=KEY, at=at)
    session.flush()


def figures(session, admin, *, days=30, at=NOON + HOUR):
    found = insight.count_solved(session, by=admin, days=days, at=at)
    return found.solved, found.questions, found.look_ups, found.posted, found.abandoned


def test_nothing_looked_up_is_nothing_solved(session, admin):
    assert figures(session, admin) == (0, 0, 0, 0, 0)


def test_each_person_counts_once_a_question(session, admin, dora, steward, hit):
    for page in ("monday", "tuesday"):
        confirm(session, dora, hit, page)
    confirm(session, steward, hit, "monday")

    assert figures(session, admin) == (2, 1, 3, 0, 0)


def test_nothing_is_solved_by_ones_own_question_or_answer(session, admin, alice, bob, hit):
    confirm(session, alice, hit, "page")
    confirm(session, bob, hit, "page")

    assert figures(session, admin)[0] == 0


def test_what_came_to_nothing_is_given_up_after_a_day(session, admin, dora, hit):
    type_only(session, dora, hit, "page")
    type_only(session, dora, hit, "other")
    look_ups.record_posted(
        session, source=LookUpSource(dora, "other", "ask", "label printer"), key=KEY, at=NOON
    )

    assert figures(session, admin) == (0, 0, 2, 1, 0)
    assert figures(session, admin, at=NOON + DAY + HOUR) == (0, 0, 2, 1, 1)


def test_what_is_older_is_left_out(session, admin, dora, hit):
    confirm(session, dora, hit, "page")

    assert figures(session, admin, days=2, at=NOON + 3 * DAY) == (0, 0, 0, 0, 0)


def test_another_organization_counts_nothing_of_it(session, admin, carol, dora, hit):
    confirm(session, dora, hit, "page")
    carol.is_admin = True

    assert figures(session, carol) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("who", ["alice", "steward"])
def test_only_admins_see_it(session, request, who):
    with pytest.raises(NotAllowed):
        figures(session, request.getfixturevalue(who))
