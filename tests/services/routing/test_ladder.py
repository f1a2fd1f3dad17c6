"""Climbing: who is asked on each rung, when, and what stops it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Availability, Invitation, Notification, Routing, Skill
from peerqa.models.space import Visibility
from peerqa.secrets import InstanceKey
from peerqa.services import answers, members, merging, questions
from peerqa.services.asking.anonymous import ask_anonymously
from peerqa.services.moderating.suspensions import suspend
from peerqa.services.routing import invitations, ladder, reading
from peerqa.services.routing.choices import AskingChoices, save_choices
from peerqa.services.routing.scoring import Numbers, Why
from peerqa.services.upkeep.keepers import appoint_keeper
from tests.conftest import NOON, make_member

NUMBERS = Numbers(newcomer_every=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)  # NOON is a Monday


@pytest.fixture
def earlier(session, space, alice, bob):
    """A question that Bob has solved for Alice."""
    asked = questions.post_question(
        session, space=space, author=alice, title="How do I clean the label printer?",
        topic_names=["label-printer"], at=NOON - DAY,
    )  # fmt: skip
    solved = answers.post_answer(session, question=asked, author=bob, body="Cloth.", at=NOON - DAY)
    answers.accept_answer(session, answer=solved, by=alice, at=NOON)
    return asked


def climb(session, question, near=None, *, at=NOON, numbers=NUMBERS):
    made = ladder.climb(session, question.id, near or {}, at=at, numbers=numbers)
    return [each.member.name.split()[0] for each in made]


def next_at(session, question):
    return session.get(Routing, question.id).next_at


def test_who_solved_something_near_is_asked_and_reads_why(session, question, earlier, bob):
    assert question.id in ladder.list_due(session, at=NOON)
    assert climb(session, question, {earlier.id: 0.6}) == ["Bob"]

    (asked,) = reading.list_for(session, bob)
    assert (asked.why, asked.why_count, asked.why_name) == ("solved", 1, "label-printer")
    told = session.scalars(select(Notification).where(Notification.member_id == bob.id)).all()
    assert [each.reason for each in told].count("invited") == 1
    assert reading.count_for(session, bob) == 1
    assert climb(session, question, {earlier.id: 0.6}) == []  # twice is once


def test_the_next_rung_comes_after_the_working_hours_of_who_was_asked(
    session, question, earlier, bob, steward, admin
):
    climb(session, question, {earlier.id: 0.6})
    assert next_at(session, question) == NOON + timedelta(days=1)  # 12 to 17, and 9 to 12
    assert climb(session, question, at=NOON + 8 * HOUR) == []

    appoint_keeper(session, topic=question.topics[0], member=admin, by=steward, at=NOON)
    assert climb(session, question, at=NOON + DAY) == ["Ada"]  # says MORE: she keeps the topic
    assert climb(session, question, at=NOON + 2 * DAY) == ["Sam"]  # keepers are asked already
    assert climb(session, question, at=NOON + 9 * DAY) == []
    assert next_at(session, question) is None
    assert question.id not in ladder.list_due(session, at=NOON + 99 * DAY)


def test_nobody_near_means_stewards_at_once(session, question, steward):
    assert climb(session, question) == ["Sam"]
    (asked,) = reading.list_for(session, steward)
    assert asked.why == Why.STEWARD


def test_a_declared_skill_and_a_guide_are_evidence(session, question, alice, admin):
    save_choices(session, admin, AskingChoices(skills=("label-printer",)))
    assert climb(session, question) == ["Ada"]
    (asked,) = reading.list_for(session, admin)
    assert (asked.why, asked.why_name) == ("skill", "label-printer")


@pytest.mark.parametrize("how", ["answered", "deleted", "duplicate", "old"])
def test_what_waits_no_more_climbs_no_more(session, question, earlier, alice, bob, steward, how):
    at = NOON + HOUR
    if how == "answered":
        answers.post_answer(session, question=question, author=steward, body="So.", at=NOON)
    elif how == "deleted":
        questions.delete_question(session, question=question, by=alice, at=NOON)
    elif how == "duplicate":
        questions.mark_duplicate(session, question=question, of=earlier, by=alice, at=NOON)
    else:
        at = NOON + timedelta(days=NUMBERS.fresh_days)
    assert climb(session, question, {earlier.id: 0.6}, at=at) == []
    assert next_at(session, question) is None


def test_with_nobody_to_be_asked_at_first_nobody_is(session, question, earlier, steward):
    assert climb(session, question, {earlier.id: 0.6}, numbers=Numbers(people=0)) == []
    assert next_at(session, question) is None


def test_an_answer_makes_it_quiet_for_everybody(session, question, earlier, bob, steward):
    climb(session, question, {earlier.id: 0.6})
    answers.post_answer(session, question=question, author=steward, body="So.", at=NOON)

    assert reading.list_for(session, bob) == []
    assert reading.count_for(session, bob) == 0
    left = session.scalars(select(Notification.reason).where(Notification.member_id == bob.id))
    assert "invited" not in left.all()
    assert climb(session, question, {earlier.id: 0.6}, at=NOON + 3 * DAY) == []


def test_all_pass_and_the_next_are_asked_at_once(session, question, earlier, bob, steward):
    climb(session, question, {earlier.id: 0.6})
    own = invitations.get_own(session, bob, question.id)
    with pytest.raises(Invalid):
        invitations.pass_on(session, own, reason="because", at=NOON)
    for _ in range(2):
        invitations.pass_on(session, own, reason="not-mine", at=NOON + HOUR)

    assert next_at(session, question) == NOON + HOUR
    assert climb(session, question, {earlier.id: 0.6}, at=NOON + HOUR) == ["Sam"]
    assert reading.list_for(session, bob) == []


def test_not_mine_is_remembered_for_what_is_near(session, space, question, earlier, alice, bob):
    climb(session, question, {earlier.id: 0.6})
    own = invitations.get_own(session, bob, question.id)
    invitations.pass_on(session, own, reason="not-mine", at=NOON)
    other = questions.post_question(
        session, space=space, author=alice, title="What is the printer's number?", at=NOON
    )

    assert climb(session, other, {earlier.id: 0.4, question.id: 0.9}) == []


def test_who_is_on_it_is_waited_for(session, question, earlier, bob, steward):
    climb(session, question, {earlier.id: 0.6})
    own = invitations.get_own(session, bob, question.id)
    invitations.take(session, own, at=NOON + 4 * HOUR, numbers=NUMBERS)

    until = own.taken_until
    assert until == NOON + DAY + 4 * HOUR
    assert next_at(session, question) == until
    assert climb(session, question, at=NOON + DAY) == []
    assert climb(session, question, at=until) == ["Sam"]  # it has run out

    answers.post_answer(session, question=question, author=steward, body="So.", at=until)
    with pytest.raises(Conflict):
        invitations.take(session, own, at=until, numbers=NUMBERS)


@pytest.mark.parametrize(
    "why", ["left", "suspended", "no", "away", "often", "asked it", "not in the space"]
)
def test_who_is_not_asked(session, question, earlier, alice, bob, admin, closed_space, why):
    at = NOON + HOUR
    if why == "left":
        bob.inactive_at = NOON
    elif why == "suspended":
        suspend(session, member=bob, by=admin, why="Rude.", until=None, at=NOON)
    elif why == "no":
        save_choices(session, bob, AskingChoices(is_asked=False))
    elif why == "away":
        save_choices(session, bob, AskingChoices(away_from=NOON - DAY, away_until=NOON + 5 * DAY))
    elif why == "often":
        save_choices(session, bob, AskingChoices(most_a_week=0))
    elif why == "asked it":
        question.author = bob
    else:
        members.join_space(session, member=alice, space=closed_space)
        question = questions.post_question(
            session, space=closed_space, author=alice, title="Who prints the pay slips?",
            visibility=Visibility.SPACE, at=NOON,
        )  # fmt: skip
    assert climb(session, question, {earlier.id: 0.6}, at=at) == []


def test_after_so_many_in_a_week_others_are_asked(session, space, earlier, alice, bob):
    for number in range(NUMBERS.per_week + 1):
        asked = questions.post_question(
            session, space=space, author=alice, title=f"How do I set label {number}?", at=NOON
        )
        names = climb(session, asked, {earlier.id: 0.6})
        assert names == (["Bob"] if number < NUMBERS.per_week else [])
    later = questions.post_question(
        session, space=space, author=alice, title="How do I set the last?", at=NOON + 7 * DAY
    )
    assert climb(session, later, {earlier.id: 0.6}, at=NOON + 7 * DAY) == ["Bob"]


def test_what_is_known_in_a_closed_space_counts_nowhere_else(
    session, question, alice, bob, closed_space
):
    for member in (alice, bob):
        members.join_space(session, member=member, space=closed_space)
    secret, other = (
        questions.post_question(
            session, space=closed_space, author=alice, title=title,
            visibility=Visibility.SPACE, at=NOON,
        )
        for title in ("Who is to be let go?", "When are they to be let go?")
    )  # fmt: skip
    answers.post_answer(session, question=secret, author=bob, body="Him.", at=NOON)

    assert climb(session, question, {secret.id: 0.9}) == []
    assert climb(session, other, {secret.id: 0.9}) == ["Bob"]


def test_an_anonymous_asker_is_not_told_from_others(session, organization, space, alice, bob):
    """Whoever asked it may be asked: to be left out would say who it was. Times are by the hour."""
    key, at = InstanceKey(b"k" * 32), NOON + timedelta(minutes=17)
    solved = questions.post_question(
        session, space=space, author=alice, title="How do I ask for less work?", at=NOON
    )
    answers.post_answer(session, question=solved, author=bob, body="Write.", at=NOON)
    masked, _ = ask_anonymously(
        session, space=space, author=bob, title="May I ask for less work?", body="",
        topic_names=[], visibility=Visibility.ORGANIZATION, key=key, at=at,
    )  # fmt: skip

    assert climb(session, masked, {solved.id: 0.9}, at=at) == ["Bob"]
    assert climb(session, masked, at=at) == []
    made = session.scalars(select(Invitation)).one()
    assert (made.created_at.minute, next_at(session, masked).minute) == (0, 0)


def test_asking_a_colleague_by_hand(session, question, alice, bob, steward, carol, closed_space):
    made = invitations.invite(session, question=question, member=bob, by=alice, at=NOON)
    again = invitations.invite(session, question=question, member=bob, by=steward, at=NOON)
    assert made is again
    assert (made.why, made.invited_by) == ("hand", alice)
    for wrong, by in ((alice, bob), (alice, alice), (carol, alice)):
        with pytest.raises(Invalid):
            invitations.invite(session, question=question, member=wrong, by=by, at=NOON)
    with pytest.raises(NotAllowed):
        invitations.invite(session, question=question, member=bob, by=carol, at=NOON)
    with pytest.raises(NotFound):
        invitations.get_own(session, steward, question.id)


def test_a_fourth_by_hand_is_a_crowd(session, organization, question, alice):
    people = [make_member(session, organization, f"P{number}") for number in range(4)]
    for each in people[:3]:
        invitations.invite(session, question=question, member=each, by=alice, at=NOON)
    with pytest.raises(Invalid):
        invitations.invite(session, question=question, member=people[3], by=alice, at=NOON)


def test_two_accounts_that_become_one_keep_one_of_each(session, question, alice, bob, admin):
    key = InstanceKey(b"k" * 32)
    for each in (bob, admin):
        invitations.invite(session, question=question, member=each, by=alice, at=NOON)
        save_choices(session, each, AskingChoices(skills=("label-printer",), most_a_week=2))
    merging.merge(session, kept=bob, emptied=admin, key=key, at=NOON)

    for table in (Invitation, Skill, Availability):
        rows = session.scalars(select(table)).all()
        assert [row.member_id for row in rows] == [bob.id]


@pytest.mark.parametrize(
    "wrong",
    [
        {"most_a_week": -1},
        {"most_a_week": 51},
        {"away_until": NOON},
        {"away_from": NOON, "away_until": NOON},
        {"away_from": NOON, "away_until": NOON + 800 * DAY},
        {"works_from": 9},
        {"works_from": 17, "works_until": 9},
        {"works_from": 0, "works_until": 25},
        {"works_on": "78"},
        {"skills": tuple(f"t{number}" for number in range(21))},
    ],
)
def test_choices_that_cannot_be_are_refused_whole(session, bob, wrong):
    with pytest.raises(Invalid):
        save_choices(session, bob, AskingChoices(**wrong))
    assert session.get(Availability, bob.id) is None


def test_what_is_waiting_in_a_space(session, space, question, earlier, bob, steward):
    climb(session, question, {earlier.id: 0.6})
    own = invitations.get_own(session, bob, question.id)
    invitations.take(session, own, at=NOON, numbers=NUMBERS)

    (row,) = reading.list_waiting(session, space, steward, at=NOON + HOUR, late_hours=48)
    assert (row.rung, row.asked, row.passed, row.is_taken, row.is_late) == (
        "people", 1, 0, True, False,
    )  # fmt: skip
    (row,) = reading.list_waiting(session, space, steward, at=NOON + 3 * DAY, late_hours=48)
    assert (row.is_taken, row.is_late) == (False, True)
