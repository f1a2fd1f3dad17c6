"""What is due to be looked at again, whose it is, and how it ends."""

from datetime import timedelta

import pytest

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import OutboxRow, Review
from peerqa.models.space import Role, Visibility
from peerqa.search.answers import best_answers
from peerqa.search.hits import reader_of
from peerqa.search.sight import visible
from peerqa.services import answers, members, notifications, questions, topics, votes
from peerqa.services.answering import doubts
from peerqa.services.answering.nudging import nudge_askers
from peerqa.services.finding.filters import list_passing, read_filters
from peerqa.services.finding.operators import Term
from peerqa.services.finding.unanswered import list_unanswered
from peerqa.services.upkeep import hand_over, keepers, queue, retiring, reviews, verifying
from peerqa.services.upkeep.risk import list_due
from tests.conftest import NOON, make_member

DAYS = 180
LATER = NOON + timedelta(days=DAYS)


def due(session, answer, *, at=NOON):
    """Return the risk of an answer and why it is due, or None."""
    found = list_due(session, answer.organization_id, days=DAYS, at=at, among=[answer.id])
    return (found[0].risk, found[0].reasons) if found else None


def review(session, answer, *, at=NOON):
    reviews.review_answers(session, [answer.id], days=DAYS, at=at)
    session.expire_all()
    return session.get(Review, answer.id)


def doubt(session, answer, by):
    doubts.doubt_answer(session, answer=answer, by=by, reason="It moved.", at=NOON)


def test_risk_is_age_times_reads_times_doubts_times_author_times_newer(
    session, question, answer, alice, bob, steward
):
    assert due(session, answer) is None
    assert due(session, answer, at=LATER) is None  # old, and nobody reads it
    votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)
    assert due(session, answer) is None
    assert due(session, answer, at=LATER) == (2 * 2, "old")
    assert due(session, answer, at=NOON + 4 * timedelta(days=DAYS)) == (4 * 2, "old")
    doubt(session, answer, alice)
    assert due(session, answer) == (2 * 3, "doubted")
    members.close(session, member=bob, at=NOON)
    assert due(session, answer) == (2 * 3 * 2, "doubted,left")
    answers.post_answer(
        session, question=question, author=steward, body="Two.", at=NOON + timedelta(days=1)
    )
    assert due(session, answer) == (2 * 3 * 2 * 2, "doubted,left,newer")


def test_who_verified_ends_it_until_the_day(session, answer, alice, steward):
    doubt(session, answer, alice)
    assert session.query(OutboxRow).filter_by(topic=reviews.TOPIC, key=str(answer.id)).count() == 1
    assert review(session, answer).keeper_id == steward.id

    verifying.verify_answer(session, answer=answer, by=steward, until=LATER, at=NOON)
    assert session.get(Review, answer.id) is None
    assert review(session, answer) is None

    verifying.end_verifications(session, at=LATER)
    assert review(session, answer, at=LATER).reasons == "lapsed,old"


def test_an_item_goes_to_a_topic_keeper_then_to_a_steward_with_the_fewest(
    session, organization, space, question, answer, alice, bob, steward
):
    eve = make_member(session, organization, "Eve Steward")
    members.join_space(session, member=eve, space=space, role=Role.STEWARD)
    second = answers.post_answer(session, question=question, author=bob, body="Two.", at=NOON)
    for each in (answer, second):
        doubt(session, each, alice)
    assert {review(session, each).keeper_id for each in (answer, second)} == {steward.id, eve.id}

    (topic,) = question.topics
    third = answers.post_answer(session, question=question, author=bob, body="Three.", at=NOON)
    doubt(session, third, alice)
    keepers.appoint_keeper(session, topic=topic, member=alice, by=steward, at=NOON)
    assert review(session, third).keeper_id == alice.id


def test_who_has_an_item_keeps_it_until_they_leave(
    session, organization, space, answer, alice, steward
):
    doubt(session, answer, alice)
    assert review(session, answer).keeper_id == steward.id
    eve = make_member(session, organization, "Eve Steward")
    members.join_space(session, member=eve, space=space, role=Role.STEWARD)
    assert review(session, answer).keeper_id == steward.id

    members.close(session, member=steward, at=NOON)
    reviews.review_queued(session, days=DAYS, at=NOON)
    session.expire_all()
    assert session.get(Review, answer.id).keeper_id == eve.id

    members.leave_space(session, member=eve, space=space)
    assert review(session, answer).keeper_id is None


def test_nothing_is_given_to_who_is_suspended(session, organization, space, answer, alice, steward):
    doubt(session, answer, alice)
    assert review(session, answer).keeper_id == steward.id
    steward.suspended_at, steward.suspended_until = NOON, NOON + timedelta(days=3)
    session.flush()
    assert review(session, answer).keeper_id is None
    eve = make_member(session, organization, "Eve Steward")
    members.join_space(session, member=eve, space=space, role=Role.STEWARD)

    assert review(session, answer).keeper_id == eve.id
    with pytest.raises(Invalid):
        queue.hand_on(session, answer=answer, to_id=steward.id, by=eve, at=NOON)
    (topic,) = answer.question.topics
    with pytest.raises(Invalid, match="cannot sign in"):
        keepers.appoint_keeper(session, topic=topic, member=steward, by=eve, at=NOON)


def test_a_keeper_who_may_not_see_the_question_does_not_get_it(
    session, closed_space, alice, bob, admin
):
    members.join_space(session, member=alice, space=closed_space)
    asked = questions.post_question(
        session, space=closed_space, author=alice, title="What do we pay for it?",
        topic_names=["pay"], visibility=Visibility.SPACE, at=NOON,
    )  # fmt: skip
    answer = answers.post_answer(session, question=asked, author=alice, body="A lot.", at=NOON)
    doubt(session, answer, alice)
    (topic,) = topics.make_topics(session, alice.organization_id, ["pay"])
    keepers.appoint_keeper(session, topic=topic, member=bob, by=admin, at=NOON)
    assert review(session, answer).keeper_id is None

    members.join_space(session, member=bob, space=closed_space)
    assert review(session, answer).keeper_id == bob.id


def test_the_queue_is_handed_on_and_what_is_gone_is_said(
    session, organization, space, question, answer, alice, steward, bob
):
    eve = make_member(session, organization, "Eve Steward")
    members.join_space(session, member=eve, space=space, role=Role.STEWARD)
    doubt(session, answer, alice)
    review(session, answer)
    first, second = sorted((steward, eve), key=lambda m: m.id)
    mine = queue.list_queue(session, first, at=NOON)
    assert [row.answer_id for row in mine.rows] == [answer.id]
    assert mine.others == {answer.id: [second]}
    assert [
        row.answer_id for row in queue.list_queue(session, second, at=NOON, everything=True).rows
    ]

    with pytest.raises(NotAllowed):
        queue.hand_on(session, answer=answer, to_id=first.id, by=alice, at=NOON)
    for nobody in (None, alice.id, 2**31 - 1):
        with pytest.raises(Invalid):
            queue.hand_on(session, answer=answer, to_id=nobody, by=first, at=NOON)
    queue.hand_on(session, answer=answer, to_id=second.id, by=first, at=NOON)
    assert queue.list_queue(session, first, at=NOON).rows == []
    assert "handed" in [row.reason for row in notifications.list_unread(session, second)]

    retiring.retire_post(session, post=answer, by=first, why="", at=NOON)
    with pytest.raises(NotFound, match="already"):
        queue.hand_on(session, answer=answer, to_id=first.id, by=second, at=NOON)


def test_a_deleted_answer_leaves_the_queue(session, answer, alice, bob, steward):
    doubt(session, answer, alice)
    review(session, answer)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert queue.list_queue(session, steward, at=NOON).rows == []
    assert review(session, answer) is None
    with pytest.raises((NotFound, NotAllowed)):
        retiring.retire_post(session, post=answer, by=steward, why="", at=NOON)


def test_what_is_retired_claims_nothing_and_comes_back(
    session, question, answer, alice, bob, steward
):
    def found():
        seen = visible(session, reader_of(alice), [question.id])[question.id]
        return seen.live_count, seen.is_retired, list(best_answers(session, [question.id]))

    other = answers.post_answer(session, question=question, author=bob, body="Two.", at=NOON)
    verifying.verify_answer(session, answer=answer, by=steward, until=LATER, at=NOON)
    for _ in range(2):
        retiring.retire_post(session, post=answer, by=steward, why=" Hall 2 is\ngone. ", at=NOON)

    assert answer.standing.retired_why == "Hall 2 is gone."
    assert [row.id for row in answers.list_answers(session, question)] == [other.id, answer.id]
    assert found() == (1, False, [question.id])
    assert "retired" in [row.reason for row in notifications.list_unread(session, bob)]
    with pytest.raises(Conflict):
        verifying.verify_answer(session, answer=answer, by=steward, until=LATER, at=NOON)

    retiring.retire_post(session, post=question, by=steward, why="", at=NOON)
    assert found() == (0, True, [])
    for post in (question, answer):
        for _ in range(2):
            retiring.bring_back(session, post=post, by=steward, at=NOON)
    assert found() == (2, False, [question.id])
    assert answer.standing.verified_until is None


def test_what_is_gone_counts_neither_as_retired_nor_as_verified(
    session, question, answer, alice, bob, steward
):
    def found():
        hit = visible(session, reader_of(alice), [question.id])[question.id]
        return hit.live_count, hit.is_verified

    second = answers.post_answer(session, question=question, author=bob, body="Two.", at=NOON)
    verifying.verify_answer(session, answer=second, by=steward, until=LATER, at=NOON)
    retiring.retire_post(session, post=answer, by=steward, why="", at=NOON)
    assert found() == (1, True)

    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert found() == (1, True)

    answers.delete_answer(session, answer=second, by=bob, at=NOON)
    assert found() == (0, False)


def test_under_a_retired_question_nothing_is_verified_wanted_or_due(
    session, space, question, answer, alice, bob, steward
):
    def verified():
        filters = read_filters(session, alice, [Term("is", "verified")])
        hit = visible(session, reader_of(alice), [question.id])[question.id]
        return question.id in list_passing(session, filters), hit.is_verified

    def nudged():
        question.nudged_at = None
        session.flush()
        nudge_askers(session, at=NOON + timedelta(days=6))
        session.refresh(question)
        return question.nudged_at is not None

    assert nudged()
    verifying.verify_answer(session, answer=answer, by=steward, until=LATER, at=NOON)
    assert verified() == (True, True)
    retiring.retire_post(session, post=question, by=steward, why="", at=NOON)
    assert verified() == (False, False)
    with pytest.raises(Conflict, match="question is retired"):
        verifying.verify_answer(session, answer=answer, by=steward, until=LATER, at=NOON)
    assert not nudged()
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert list_unanswered(session, read_filters(session, alice, [])).rows == []


def test_only_stewards_and_keepers_retire_and_a_reason_fits(session, answer, bob, steward):
    with pytest.raises(NotAllowed):
        retiring.retire_post(session, post=answer, by=bob, why="", at=NOON)
    with pytest.raises(NotAllowed):
        retiring.bring_back(session, post=answer, by=bob, at=NOON)
    with pytest.raises(Invalid):
        retiring.retire_post(session, post=answer, by=steward, why="x" * 301, at=NOON)


def test_what_only_they_know_is_listed_for_stewards(
    session, question, answer, alice, bob, steward, carol
):
    assert hand_over.list_only_theirs(session, bob, by=steward) == []  # it helped nobody yet
    votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)
    members.close(session, member=bob, at=NOON)
    assert hand_over.list_only_theirs(session, bob, by=steward) == [answer]
    with pytest.raises(NotAllowed):
        hand_over.list_only_theirs(session, bob, by=alice)

    answers.post_answer(session, question=question, author=alice, body="So.", at=NOON)
    assert hand_over.list_only_theirs(session, bob, by=steward) == []
