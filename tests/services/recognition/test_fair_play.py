"""What is found is taken back, appealed, decided, and never found again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import FairnessCase, FairnessLine, Notification
from peerqa.secrets import InstanceKey
from peerqa.services import answers, merging, questions, votes
from peerqa.services.recognition import appeals, checking, fair_play, ledger
from tests.conftest import NOON, make_member

LATER = NOON + timedelta(days=1)
WHY = "We sit together, and answer the same."


@pytest.fixture
def crowd(session, organization, space, alice, bob):
    """Eight who answer the same question, ten times; Alice votes for Bob alone, within minutes."""
    people = [bob, *(make_member(session, organization, f"P{number}") for number in range(7))]
    asker = make_member(session, organization, "Asker")
    for number in range(10):
        asked = questions.post_question(
            session, space=space, author=asker, title=f"How do I clean machine {number}?",
            topic_names=["machine"], at=NOON,
        )  # fmt: skip
        for each in people:
            given = answers.post_answer(session, question=asked, author=each, body="So.", at=NOON)
            if each is bob:
                at = NOON + timedelta(minutes=number)
                votes.set_vote(session, post=given, by=alice, wanted=True, at=at)
    session.flush()
    return people


@pytest.fixture
def case(session, organization, crowd):
    (found,) = fair_play.look(session, organization.id, at=LATER)
    return fair_play.take_back(session, organization.id, found, at=LATER)


def test_it_is_taken_back_once_and_told_without_a_name(
    session, organization, crowd, case, alice, bob
):
    assert (case.pattern, len(case.lines)) == ("burst", 10)
    assert ledger.sum_points(session, bob.id) == 0
    assert not checking.compare(session, organization)
    assert fair_play.look(session, organization.id, at=LATER) == []
    told = session.scalars(select(Notification).where(Notification.reason == "unfair")).all()
    assert [(each.member_id, each.actor_id) for each in told] == [(bob.id, None)]
    (listed,) = appeals.list_of(session, bob)
    assert listed is case
    read = appeals.read_case(session, bob, case.id)
    assert (read.received, read.gave, read.names, read.may_appeal) == (10, 0, [], True)
    assert appeals.read_case(session, alice, case.id).may_appeal is False


def test_of_two_workers_one_writes_it_down(session, organization, crowd):
    (found,) = fair_play.look(session, organization.id, at=LATER)
    made = [fair_play.take_back(session, organization.id, found, at=LATER) for _ in range(2)]
    assert made[1] is None
    assert len(session.scalars(select(FairnessCase)).all()) == 1


def test_an_appeal_that_holds_gives_back_and_it_is_never_found_again(
    session, organization, case, bob, admin
):
    before = 5 + 3 + 1
    appeals.appeal(session, case, by=bob, text=WHY, at=LATER)
    (listed,) = appeals.list_cases(session, admin)
    assert listed is case
    names = appeals.read_case(session, admin, case.id).names
    assert names == [("Alice Asker", "Bob Builder", 10)]
    appeals.decide(session, case, by=admin, is_upheld=False, why=WHY, at=LATER)

    assert ledger.sum_points(session, bob.id) == before
    assert fair_play.look(session, organization.id, at=LATER) == []
    assert not checking.compare(session, organization)


def test_what_is_upheld_stays_taken_back_though_the_votes_stay(session, case, bob, admin):
    appeals.decide(session, case, by=admin, is_upheld=True, why=WHY, at=LATER)
    assert ledger.sum_points(session, bob.id) == 0
    assert appeals.read_case(session, bob, case.id).may_appeal is False


def test_who_may_not_and_what_is_refused(session, case, alice, bob, steward, admin, carol):
    for stranger in (steward, carol):
        with pytest.raises(NotFound):
            appeals.read_case(session, stranger, case.id)
    for by, error in ((alice, NotAllowed), (steward, NotAllowed)):
        with pytest.raises(error):
            appeals.appeal(session, case, by=by, text=WHY, at=LATER)
    for text in ("", "No.", "x" * 1001):
        with pytest.raises(Invalid):
            appeals.appeal(session, case, by=bob, text=text, at=LATER)
    with pytest.raises(NotAllowed):
        appeals.list_cases(session, steward)
    bob.is_admin = True
    with pytest.raises(NotAllowed):  # nobody decides about a case that they are in
        appeals.decide(session, case, by=bob, is_upheld=False, why=WHY, at=LATER)
    assert appeals.list_cases(session, bob) == []
    appeals.appeal(session, case, by=bob, text=WHY, at=LATER)
    with pytest.raises(Conflict):
        appeals.appeal(session, case, by=bob, text=WHY, at=LATER)
    appeals.decide(session, case, by=admin, is_upheld=True, why=WHY, at=LATER)
    with pytest.raises(Conflict):
        appeals.decide(session, case, by=admin, is_upheld=False, why=WHY, at=LATER)


def test_two_accounts_in_a_case_that_become_one(session, organization, case, alice, bob, crowd):
    merging.merge(session, kept=crowd[1], emptied=alice, key=InstanceKey(b"k" * 32), at=LATER)
    assert fair_play.look(session, organization.id, at=LATER) == []
    givers = set(session.scalars(select(FairnessLine.giver_id)))
    assert givers == {crowd[1].id}
    assert not checking.compare(session, organization)


def test_votes_under_anonymous_questions_are_not_looked_at(session, organization, crowd):
    for each in session.scalars(select(questions.Question)):
        each.is_masked, each.author_id = True, None
    session.flush()
    assert fair_play.look(session, organization.id, at=LATER) == []
