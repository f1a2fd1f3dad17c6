"""The ledger of help: what stands in it after what happened, and who was helped."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.models import LedgerEntry, Solved
from peerqa.secrets import InstanceKey
from peerqa.services import answers, merging, votes
from peerqa.services.answering.converting import convert_to_comment
from peerqa.services.answering.deletions import restore_post
from peerqa.services.recognition import checking, ledger
from peerqa.services.recognition.facts import Key
from peerqa.services.upkeep.verifying import verify_answer, withdraw_verification
from tests.conftest import NOON, make_member

DAY = timedelta(days=1)


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)


def vote(session, post, by, *, wanted=True, at=NOON):
    votes.set_vote(session, post=post, by=by, wanted=wanted, at=at)


def lines(session, member):
    """Reason, giver, turn, and whether it takes back, in the order written."""
    rows = session.scalars(
        select(LedgerEntry).where(LedgerEntry.member_id == member.id).order_by(LedgerEntry.id)
    )
    return [(row.reason, row.giver, row.turn, row.is_counter) for row in rows]


def helped(session, member):
    return ledger.count_people(session, [member.id]).get(member.id, 0)


def test_posting_earns_nothing_and_helping_does(session, organization, answer, alice, bob, steward):
    assert ledger.sum_points(session, bob.id) == 0

    vote(session, answer, alice)
    vote(session, answer, steward)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    verify_answer(session, answer=answer, by=steward, until=NOON + DAY, at=NOON)

    assert ledger.sum_points(session, bob.id) == 15 + 5 + 5 + 5
    assert helped(session, bob) == 2  # alice once
    assert not checking.compare(session, organization)


def test_twice_is_once_and_what_comes_back_has_another_turn(session, answer, alice, bob):
    for wanted in (True, True, False, False, True):
        vote(session, answer, alice, wanted=wanted)

    giver = f"member:{alice.id}"
    assert lines(session, bob) == [
        ("helpful", giver, 1, False),
        ("helpful", giver, 1, True),
        ("helpful", giver, 2, False),
    ]
    assert (ledger.sum_points(session, bob.id), helped(session, bob)) == (5, 1)


def test_another_accepted_answer_takes_the_first_ones_back(
    session, question, answer, alice, bob, steward
):
    other = answers.post_answer(session, question=question, author=steward, body="Or.", at=NOON)
    for each in (answer, other):
        answers.accept_answer(session, answer=each, by=alice, at=NOON)
    assert [ledger.sum_points(session, each.id) for each in (bob, steward)] == [0, 15]

    answers.withdraw_acceptance(session, answer=other, by=alice, at=NOON)

    assert [ledger.sum_points(session, each.id) for each in (bob, steward)] == [0, 0]
    assert [helped(session, each) for each in (bob, steward)] == [0, 0]


def test_nothing_for_yourself(session, organization, question, answer, alice, steward):
    own = answers.post_answer(session, question=question, author=alice, body="Found.", at=NOON)
    answers.accept_answer(session, answer=own, by=alice, at=NOON)
    theirs = answers.post_answer(session, question=question, author=steward, body="I.", at=NOON)
    later = NOON + answers.STEWARDS_WAIT
    answers.accept_answer(session, answer=theirs, by=steward, at=later)
    verify_answer(session, answer=theirs, by=steward, until=later + DAY, at=later)

    assert [ledger.sum_points(session, each.id) for each in (alice, steward)] == [0, 0]
    assert not checking.compare(session, organization)


def test_who_vouches_again_or_edits_takes_nothing_away(session, organization, answer, bob, steward):
    verify_answer(session, answer=answer, by=steward, until=NOON + DAY, at=NOON)
    answer.standing.verified_by_id = bob.id  # as an edit by an author who keeps the topic does
    session.flush()

    assert checking.settle_all(session, organization, at=NOON) == 0
    assert ledger.sum_points(session, bob.id) == 5
    withdraw_verification(session, answer=answer, by=steward, at=NOON)
    assert ledger.sum_points(session, bob.id) == 0


def test_what_is_out_of_sight_or_a_remark_earns_nothing_until_it_is_back(
    session, answer, alice, bob
):
    vote(session, answer, alice)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert (ledger.sum_points(session, bob.id), helped(session, bob)) == (0, 0)
    restore_post(session, post=answer, by=bob, at=NOON)
    assert (ledger.sum_points(session, bob.id), helped(session, bob)) == (5, 1)

    convert_to_comment(session, answer=answer, by=bob, at=NOON)
    assert ledger.sum_points(session, bob.id) == 0


def test_solved_without_asking_counts_people_that_nobody_knows(
    session, organization, question, answer, bob
):
    for pseudonym in ("one", "two"):
        session.add(Solved(organization_id=organization.id, question_id=question.id,
                           answer_id=answer.id, pseudonym=pseudonym, hour_at=NOON))  # fmt: skip
    session.flush()

    checking.settle_all(session, organization, at=NOON)

    assert (ledger.sum_points(session, bob.id), helped(session, bob)) == (4, 2)


def test_the_check_names_what_differs_and_settling_mends_it(
    session, organization, answer, alice, bob
):
    vote(session, answer, alice)
    key = Key(bob.id, "helpful", answer.id, f"member:{alice.id}")
    row = session.scalars(select(LedgerEntry)).one()
    row.giver = "member:0"
    session.flush()

    found = checking.compare(session, organization)
    assert found.missing == [key]
    assert found.surplus == [key._replace(giver="member:0")]

    checking.settle_all(session, organization, at=NOON)
    assert not checking.compare(session, organization)
    assert ledger.sum_points(session, bob.id) == 5


def test_what_was_unfair_stays_so_until_it_is_given_back(session, organization, answer, alice, bob):
    vote(session, answer, alice)
    key = Key(bob.id, "helpful", answer.id, f"member:{alice.id}")

    assert [ledger.reverse(session, [key], at=NOON) for _ in "ab"] == [1, 0]
    vote(session, answer, alice, wanted=False)
    vote(session, answer, alice)
    assert (ledger.sum_points(session, bob.id), helped(session, bob)) == (0, 0)
    assert not checking.compare(session, organization)

    assert [ledger.reinstate(session, [key], at=NOON) for _ in "ab"] == [1, 0]
    assert (ledger.sum_points(session, bob.id), helped(session, bob)) == (5, 1)


def test_two_accounts_of_one_person_have_helped_and_were_helped_as_one(
    session, organization, question, answer, alice, bob, steward
):
    twin = make_member(session, organization, "Again Alice")
    other = answers.post_answer(session, question=question, author=twin, body="Or.", at=NOON)
    for by in (alice, twin):
        vote(session, answer, by)
    for by in (alice, steward):
        vote(session, other, by)
    assert (helped(session, bob), helped(session, twin)) == (2, 2)

    merging.merge(session, kept=alice, emptied=twin, key=InstanceKey(b"k" * 32), at=NOON)

    assert [helped(session, each) for each in (bob, alice, twin)] == [1, 1, 0]
    assert [ledger.sum_points(session, each.id) for each in (bob, alice, twin)] == [5, 5, 0]
    assert not checking.compare(session, organization)
