"""Flags, and what stewards decide: hidden posts are gone for others, and come back as they were."""

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Notification, OutboxRow, Ruling
from peerqa.models.moderating.audit import AuditEntry
from peerqa.models.space import Role, Visibility
from peerqa.secrets import InstanceKey
from peerqa.services import answers, comments, members, questions
from peerqa.services.answering import deletions
from peerqa.services.asking import masks
from peerqa.services.asking.anonymous import ask_anonymously
from peerqa.services.moderating import queue, rulings
from peerqa.services.moderating.flags import find_flag, flag_post
from peerqa.services.notifications import list_notifications
from peerqa.services.reading import QuestionFilter, list_questions
from tests.conftest import NOON, make_member

WHY = "It names a customer."
KEY = InstanceKey(b"k" * 32)


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="Ask HR.", at=NOON)


@pytest.fixture
def ruled(session, steward):
    """Return a function that decides about a post."""

    def decide(post, act, why=WHY, by=steward):
        rulings.rule(session, post=post, act=act, by=by, why=why, at=NOON)
        session.expire_all()

    return decide


def test_flags_of_many_are_one_row_in_the_queue_and_name_nobody(
    session, organization, steward, alice, bob, answer
):
    second = make_member(session, organization, "Second")
    assert flag_post(session, post=answer, by=alice, reason="rude", at=NOON)
    assert not flag_post(session, post=answer, by=alice, reason="spam", at=NOON), "once a person"
    flag_post(session, post=answer, by=second, reason="other", note="A <name>", at=NOON)

    (queued,), more = queue.list_flagged(session, steward)

    assert (queued.post, queued.flag_count, more) == (answer, 2, None)
    assert queued.reasons == {"rude": 1, "other": 1}
    assert queued.notes == ["A <name>"]
    assert queue.list_flagged(session, bob) == ([], None), "no steward"
    assert find_flag(session, post=answer, by=alice) is not None


def test_a_flag_that_cannot_be_is_refused(session, alice, bob, answer):
    with pytest.raises(NotAllowed):
        flag_post(session, post=answer, by=bob, reason="rude", at=NOON)
    for reason, note in (("nonsense", ""), ("", ""), ("other", " "), ("rude", "x" * 501)):
        with pytest.raises(Invalid):
            flag_post(session, post=answer, by=alice, reason=reason, note=note, at=NOON)


def test_what_its_author_takes_back_leaves_the_queue_and_returns_with_its_flags(
    session, steward, alice, bob, answer
):
    flag_post(session, post=answer, by=alice, reason="rude", at=NOON)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert queue.list_flagged(session, steward)[0] == []
    with pytest.raises(NotFound):
        rulings.get_post(session, steward, answer.id)

    deletions.restore_post(session, post=answer, by=bob, at=NOON)

    assert [each.post for each in queue.list_flagged(session, steward)[0]] == [answer]


def test_a_hidden_answer_is_gone_and_comes_back_as_it_was(
    session, question, alice, bob, steward, answer, ruled
):
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    flag_post(session, post=answer, by=alice, reason="private", at=NOON)
    ruled(answer, "hidden")

    with pytest.raises(NotFound):
        answers.get_answer(session, alice, answer.id)
    assert (question.answer_count, question.accepted_id) == (0, None)
    assert str(answer.id) in session.scalars(select(OutboxRow.key)).all()
    assert queue.list_flagged(session, steward)[0] == []
    assert [each.post for each in queue.list_out_of_sight(session, steward)] == [answer]
    with pytest.raises(NotFound):
        deletions.get_deleted(session, bob, answer.id, at=NOON)
    with pytest.raises(NotFound):
        deletions.get_deleted(session, steward, answer.id, at=NOON)

    ruled(answer, "restored", "The customer agreed.")

    assert answers.get_answer(session, alice, answer.id) is answer
    assert (question.answer_count, question.accepted_id) == (1, answer.id)
    assert session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all() == [
        "post.hidden", "post.restored",
    ]  # fmt: skip


def test_the_author_reads_what_was_done_and_why_even_of_a_hidden_question(
    session, question, alice, bob, steward, ruled
):
    ruled(question, "hidden")

    assert list_questions(session, bob, only=QuestionFilter()).rows == []
    (news,) = list_notifications(session, alice).rows
    assert (news.reason, news.post_id) == ("moderated", question.id)
    assert rulings.get_post(session, alice, question.id) is question
    assert [r.why for r in rulings.list_rulings(session, question, for_author=True)] == [WHY]
    with pytest.raises(NotFound):
        rulings.get_post(session, bob, question.id)


def test_a_dismissed_flag_is_no_news_for_the_author(session, alice, bob, steward, answer, ruled):
    flag_post(session, post=answer, by=alice, reason="rude", at=NOON)
    ruled(answer, "dismissed")

    assert queue.list_flagged(session, steward)[0] == []
    assert session.scalars(select(Notification.reason)).all() == ["answered"]
    with pytest.raises(NotFound):
        rulings.get_post(session, bob, answer.id)


def test_nothing_is_added_to_a_locked_thread_and_stewards_edit(
    session, question, alice, bob, steward, answer, ruled
):
    ruled(answer, "locked")

    for add in (
        lambda: answers.post_answer(session, question=question, author=alice, body="x", at=NOON),
        lambda: comments.post_comment(session, parent=answer, author=bob, body="x", at=NOON),
        lambda: answers.edit_answer(
            session, answer=answer, by=bob, body="x", version=1, at=NOON
        ),
        lambda: questions.edit_question(
            session, question=question, by=alice, title="Another one", body="", topic_names=[],
            version=1, at=NOON,
        ),
    ):  # fmt: skip
        with pytest.raises(Conflict, match="locked this thread"):
            add()
    answers.edit_answer(session, answer=answer, by=steward, body="Ask HR!", version=1, at=NOON)
    ruled(question, "unlocked")
    comments.post_comment(session, parent=answer, author=bob, body="x", at=NOON)


def test_decisions_need_a_reason_a_right_and_a_post_that_is_so(
    session, alice, bob, admin, answer, closed_space, ruled, steward
):
    for act, why in (("hidden", "x"), ("hidden", "y" * 501), ("burnt", WHY)):
        with pytest.raises(Invalid):
            ruled(answer, act, why)
    for nobody in (alice, bob):
        with pytest.raises(NotAllowed):
            ruled(answer, "hidden", by=nobody)
    ruled(answer, "hidden", by=admin)
    with pytest.raises(Conflict):
        ruled(answer, "hidden")
    assert len(session.scalars(select(Ruling)).all()) == 1


def test_a_steward_decides_not_about_their_own_and_an_admin_not_in_a_closed_space(
    session, admin, steward, bob, closed_space, ruled
):
    for member in (steward, bob):
        members.join_space(session, member=member, space=closed_space, role=Role.STEWARD)
    own = questions.post_question(
        session, space=closed_space, author=steward, title="What do I earn?",
        visibility=Visibility.SPACE, at=NOON,
    )  # fmt: skip
    flag_post(session, post=own, by=bob, reason="rude", at=NOON)

    assert queue.list_flagged(session, admin)[0] == []
    assert queue.list_flagged(session, steward)[0] == [], "what is said of them is for others"
    assert len(queue.list_flagged(session, bob)[0]) == 1
    for nobody in (steward, admin):
        with pytest.raises(NotAllowed):
            ruled(own, "hidden", by=nobody)


def test_an_anonymous_question_is_moderated_without_its_author(
    session, space, alice, bob, steward, ruled
):
    masks.wear(alice, KEY)
    asked, _ = ask_anonymously(
        session, space=space, author=alice, title="Who is stealing?", body="", topic_names=[],
        visibility=Visibility.ORGANIZATION, key=KEY, at=NOON,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        flag_post(session, post=asked, by=alice, reason="rude", at=NOON)
    flag_post(session, post=asked, by=bob, reason="rude", at=NOON)
    ruled(asked, "hidden")

    masks.wear(alice, KEY)
    assert rulings.get_post(session, alice, asked.id) is asked
    assert session.scalars(select(Notification)).all() == []
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.actor_id, entry.thing_kind, entry.thing_id) == (steward.id, "question", asked.id)
    assert (entry.details, entry.why) == ("{}", WHY)


def test_nobody_locks_or_unlocks_their_own_thread_through_an_answer(
    session, space, steward, admin, bob, ruled
):
    own = questions.post_question(
        session, space=space, author=steward, title="What do I earn?", at=NOON,
    )  # fmt: skip
    answer = answers.post_answer(session, question=own, author=bob, body="Ask HR.", at=NOON)
    assert rulings.choices_for(session, answer, by=steward) == ("dismissed", "hidden")
    with pytest.raises(NotAllowed):
        ruled(answer, "locked")
    ruled(answer, "locked", by=admin)
    with pytest.raises(NotAllowed):
        ruled(answer, "unlocked")
    assert own.locked_at == NOON


def test_an_author_who_left_a_closed_space_reads_its_rulings_no_more(
    session, closed_space, steward, bob, ruled
):
    members.join_space(session, member=steward, space=closed_space, role=Role.STEWARD)
    members.join_space(session, member=bob, space=closed_space)
    own = questions.post_question(
        session, space=closed_space, author=bob, title="What do I earn?",
        visibility=Visibility.SPACE, at=NOON,
    )  # fmt: skip
    ruled(own, "hidden")
    assert rulings.get_post(session, bob, own.id) is own

    bob.memberships.clear()
    session.flush()

    with pytest.raises(NotFound):
        rulings.get_post(session, bob, own.id)
