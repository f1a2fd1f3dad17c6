"""Asking anonymously: what the author can still do, and what only two stewards together can."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Mask, Notification, Question, Reveal
from peerqa.models.space import Role, Visibility
from peerqa.permissions import is_author, may
from peerqa.secrets import BrokenSeal, InstanceKey
from peerqa.services import (
    answers,
    comments,
    members,
    merging,
    notifications,
    organizations,
    questions,
    reading,
    spaces,
)
from peerqa.services.answering import deletions, doubts, following, merges
from peerqa.services.asking import anonymous, masks
from tests.conftest import NOON, make_member

KEY = InstanceKey(b"k" * 32)
AT = NOON + timedelta(minutes=17, seconds=3)
REASON = "Somebody is threatened here."


def ask(session, space, author, title="Who decides about pay?", *, at=AT, key=KEY):
    masks.wear(author, key)
    return anonymous.ask_anonymously(
        session, space=space, author=author, title=title, body="I wonder.", topic_names=["pay"],
        visibility=Visibility.ORGANIZATION, key=key, at=at,
    )  # fmt: skip


@pytest.fixture
def masked(session, space, alice) -> Question:
    return ask(session, space, alice)[0]


@pytest.fixture
def second(session, organization, space):
    other = make_member(session, organization, "Stella Second")
    members.join_space(session, member=other, space=space, role=Role.STEWARD)
    return other


def test_the_question_names_nobody_and_says_no_minute(session, masked, alice):
    assert masked.author_id is None
    assert masked.is_masked
    assert len(masked.pseudonym.split()) == 2
    assert masked.created_at == masked.active_at == NOON
    assert reading.count_for(session, alice, alice.id).question_count == 0


def test_its_author_edits_comments_answers_and_accepts_under_the_same_name(
    session, masked, alice, bob
):
    assert is_author(alice, masked)
    assert not is_author(bob, masked)
    later = AT + timedelta(hours=3)
    questions.edit_question(
        session, question=masked, by=alice, title="Who decides about our pay?", body="",
        topic_names=[], version=1, at=later,
    )  # fmt: skip
    remark = comments.post_comment(session, parent=masked, author=alice, body="Soon?", at=later)
    own = answers.post_answer(session, question=masked, author=alice, body="I know.", at=later)
    given = answers.post_answer(session, question=masked, author=bob, body="The board.", at=later)
    answers.accept_answer(session, answer=given, by=alice, at=later)

    for post in (remark, own):
        assert post.author_id is None
        assert post.is_masked
        assert is_author(alice, post)
        assert post.created_at == NOON + timedelta(hours=3)
    assert given.author_id == bob.id
    assert masked.accepted_id == given.id
    assert masked.active_at == masked.edited_at == NOON + timedelta(hours=3)
    assert not may(alice, "vote", masked)
    assert may(bob, "vote", masked)


def test_whoever_is_told_of_it_does_not_hear_who_did_it_nor_when(session, masked, alice, bob):
    given = answers.post_answer(session, question=masked, author=bob, body="So.", at=AT)
    comments.post_comment(session, parent=given, author=alice, body="Ah.", at=AT)
    answers.accept_answer(session, answer=given, by=alice, at=AT)

    told = notifications.list_unread(session, bob)
    assert {each.reason for each in told} == {"commented", "accepted"}
    assert {each.actor_id for each in told} == {None}
    assert {each.created_at for each in told} == {NOON}


def test_whoever_follows_the_space_does_not_hear_when_it_was_asked(session, masked, space, bob):
    following.set_follow(session, thing=space, by=bob, wanted=True, at=NOON)
    session.commit()
    following.tell_followers([str(masked.id)], now=lambda: AT)

    (told,) = session.scalars(select(Notification).where(Notification.member_id == bob.id))
    assert (told.reason, told.actor_id, told.created_at) == ("followed-question", None, NOON)


def test_what_has_a_name_is_not_done_where_one_asked_without(session, masked, alice, bob):
    given = answers.post_answer(session, question=masked, author=bob, body="So.", at=AT)

    with pytest.raises(NotAllowed, match="would show your name"):
        doubts.doubt_answer(session, answer=given, by=alice, reason="It moved.", at=AT)


def test_what_was_written_without_a_name_is_not_moved_under_another_question(
    session, masked, question, alice, steward
):
    answers.post_answer(session, question=masked, author=alice, body="I know.", at=AT)

    with pytest.raises(Conflict, match="so it stays"):
        merges.merge(session, source=masked, target=question, by=steward, at=AT)


def test_after_a_merge_the_author_does_not_write_elsewhere_by_name(
    session, masked, question, alice, steward
):
    merges.merge(session, source=masked, target=question, by=steward, at=AT)

    with pytest.raises(Conflict, match="your name would show"):
        answers.post_answer(session, question=masked, author=alice, body="I know.", at=AT)
    with pytest.raises(Conflict, match="your name would show"):
        comments.post_comment(session, parent=masked, author=alice, body="So?", at=AT)


def test_the_author_has_time_to_undo_though_it_is_kept_to_the_hour(session, masked, alice):
    late = NOON + timedelta(minutes=59)
    questions.delete_question(session, question=masked, by=alice, at=late)

    after = late + timedelta(minutes=20)
    found = deletions.get_deleted(session, alice, masked.id, at=after)
    deletions.restore_post(session, post=found, by=alice, at=after)

    assert masked.deleted_at is None


def test_the_author_finds_the_news_and_no_row_of_news_names_them(session, masked, alice, bob):
    assert notifications.count_unread(session, alice) == 0
    answers.post_answer(session, question=masked, author=bob, body="So.", at=AT)
    comments.post_comment(session, parent=masked, author=alice, body="Ah.", at=AT)

    assert notifications.count_unread(session, alice) == 1
    assert notifications.count_unread(session, bob) == 0
    assert [q.id for q in masks.list_own(session, alice, only_news=True)] == [masked.id]
    assert session.scalar(select(func.count()).select_from(Notification)) == 0
    notifications.mark_read(session, bob, at=AT)
    assert notifications.count_unread(session, alice) == 1
    notifications.mark_read(session, alice, at=AT, question_id=masked.id)
    assert notifications.count_unread(session, alice) == 0


def test_ones_own_act_is_no_news(session, masked, alice):
    comments.post_comment(session, parent=masked, author=alice, body="Ah.", at=AT)

    assert notifications.count_unread(session, alice) == 0


def test_two_questions_of_one_person_have_nothing_in_common(session, space, masked, alice):
    other, _ = ask(session, space, alice, "Who decides about leave?")

    rows = session.scalars(select(Mask)).all()
    assert rows[0].tag != rows[1].tag
    assert rows[0].sealed != rows[1].sealed
    assert len(rows[0].sealed) == len(rows[1].sealed)
    assert [q.id for q in masks.list_own(session, alice)] == [other.id, masked.id]


def test_the_same_again_is_the_same_question(session, space, masked, alice, bob):
    again, is_new = ask(session, space, alice, at=AT + timedelta(minutes=1))
    other, is_new_too = ask(session, space, bob)

    assert (again.id, is_new) == (masked.id, False)
    assert (other.id == masked.id, is_new_too) == (False, True)


def test_its_author_takes_it_back_and_nobody_else(session, masked, alice, bob):
    with pytest.raises(NotAllowed):
        questions.delete_question(session, question=masked, by=bob, at=AT)
    answers.post_answer(session, question=masked, author=alice, body="I know.", at=AT)

    questions.delete_question(session, question=masked, by=alice, at=AT)

    assert masked.deleted_at == NOON


def test_an_organization_or_a_space_may_not_want_it(session, space, alice, organization, admin):
    spaces.set_rules(session, space=space, allows_anonymous=False)
    with pytest.raises(Invalid, match="Nobody asks anonymously in this space"):
        ask(session, space, alice)
    spaces.set_rules(session, space=space, allows_anonymous=True)
    organizations.allow_anonymous(
        session, organization=organization, wanted=False, by=admin, at=NOON
    )
    with pytest.raises(Invalid):
        ask(session, space, alice)
    assert session.scalar(select(func.count()).select_from(Question)) == 0


def test_of_so_many_one_member_has_no_more(session, space, alice, monkeypatch):
    monkeypatch.setattr(masks, "MOST", 2)
    masks._tags_of.cache_clear()
    for number in range(2):
        ask(session, space, alice, f"Who decides number {number}?")

    with pytest.raises(Invalid, match="as many as are kept apart"):
        ask(session, space, alice, "And one more?")
    masks._tags_of.cache_clear()


def test_two_stewards_together_find_out_and_the_author_hears_of_it(
    session, masked, alice, steward, second
):
    anonymous.reveal(session, question=masked, by=steward, reason=REASON, at=AT)
    assert notifications.count_unread(session, alice) == 0
    with pytest.raises(NotFound):
        anonymous.get_author(session, question=masked, by=steward, key=KEY)

    row = anonymous.reveal(session, question=masked, by=second, reason="", at=AT)

    assert (row.reason, row.asked_by_id, row.agreed_by_id) == (REASON, steward.id, second.id)
    for one in (steward, second):
        assert anonymous.get_author(session, question=masked, by=one, key=KEY) is alice
    assert notifications.count_unread(session, alice) == 1
    assert masked.author_id is None, "everybody else still reads the made-up name"


def test_a_steward_alone_a_third_and_others_do_not(
    session, masked, organization, space, bob, admin, steward, second
):
    third = make_member(session, organization, "Theo Third")
    members.join_space(session, member=third, space=space, role=Role.STEWARD)
    anonymous.reveal(session, question=masked, by=steward, reason=REASON, at=AT)
    with pytest.raises(Conflict, match="Another steward"):
        anonymous.reveal(session, question=masked, by=steward, reason=REASON, at=AT)
    for outsider in (bob, admin):
        with pytest.raises(NotAllowed):
            anonymous.reveal(session, question=masked, by=outsider, reason=REASON, at=AT)
    anonymous.reveal(session, question=masked, by=second, reason="", at=AT)

    anonymous.reveal(session, question=masked, by=third, reason=REASON, at=AT)

    assert session.scalars(select(Reveal.agreed_by_id)).one() == second.id
    for outsider in (third, bob, admin):
        with pytest.raises(NotFound):
            anonymous.get_author(session, question=masked, by=outsider, key=KEY)


@pytest.mark.parametrize("reason", ["", "  because  ", "x" * 501])
def test_a_reveal_needs_a_reason(session, masked, steward, reason):
    with pytest.raises(Invalid, match="Say why"):
        anonymous.reveal(session, question=masked, by=steward, reason=reason, at=AT)
    assert anonymous.find_reveal(session, masked) is None


def test_a_question_with_a_name_has_nothing_to_reveal(session, question, steward):
    with pytest.raises(Conflict, match="was not asked anonymously"):
        anonymous.reveal(session, question=question, by=steward, reason=REASON, at=AT)


def test_another_key_reveals_nobody(session, masked, steward, second):
    anonymous.reveal(session, question=masked, by=steward, reason=REASON, at=AT)
    anonymous.reveal(session, question=masked, by=second, reason="", at=AT)

    with pytest.raises(BrokenSeal):
        anonymous.get_author(session, question=masked, by=steward, key=InstanceKey(b"x" * 32))


def test_without_the_key_even_the_author_is_a_stranger(session, masked, alice):
    masks.wear(alice, InstanceKey(b"x" * 32))

    assert not is_author(alice, masked)
    assert masks.list_own(session, alice) == []


def test_who_joins_two_accounts_keeps_what_each_asked(session, space, masked, alice, bob):
    other, _ = ask(session, space, bob, "Who decides about leave?")

    merging.merge(session, kept=alice, emptied=bob, key=KEY, at=AT)

    assert [q.id for q in masks.list_own(session, alice)] == [other.id, masked.id]
    assert {masks.read_author_id(m, KEY) for m in session.scalars(select(Mask))} == {alice.id}
