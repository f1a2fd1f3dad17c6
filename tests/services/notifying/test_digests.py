"""Who gets a digest on a morning, and what is in it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from peerqa.models import Letter, MailSetting
from peerqa.models.notifying.letter import Outcome
from peerqa.models.notifying.mail_choice import Stopped
from peerqa.models.space import Visibility
from peerqa.services import answers, members, notifications, questions
from peerqa.services.notifying import choices, digests
from peerqa.services.notifying.contents import MOST_LINES, Contents, read_contents
from tests.conftest import NOON, make_member
from tests.statements import noted_statements

MORNING = datetime(2026, 6, 2, 8, tzinfo=UTC)  # Tuesday; NOON is Monday
MONDAY = datetime(2026, 6, 8, 8, tzinfo=UTC)


def accept(session, question, alice, bob, *, at=NOON):
    given = answers.post_answer(session, question=question, author=bob, body="So.", at=at)
    answers.accept_answer(session, answer=given, by=alice, at=at)
    return given


@pytest.fixture
def digest(session):
    """Return a function: the member's digest of that morning, or how it ends, or None."""

    def read(member, *, at=MORNING, due_at=None):
        digests.enroll(session, at=NOON)
        for setting in session.scalars(select(MailSetting)):
            setting.digest_at = due_at or at
        session.flush()
        digests.write_due(session, at=at)
        session.expire_all()
        letter = session.scalars(
            select(Letter).where(Letter.member_id == member.id).order_by(Letter.id.desc())
        ).first()
        return letter and read_contents(session, letter, at=at)

    return read


def kinds(contents) -> list[str]:
    assert isinstance(contents, Contents)
    return [line.kind for line in contents.news]


def test_a_morning_tells_what_waited_once(session, question, alice, bob, digest):
    accept(session, question, alice, bob)

    contents = digest(bob)
    assert (kinds(contents), contents.news[0].actor) == (["accepted"], alice.name)
    assert digests.write_due(session, at=MORNING) == 0, "their next morning is tomorrow"
    digest(bob)
    digest(bob, at=MORNING + timedelta(days=1))
    letters = session.scalars(select(Letter).where(Letter.member_id == bob.id)).all()
    assert len(letters) == 1, "one a day, and only with news"


def test_a_morning_without_news_writes_nothing_and_an_empty_week_ends_unsent(
    session, alice, bob, digest
):
    assert digest(bob) is None
    assert digest(bob, at=MONDAY) == Outcome.EMPTY


def test_what_is_weekly_waits_for_monday(session, question, alice, bob, digest):
    choices.save_choices(session, member=bob, chosen={"accepted": "weekly"})
    accept(session, question, alice, bob, at=NOON + timedelta(hours=3))

    assert digest(bob) is None
    assert kinds(digest(bob, at=MONDAY)) == ["accepted"]


def test_what_may_not_be_seen_any_more_is_not_told(session, question, alice, bob, digest):
    accept(session, question, alice, bob)
    question.visibility = Visibility.SPACE
    session.flush()

    assert digest(bob) == Outcome.EMPTY


@pytest.mark.parametrize("why", ["left", "suspended", "no address", "stopped"])
def test_nobody_else_gets_one(session, question, alice, bob, digest, why):
    accept(session, question, alice, bob)
    digests.enroll(session, at=NOON)
    if why == "left":
        bob.inactive_at = NOON
    elif why == "suspended":
        bob.suspended_at = NOON
    elif why == "no address":
        bob.email = None
    else:
        choices.stop(session, member=bob, what=Stopped.DIGESTS, at=NOON)
    session.flush()

    assert digest(bob) is None
    assert digest(bob, at=MONDAY) is None


def test_a_morning_that_was_slept_through_is_left_out(session, question, alice, bob, digest):
    accept(session, question, alice, bob)

    assert digest(bob, at=MORNING + timedelta(hours=7), due_at=MORNING) is None
    assert kinds(digest(bob, at=MORNING + timedelta(days=1))) == ["accepted"]


def test_a_letter_that_waited_too_long_is_stale_and_its_news_comes_with_the_next(
    session, question, alice, bob, digest
):
    accept(session, question, alice, bob)
    digest(bob)
    (letter,) = session.scalars(select(Letter)).all()

    assert read_contents(session, letter, at=MORNING + timedelta(hours=11)) is Outcome.STALE


def test_what_could_not_be_told_at_once_comes_on_a_morning(session, question, alice, bob, digest):
    answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)

    assert digest(alice) is None
    assert kinds(digest(alice, at=MORNING + timedelta(days=1))) == ["answered"]


def test_mornings_are_the_member_s_own(session, alice):
    alice.time_zone = "Pacific/Auckland"
    digests.enroll(session, at=NOON)

    row = session.scalars(select(MailSetting).where(MailSetting.member_id == alice.id)).one()
    assert row.digest_at == datetime(2026, 6, 1, 20, tzinfo=UTC)


def test_a_long_digest_has_few_lines_and_says_how_much_more(session, space, alice, bob, digest):
    for n in range(MOST_LINES + 3):
        post = questions.post_question(
            session, space=space, author=alice, title=f"Question {n}?", at=NOON
        )
        notifications.notify(session, bob, reason="accepted", post=post, by=alice, at=NOON)

    contents = digest(bob)
    assert (len(contents.news), contents.more_count) == (MOST_LINES, 3)


@pytest.fixture
def expert(session, question, alice, bob):
    """Bob, who answered about label printers."""
    answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    return bob


def ask(session, space, by, title, *, at=NOON + timedelta(days=5), **more):
    return questions.post_question(
        session, space=space, author=by, title=title, topic_names=["label-printer"], at=at, **more
    )


def test_a_week_ends_with_open_questions_on_what_one_answered_about(
    session, space, closed_space, alice, expert, digest
):
    ask(session, space, alice, "Which roll fits?")
    ask(session, space, expert, "My own?")
    ask(session, space, alice, "Last week's?", at=NOON - timedelta(days=3))
    members.join_space(session, member=alice, space=closed_space)
    ask(session, closed_space, alice, "Secret?", visibility=Visibility.SPACE)
    answered = ask(session, space, alice, "Answered?")
    answers.post_answer(session, question=answered, author=alice, body="Yes.", at=NOON)
    questions.post_question(
        session, space=space, author=alice, title="On something else?", topic_names=["pay"],
        at=NOON + timedelta(days=5),
    )  # fmt: skip

    contents = digest(expert, at=MONDAY)
    assert [line.title for line in contents.open] == ["Which roll fits?"]
    choices.save_choices(session, member=expert, chosen={"open": "never"})
    letter = session.scalars(select(Letter).where(Letter.member_id == expert.id)).one()
    assert read_contents(session, letter, at=MONDAY) is Outcome.EMPTY


def test_however_many_members_a_morning_takes_as_many_queries(session, organization, question):
    def selects(count: int, at: datetime) -> int:
        for n in range(count):
            person = make_member(session, organization, f"N{count}x{n} Name")
            notifications.notify(session, person, reason="accepted", post=question, at=NOON)
        digests.enroll(session, at=at - timedelta(hours=1))
        with noted_statements() as seen:
            assert digests.write_due(session, at=at) >= count
        per_letter = [s for s in seen if s.startswith("SELECT letter.id")]
        return len([s for s in seen if s.startswith("SELECT")]) - len(per_letter)

    assert selects(3, MORNING) == selects(20, MORNING + timedelta(days=1))
