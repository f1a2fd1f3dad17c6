"""Merging carries everything over, once; undoing carries exactly that back; nothing leaks."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, NotAllowed, NotFound
from peerqa.models import Answer, Comment, Merge, Notification, OutboxRow, Question, Vote
from peerqa.models.space import Role, Visibility
from peerqa.services import answers, comments, members, questions, reading, spaces, votes
from peerqa.services.answering import following, merges
from peerqa.services.answering.marks import list_marks
from peerqa.services.answering.stand_in import stand_in
from tests.conftest import NOON, make_member

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def other(session, space, alice):
    return ask(session, space, alice, "How is the label printer calmed?")


def ask(session, space, author, title, visibility=Visibility.ORGANIZATION):
    return questions.post_question(
        session, space=space, author=author, title=title, visibility=visibility, at=NOON
    )


def give(session, question, author, body="One."):
    return answers.post_answer(session, question=question, author=author, body=body, at=NOON)


def merge(session, source, target, by):
    return merges.merge(session, source=source, target=target, by=by, at=LATER)


def undo(session, source, by):
    merges.undo_merge(session, source=source, by=by, at=LATER)


def state(session):
    """All that a merge may touch, as it stands."""
    session.expire_all()
    return [
        [
            (q.id, q.answer_count, q.vote_count, q.accepted_id, q.accepted_by_steward,
             q.duplicate_of_id, q.merged_at, q.active_at)
            for q in session.scalars(select(Question).order_by(Question.id))
        ],
        session.execute(select(Answer.__table__).order_by(Answer.__table__.c.id)).all(),
        session.execute(select(Comment.__table__).order_by(Comment.__table__.c.id)).all(),
        *(
            session.execute(select(table.__table__).order_by(table.__table__.c.id)).all()
            for table in (Vote, following.Follow, following.Bookmark)
        ),
    ]  # fmt: skip


@pytest.fixture
def busy(session, organization, question, other, alice, bob, steward):
    """Both questions with all that can hang on them; returns the answer of the first."""
    dora = make_member(session, organization, "Dora Doubter")
    answer = give(session, question, bob)
    comments.post_comment(session, parent=answer, author=dora, body="Yes.", at=NOON)
    comments.post_comment(session, parent=question, author=dora, body="Which?", at=NOON)
    give(session, other, dora, "Two.")
    answers.accept_answer(session, answer=answer, by=alice, at=LATER)
    for post, by in ((question, bob), (question, dora), (other, bob), (answer, alice)):
        votes.set_vote(session, post=post, by=by, wanted=True, at=NOON)
    question.vote_count = Question.vote_count + 3  # from an import
    for thing, by in ((question, bob), (question, dora), (other, bob)):
        following.set_follow(session, thing=thing, by=by, wanted=True, at=NOON)
    for post in (question, answer):
        following.set_bookmark(session, post=post, by=dora, wanted=True, at=NOON)
    session.flush()
    return answer


def test_everything_follows_and_nobody_counts_twice(session, question, other, busy, steward):
    preview = merges.preview_merge(session, source=question, target=other, by=steward)
    assert (preview.answer_count, preview.vote_count, preview.twice_count) == (1, 4, 1)
    assert (preview.follower_count, preview.takes_acceptance) == (1, True)

    assert merge(session, question, other, steward) is other

    session.expire_all()
    assert (other.answer_count, question.answer_count) == (2, 0)
    assert (other.vote_count, question.vote_count) == (5, 1)  # Bob said so of both
    assert (other.accepted_id, question.accepted_id) == (busy.id, None)
    assert (question.duplicate_of_id, busy.question_id) == (other.id, other.id)
    below = comments.list_comments(session, other)
    assert [remark.body for remark in below[busy.id]] == ["Yes."]
    assert [remark.body for remark in comments.list_comments(session, question)[question.id]] == [
        "Which?"
    ]
    asked = set(session.scalars(select(OutboxRow.key).where(OutboxRow.created_at == LATER)))
    assert {str(question.id), str(busy.id)} <= asked


def test_undoing_gives_back_exactly_what_was(session, question, other, busy, steward):
    before = state(session)

    merge(session, question, other, steward)
    assert state(session) != before
    for _ in range(2):
        undo(session, question, steward)

    assert state(session) == before
    assert session.scalars(select(Merge.undone_at)).all() == [LATER]
    merge(session, question, other, steward)  # and again


def test_what_came_since_stays_where_it_came(session, question, other, busy, bob, alice, steward):
    merge(session, question, other, steward)
    new = give(session, question, bob, "Sent to the old address.")
    assert new.question_id == other.id
    remark = comments.post_comment(session, parent=busy, author=alice, body="New.", at=NOON)
    answers.delete_answer(session, answer=busy, by=bob, at=NOON)

    undo(session, question, steward)

    session.expire_all()
    assert (new.question_id, other.answer_count) == (other.id, 2)
    assert (busy.question_id, question.answer_count, question.accepted_id) == (question.id, 0, None)
    assert remark.question_id == question.id


def test_of_two_accepted_answers_the_others_stays(session, question, other, busy, alice, steward):
    stays = answers.list_answers(session, other)[0]
    answers.accept_answer(session, answer=stays, by=alice, at=NOON)
    before = state(session)

    merge(session, question, other, steward)
    assert other.accepted_id == stays.id
    undo(session, question, steward)

    assert state(session) == before


def test_into_itself_in_a_circle_and_twice_are_refused(
    session, space, question, other, alice, steward
):
    third = ask(session, space, alice, "And a third about the printer?")
    with pytest.raises(Conflict, match="into itself"):
        merge(session, question, question, steward)
    merge(session, question, other, steward)
    with pytest.raises(Conflict, match="merged already"):
        merge(session, question, third, steward)
    with pytest.raises(Conflict, match="a duplicate of itself"):
        merge(session, other, question, steward)
    with pytest.raises(Conflict, match="merged already"):
        questions.mark_duplicate(session, question=question, of=third, by=steward, at=NOON)
    with pytest.raises(Conflict, match="Undo the merge"):
        questions.unmark_duplicate(session, question=question, by=steward)


def test_a_chain_leads_to_its_end_and_is_undone_from_there(
    session, space, question, other, busy, alice, bob, steward
):
    third = ask(session, space, alice, "And a third about the printer?")
    merge(session, question, other, steward)
    merge(session, other, third, steward)

    assert stand_in(session, question, bob) is third
    assert give(session, question, bob, "To the oldest address.").question_id == third.id
    with pytest.raises(Conflict, match="Undo that first"):
        undo(session, question, steward)
    undo(session, other, steward)
    undo(session, question, steward)
    session.refresh(question)
    assert (question.answer_count, question.accepted_id) == (1, busy.id)


def test_a_merge_goes_to_the_original_of_a_duplicate(
    session, space, question, other, alice, steward
):
    third = ask(session, space, alice, "And a third about the printer?")
    questions.mark_duplicate(session, question=other, of=third, by=steward, at=NOON)

    assert merge(session, question, other, steward) is third


def test_only_a_steward_of_both_merges(session, organization, question, other, alice, bob, steward):
    for who in (alice, bob):
        with pytest.raises(NotAllowed):
            merge(session, question, other, who)
    elsewhere = spaces.make_space(session, organization=organization, name="Sales", at=NOON)
    theirs = ask(session, elsewhere, alice, "How is it done in Sales?")
    with pytest.raises(NotAllowed, match="both spaces"):
        merge(session, question, theirs, steward)
    merge(session, question, other, steward)
    with pytest.raises(NotAllowed):
        undo(session, question, bob)


@pytest.mark.parametrize("which", ["source", "target"])
def test_no_answer_comes_before_more_people(
    session, question, space, closed_space, alice, steward, which
):
    for member in (alice, steward):
        members.join_space(session, member=member, space=closed_space, role=Role.STEWARD)
    session.expire_all()
    closed = ask(session, closed_space, alice, "What does the payroll say?")
    source, target = (closed, question) if which == "source" else (question, closed)

    with pytest.raises(Conflict, match="not seen by the same people"):
        merge(session, source, target, steward)
    with pytest.raises(Conflict, match="not seen by the same people"):
        merges.preview_merge(session, source=source, target=target, by=steward)


def test_undoing_does_not_widen_who_sees_an_answer(session, question, other, busy, steward, space):
    members.join_space(session, member=steward, space=space, role=Role.STEWARD)
    merge(session, question, other, steward)
    other.visibility = "space"
    session.flush()

    with pytest.raises(Conflict, match="not seen by the same people"):
        undo(session, question, steward)


def test_what_was_taken_back_is_not_merged_into(session, question, other, steward):
    questions.delete_question(session, question=other, by=steward, at=NOON)
    with pytest.raises(NotFound):
        merge(session, question, other, steward)


def test_whoever_asked_hears_of_it_and_no_more_when_it_is_undone(session, question, other, steward):
    merge(session, question, other, steward)
    news = select(Notification.member_id).where(Notification.reason == "merged")
    assert session.scalars(news).all() == [question.author_id]
    undo(session, question, steward)
    assert session.scalars(news).all() == []


def test_a_merged_question_leaves_the_lists(session, question, other, steward, bob):
    merge(session, question, other, steward)
    listed = [row.id for row in reading.list_questions(session, bob).rows]
    assert listed == [other.id]


def test_a_duplicate_is_unmarked_by_who_asked_or_a_steward(session, question, other, alice, bob):
    with pytest.raises(NotAllowed):
        questions.mark_duplicate(session, question=question, of=other, by=bob, at=NOON)
    questions.mark_duplicate(session, question=question, of=other, by=alice, at=NOON)
    assert [(row.id, row.is_merged) for row in list_marks(session, bob, other, []).duplicates] == [
        (question.id, False)
    ]
    with pytest.raises(NotAllowed):
        questions.unmark_duplicate(session, question=question, by=bob)
    questions.unmark_duplicate(session, question=question, by=alice)
    assert question.duplicate_of_id is None
