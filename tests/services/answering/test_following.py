"""Who follows hears once of what they may see; mentions, bookmarks and reminders likewise."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.models import Member, Notification, OutboxRow
from peerqa.models.space import Visibility
from peerqa.services import answers, comments, members, notifications, questions, topics
from peerqa.services.answering import following, mentions, nudging
from tests.conftest import NOON, make_member


@pytest.fixture
def dora(session, organization) -> Member:
    return make_member(session, organization, "Dora Döring")


def told(session, member, *reasons):
    session.expire_all()
    rows = notifications.list_unread(session, member)
    return [row.reason for row in rows if not reasons or row.reason in reasons]


def follow(session, thing, by, *, wanted=True):
    following.set_follow(session, thing=thing, by=by, wanted=wanted, at=NOON)


def tell(session):
    """Do what the worker does, twice: it may be killed behind the first."""
    keys = session.scalars(select(OutboxRow.key).where(OutboxRow.topic == following.TOPIC)).all()
    session.commit()
    for _ in range(2):
        following.tell_followers(keys, now=lambda: NOON)


def give(session, question, author, body="One."):
    return answers.post_answer(session, question=question, author=author, body=body, at=NOON)


def test_who_follows_a_question_hears_of_an_answer_once(session, question, alice, bob, dora):
    for member in (alice, bob, dora):
        follow(session, question, member)
        follow(session, question, member)
    give(session, question, bob)

    tell(session)

    assert told(session, dora) == ["followed-answer"]
    assert told(session, bob) == []  # it is his own
    assert told(session, alice) == ["answered"]  # she asked


def test_what_was_read_is_not_told_again_by_a_worker_that_tries_twice(session, question, bob, dora):
    follow(session, question, dora)
    give(session, question, bob)
    tell(session)
    notifications.mark_read(session, dora, at=NOON)
    tell(session)

    assert session.scalar(select(func.count()).where(Notification.member_id == dora.id)) == 1


def test_who_follows_no_more_hears_nothing_and_no_row_waits(session, question, bob, dora):
    follow(session, question, dora)
    follow(session, question, dora, wanted=False)
    give(session, question, bob)

    waiting = select(func.count()).where(OutboxRow.topic == following.TOPIC)
    assert session.scalar(waiting) == 0


def test_topics_and_spaces_are_followed_for_new_questions(
    session, space, closed_space, question, alice, bob, dora
):
    follow(session, topics.get_topic(session, alice.organization_id, "label-printer"), dora)
    follow(session, space, bob)
    members.join_space(session, member=alice, space=closed_space)
    for place, visibility in ((space, Visibility.ORGANIZATION), (closed_space, Visibility.SPACE)):
        questions.post_question(
            session, space=place, author=alice, title="Which ribbon goes in?",
            topic_names=["label-printer"], visibility=visibility, at=NOON,
        )  # fmt: skip

    tell(session)

    for member in (bob, dora):  # of the open one alone
        assert told(session, member) == ["followed-question"]
        count = select(func.count()).where(Notification.member_id == member.id)
        assert session.scalar(count) == 1


def test_bookmarks_are_ones_own_and_of_what_one_may_see(session, question, alice, bob):
    answer = give(session, question, bob)
    for post in (question, answer, answer):
        following.set_bookmark(session, post=post, by=alice, wanted=True, at=NOON)

    page = following.list_bookmarks(session, alice)
    assert [(mark.post_id, asked.id) for mark, asked in page.rows] == [
        (answer.id, question.id), (question.id, question.id),
    ]  # fmt: skip
    assert following.list_bookmarks(session, bob).rows == []

    question.visibility = "space"
    session.flush()
    assert following.list_bookmarks(session, alice).rows == []


@pytest.mark.parametrize(
    "body",
    [
        "Ask @Dora Döring about it.",
        "@dora döring, do you know?",
        "@Dora Döring's list has it.",
        "@dora.döring knows.",
    ],
)
def test_a_named_colleague_hears_of_it_once(session, question, bob, dora, body):
    answer = give(session, question, bob, body)
    answers.edit_answer(session, answer=answer, by=bob, body=body + " Really.", version=1, at=NOON)
    notifications.mark_read(session, dora, at=NOON)
    answers.edit_answer(session, answer=answer, by=bob, body=body + " Yes.", version=2, at=NOON)

    news = session.scalars(select(Notification).where(Notification.member_id == dora.id)).all()
    assert [(row.reason, row.post_id, row.actor_id) for row in news] == [
        ("mentioned", answer.id, bob.id)
    ]


@pytest.mark.parametrize(
    "body",
    [
        "```\n@Dora Döring\n```",
        "mail to a@Dora Döring",
        "@Dora",
        "@",
        "@ Dora Döring",
        "@Dora Döringer",
    ],
)
def test_what_names_nobody_tells_nobody(session, question, bob, dora, body):
    give(session, question, bob, body)

    assert told(session, dora) == []


def test_a_first_name_is_enough_in_a_thread_where_there_is_one(session, question, alice, bob, dora):
    answer = give(session, question, dora, "One.")
    comments.post_comment(session, parent=question, author=bob, body="@dora knows?", at=NOON)
    comments.post_comment(session, parent=answer, author=alice, body="@bob too?", at=NOON)

    assert told(session, dora, "mentioned") == ["mentioned"]
    assert told(session, bob, "mentioned") == ["mentioned"]


def test_nobody_is_named_into_what_they_may_not_see(session, question, alice, bob, dora, carol):
    question.visibility = "space"
    members.join_space(session, member=alice, space=question.space)
    comments.post_comment(
        session, parent=question, author=alice, body="@Dora Döring @Carol Foreign", at=NOON
    )

    assert session.scalar(select(func.count()).where(Notification.reason == "mentioned")) == 0


def test_ten_thousand_mentions_are_twenty(session, question, organization, bob):
    crowd = [make_member(session, organization, f"X{n} Y") for n in range(30)]
    body = "".join(f"@X{n} Y. " for n in range(30)) + "@Nobody Here. " * 1_000
    give(session, question, bob, body)

    assert sum(bool(told(session, member)) for member in crowd) == 20
    assert len(mentions.read_mentions("@a " * 5_000 + "@b@" * 5_000)) <= 20


def test_the_asker_is_reminded_once(session, question, alice, bob):
    give(session, question, bob)
    for days, reasons in ((4, []), (5, ["nudged"]), (6, ["nudged"])):
        nudging.nudge_askers(session, at=NOON + timedelta(days=days))
        assert told(session, alice, "nudged") == reasons


def test_nobody_is_reminded_of_their_own_or_of_what_is_settled(
    session, space, question, alice, bob
):
    other = questions.post_question(session, space=space, author=bob, title="And mine?", at=NOON)
    give(session, other, bob)  # what stands elsewhere is no answer here
    give(session, question, alice)
    nudging.nudge_askers(session, at=NOON + timedelta(days=9))
    answers.accept_answer(session, answer=give(session, question, bob), by=alice, at=NOON)
    nudging.nudge_askers(session, at=NOON + timedelta(days=9))

    assert told(session, alice, "nudged") == []
