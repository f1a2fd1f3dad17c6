from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.models import Notification
from peerqa.models.space import Visibility
from peerqa.paging import PAGE_SIZE, read_cursor
from peerqa.services import answers, comments, members, notifications, questions
from peerqa.services.notifications import count_unread, list_notifications, list_unread, mark_read
from tests.conftest import NOON, make_member
from tests.statements import noted_statements

LATER = NOON + timedelta(hours=1)


def tell(session, member, post, *, reason="answered", by=None, at=NOON) -> None:
    notifications.notify(session, member, reason=reason, post=post, by=by, at=at)


def count_rows(session) -> int:
    return session.scalar(select(func.count()).select_from(Notification))


def test_unread_news_is_refreshed_and_not_repeated(session, question, alice, bob, steward):
    tell(session, alice, question, by=bob)
    tell(session, alice, question, by=steward, at=LATER)

    (told,) = list_unread(session, alice)
    assert (told.actor_id, told.created_at) == (steward.id, LATER)
    assert count_unread(session, alice) == 1


def test_refreshed_news_speaks_of_the_newest_post(session, question, alice, bob):
    answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    newest = answers.post_answer(session, question=question, author=bob, body="Or so.", at=LATER)

    assert [told.post_id for told in list_unread(session, alice)] == [newest.id]


def test_after_reading_there_is_news_again(session, question, alice, bob):
    tell(session, alice, question, by=bob)
    mark_read(session, alice, at=NOON)
    assert (count_unread(session, alice), list_unread(session, alice)) == (0, [])

    tell(session, alice, question, by=bob, at=LATER)

    assert count_unread(session, alice) == 1
    assert count_rows(session) == 2


def test_news_of_another_kind_or_question_is_told_beside_it(session, space, question, alice, bob):
    other = questions.post_question(session, space=space, author=alice, title="Where?", at=NOON)
    tell(session, alice, question, by=bob)
    tell(session, alice, question, reason="commented", by=bob)
    tell(session, alice, other, by=bob)

    assert count_unread(session, alice) == 3


def test_nobody_hears_of_their_own_acts(session, question, alice):
    answer = answers.post_answer(session, question=question, author=alice, body="So.", at=NOON)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    comments.post_comment(session, parent=answer, author=alice, body="Yes.", at=NOON)

    assert count_rows(session) == 0


def test_who_has_left_and_who_never_came_hears_nothing(session, organization, question, bob):
    bob.inactive_at = NOON
    placeholder = members.create_member(
        session, organization=organization, name="Old Author", at=NOON, is_placeholder=True
    )
    for member in (bob, placeholder, None):
        tell(session, member, question)

    assert count_rows(session) == 0


@pytest.mark.parametrize("how", ["it was closed", "it was taken back"])
def test_who_may_not_see_it_any_more_is_not_told(session, question, alice, bob, how):
    tell(session, alice, question, by=bob)
    if how == "it was closed":
        question.visibility = Visibility.SPACE
    else:
        question.deleted_at = NOON
    session.flush()

    assert list_unread(session, alice) == []
    assert list_notifications(session, alice).rows == []
    assert count_unread(session, alice) == 0


def test_nobody_sees_what_another_was_told(session, question, alice, bob, carol):
    tell(session, alice, question, by=bob)

    for other in (bob, carol):
        assert list_unread(session, other) == []
        assert list_notifications(session, other).rows == []
        mark_read(session, other, at=NOON)
    assert count_unread(session, alice) == 1


def test_reading_one_question_leaves_the_news_of_others(session, space, question, alice, bob):
    other = questions.post_question(session, space=space, author=alice, title="Where?", at=NOON)
    for post in (question, other):
        tell(session, alice, post, by=bob)

    mark_read(session, alice, at=NOON, question_id=question.id)
    mark_read(session, alice, at=LATER, question_id=question.id)

    assert [told.question_id for told in list_unread(session, alice)] == [other.id]
    read = session.scalars(select(Notification.read_at).where(Notification.read_at.is_not(None)))
    assert read.all() == [NOON]


def test_pages_have_all_news_once_while_more_comes(session, space, alice, bob):
    def news(number: int, at) -> int:
        post = questions.post_question(
            session, space=space, author=alice, title=f"Question {number}?", at=NOON
        )
        tell(session, alice, post, by=bob, at=at)
        return post.id

    told = [news(n, NOON + timedelta(minutes=n // 4)) for n in range(PAGE_SIZE + 5)]

    first = list_notifications(session, alice)
    news(99, LATER)
    second = list_notifications(session, alice, after=read_cursor(first.next))

    assert [row.question_id for row in (*first.rows, *second.rows)] == told[::-1]
    assert second.next is None


def test_the_unread_are_not_listed_without_end(session, space, alice, bob):
    for n in range(3):
        post = questions.post_question(
            session, space=space, author=alice, title=f"Question {n}?", at=NOON
        )
        tell(session, alice, post, by=bob, at=NOON + timedelta(minutes=n))

    assert [told.question.title for told in list_unread(session, alice, limit=2)] == [
        "Question 2?",
        "Question 1?",
    ]


def test_news_of_what_was_taken_back_is_none(session, question, alice, bob, steward):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    comments.post_comment(session, parent=answer, author=steward, body="Really?", at=NOON)
    remark = comments.post_comment(session, parent=question, author=bob, body="Me too.", at=NOON)
    assert (count_unread(session, alice), count_unread(session, bob)) == (2, 1)

    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert [told.post_id for told in list_unread(session, alice)] == [remark.id]
    assert list_notifications(session, bob).rows == []

    comments.delete_comment(session, comment=remark, by=bob, at=NOON)
    assert list_notifications(session, alice).rows == []
    assert count_unread(session, alice) == 0


def test_an_answer_that_stays_is_told_of_when_a_newer_one_is_taken_back(
    session, question, alice, bob, steward
):
    first = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    newer = answers.post_answer(session, question=question, author=steward, body="Or.", at=LATER)
    answers.post_answer(session, question=question, author=alice, body="Thanks.", at=LATER)

    answers.delete_answer(session, answer=newer, by=steward, at=LATER)

    (told,) = list_unread(session, alice)
    assert (told.post_id, told.actor_id, told.created_at) == (first.id, bob.id, NOON)


def test_an_answer_that_was_read_of_is_not_told_again(session, question, alice, bob, steward):
    answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    mark_read(session, alice, at=NOON)
    newer = answers.post_answer(session, question=question, author=steward, body="Or.", at=LATER)

    answers.delete_answer(session, answer=newer, by=steward, at=LATER)

    assert list_unread(session, alice) == []


def test_many_are_told_by_as_few_statements_as_some(session, organization, question, bob, steward):
    people = [make_member(session, organization, f"N{n} Name") for n in range(40)]
    people[0].inactive_at = NOON
    session.flush()
    counts = []
    for post, some in ((question, people[:5]), (question, [*people, bob])):
        with noted_statements() as seen:
            notifications.notify_many(
                session, some, reason="followed-question", post=post, by=bob, at=NOON
            )
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert count_rows(session) == 39
    assert count_unread(session, people[7]) == 1
