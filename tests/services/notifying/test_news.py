"""Who gets a letter about what, and nobody twice about the same."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from peerqa.models import Letter
from peerqa.models.notifying.mail_choice import Stopped
from peerqa.services import answers, comments, notifications, questions
from peerqa.services.notifying import choices, news
from peerqa.services.notifying.contents import read_contents
from tests.conftest import NOON, make_member
from tests.services.notifying.conftest import waiting
from tests.statements import noted_statements

SOON = NOON + timedelta(minutes=2)
LATER = NOON + timedelta(hours=1)


def answer(session, question, by, *, at=NOON):
    return answers.post_answer(session, question=question, author=by, body="So.", at=at)


def ask(session, space, alice, count):
    return [
        questions.post_question(session, space=space, author=alice, title=f"Question {n}?", at=NOON)
        for n in range(count)
    ]


def test_an_answer_asks_for_a_letter_a_minute_later(session, question, alice, bob):
    answer(session, question, bob)

    assert waiting(session, news.NEWS) == [(str(alice.id), NOON + news.DELAY)]


def test_who_is_suspended_gets_letters_about_later_news_alone(
    session, question, alice, bob, letters
):
    alice.suspended_at, alice.suspended_until = NOON, LATER
    answer(session, question, bob)

    assert waiting(session, news.NEWS) == []
    assert letters(alice, at=SOON) == []
    assert letters(alice, at=LATER) == [["answered"]]


def test_a_letter_says_what_the_organization_is_called(session, question, alice, bob, letters):
    alice.organization.shown_name = "Acme"
    answer(session, question, bob)
    letters(alice, at=SOON)

    letter = session.scalars(select(Letter)).one()
    assert read_contents(session, letter, at=SOON).organization == "Acme"


def test_one_letter_tells_all_news_about_a_question_once(session, question, alice, bob, letters):
    answer(session, question, bob)
    comments.post_comment(session, parent=question, author=bob, body="Which?", at=NOON)

    assert letters(alice, at=SOON) == [["answered", "commented"]]
    assert letters(alice, at=LATER) == [["answered", "commented"]]
    assert len(waiting(session, news.LETTER)) == 1


def test_a_newer_answer_is_told_though_the_news_of_the_first_is_unread(
    session, question, alice, bob, letters
):
    answer(session, question, bob)
    letters(alice, at=SOON)
    answer(session, question, bob, at=LATER)

    assert letters(alice, at=LATER) == [[], ["answered"]]


def test_an_answer_is_not_told_again_when_a_newer_one_is_taken_back(
    session, question, alice, bob, letters
):
    answer(session, question, bob)
    letters(alice, at=SOON)
    newer = answer(session, question, bob, at=LATER)
    answers.delete_answer(session, answer=newer, by=bob, at=LATER)

    assert letters(alice, at=LATER) == [["answered"]]


def test_what_was_accepted_read_withdrawn_and_accepted_again_is_told_once(
    session, question, alice, bob, letters
):
    choices.save_choices(session, member=bob, chosen={"accepted": "immediate"})
    given = answer(session, question, bob)
    answers.accept_answer(session, answer=given, by=alice, at=NOON)
    assert letters(bob, at=SOON) == [["accepted"]]
    notifications.mark_read(session, bob, at=SOON)
    answers.withdraw_acceptance(session, answer=given, by=alice, at=NOON)
    answers.accept_answer(session, answer=given, by=alice, at=LATER)

    assert letters(bob, at=LATER) == [["accepted"]]


@pytest.mark.parametrize("why", ["read", "no address", "left", "daily", "never", "stopped", "old"])
def test_no_letter_is_written(session, question, alice, bob, letters, why):
    answer(session, question, bob)
    at = SOON
    if why == "read":
        notifications.mark_read(session, alice, at=NOON)
    elif why == "no address":
        alice.email = None
    elif why == "left":
        alice.inactive_at = NOON
    elif why in {"daily", "never"}:
        choices.save_choices(session, member=alice, chosen={"answered": why})
    elif why == "stopped":
        choices.stop(session, member=alice, what=Stopped.ALL, at=NOON)
    else:
        at = NOON + timedelta(hours=25)
    session.flush()

    assert letters(alice, at=at) == []


def test_in_quiet_hours_a_letter_waits_until_they_end(session, question, alice, bob, letters):
    choices.save_times(
        session, member=alice, zone="Europe/Berlin", quiet_from="13", quiet_until="7",
        digest_hour="8", at=NOON,
    )  # fmt: skip
    answer(session, question, bob)
    end = datetime(2026, 6, 2, 5, tzinfo=UTC)

    assert letters(alice, at=SOON) == []
    assert waiting(session, news.NEWS)[-1] == (str(alice.id), end)
    assert letters(alice, at=end) == [["answered"]]


@pytest.mark.parametrize(("count", "written"), [(3, 3), (4, 1)])
def test_much_at_once_comes_in_one_letter(session, space, alice, bob, letters, count, written):
    for question in ask(session, space, alice, count):
        answer(session, question, bob)

    assert len(letters(alice, at=SOON)) == written


def test_two_workers_at_the_same_news_write_one_letter_that_tells_it(
    session, question, alice, bob, letters
):
    answer(session, question, bob)
    (row,) = notifications.list_unread(session, alice)
    first, second = (
        news.Letter(member_id=alice.id, kind="news", created_at=SOON) for _ in range(2)
    )
    session.add_all([first, second])
    session.flush()
    for letter in (first, second):
        news.put_into(session, letter, [row.id])
    session.expire_all()

    assert row.letter_id == first.id


def test_however_many_members_it_takes_as_many_queries(session, organization, question, bob):
    def told(count: int) -> int:
        people = [make_member(session, organization, f"N{count}x{n} Name") for n in range(count)]
        for person in people:
            notifications.notify(
                session, person, reason="mentioned", post=question, by=bob, at=NOON
            )
        session.flush()
        with noted_statements() as seen:
            news.write_letters(session, [person.id for person in people], at=SOON)
        return len([s for s in seen if s.startswith("SELECT")])

    assert told(3) == told(30)
