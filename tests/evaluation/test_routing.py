"""Replaying a history: only what was known then is evidence, and who helped later is who knew."""

from collections import deque
from datetime import timedelta

import pytest

from peerqa.evaluation.histories import Asked, Given, History
from peerqa.evaluation.routing import _askers, _Before, _evidence, _hit_by_chance, _route, gini
from peerqa.services import answers, questions, votes
from peerqa.services.routing.scoring import Numbers
from tests.cli.conftest import peerqa  # noqa: F401 - a fixture
from tests.conftest import NOON, make_member

DAY = timedelta(days=1)
EXPERT, OTHER, ASKER = 7, 8, 9


@pytest.fixture
def history():
    """Two questions; the first was answered by two, and what the expert said helped on day 3."""
    asked = [
        Asked(number, NOON + day * DAY, ASKER, "Why?", "", frozenset({"printer"}))
        for number, day in ((1, 0), (2, 2))
    ]
    given = [
        Given(11, 1, EXPERT, NOON + DAY, [(NOON + 3 * DAY, True)]),
        Given(12, 1, OTHER, NOON + DAY, [(NOON + DAY, False)]),
        Given(13, 1, OTHER, NOON + 5 * DAY),  # after the second was asked
    ]
    return History(1, asked, {1: given})


def test_what_came_later_is_no_evidence(history):
    rows = _evidence(history, history.questions[1], {1: 0.8})

    assert [(row.member_id, row.was_helpful, row.topic) for row in rows] == [
        (EXPERT, False, "printer"),
        (OTHER, True, "printer"),
    ]
    assert all(row.has_same_asker for row in rows)
    assert _askers(history, {1: 0.8}, NOON) == set()
    assert _askers(history, {1: 0.8}, NOON + 2 * DAY) == {ASKER}


def test_nobody_is_asked_about_their_own_question(history):
    order, _ = _route(history, history.questions[1], {1: 0.8}, deque(), Numbers(newcomer_every=0))
    assert order == [OTHER, EXPERT]


def test_baselines_count_what_was_there(history):
    before = _Before()
    before.advance(history, history.questions[1].at)
    assert before.answers == {EXPERT: 1, OTHER: 1}
    assert before.about(history.questions[1]) == {EXPERT: 1, OTHER: 1}
    before.advance(history, NOON + 6 * DAY)
    assert before.answers[OTHER] == 2


def test_chance_and_unevenness_are_what_they_are_by_definition():
    assert _hit_by_chance(10, 0) == 0
    assert _hit_by_chance(10, 1) == pytest.approx(0.3)
    assert _hit_by_chance(2, 1) == 1
    assert gini([5, 5, 5, 5], 4) == pytest.approx(0)
    assert gini([20], 4) == pytest.approx(0.75)
    assert gini([], 4) == 0


def test_the_command_replays_what_was_recorded(
    app,
    peerqa,  # noqa: F811
    session,
    organization,
    space,
    alice,
    bob,
):
    ids: list[int] = []
    others = [make_member(session, organization, f"P{number}") for number in range(6)]
    for number in range(12):
        at = NOON + number * DAY
        asked = questions.post_question(
            session, space=space, author=alice, title=f"Why does printer {number} jam?", at=at
        )
        ids.append(asked.id)
        for each in (bob, others[number % 6]):
            given = answers.post_answer(
                session, question=asked, author=each, body="So.", at=at + DAY / 4
            )
            if each is bob:
                votes.set_vote(session, post=given, by=alice, wanted=True, at=at + DAY / 3)
    session.commit()
    app.extensions["peerqa.search"].update([str(each) for each in ids])

    found = peerqa("eval-routing", "--part", "all", "--json").json

    assert found["questions"] == 9  # of 12, those with five answers before them
    assert found["methods"]["peerqa"]["hit@3"] >= 0.8
    assert found["methods"]["chance"]["hit@3"] < 1
    assert found["by_words_only"] is True
    assert "newcomers" in peerqa("eval-routing").said


def test_a_history_without_dates_is_refused_in_one_sentence(peerqa, organization):  # noqa: F811
    ran = peerqa("eval-routing")
    assert ran.status == 1
    assert "Nothing here can be replayed" in ran.noted
