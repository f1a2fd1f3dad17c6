"""What the worker does for letters, put together: from a notification to the mail server."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from peerqa.clock import utc_now
from peerqa.letters import chores
from peerqa.mail import SmtpMailer
from peerqa.models import Letter, MailSetting, Notification
from peerqa.models.notifying.letter import LetterKind, Outcome
from peerqa.services import answers
from tests.letters.conftest import sent


@pytest.fixture
def answered(session, question, alice, bob):
    given = answers.post_answer(session, question=question, author=bob, body="So.", at=utc_now())
    answers.accept_answer(session, answer=given, by=alice, at=utc_now())
    session.commit()


@pytest.fixture
def with_mail(app, mail_settings, monkeypatch):
    monkeypatch.setitem(app.extensions, "peerqa.settings", mail_settings)
    monkeypatch.setitem(app.extensions, "peerqa.mailer", SmtpMailer(mail_settings))


def run_timer(app, name):
    (timer,) = (timer for timer in chores.timers(app) if timer.name == name)
    timer.act()


def test_news_and_digests_reach_the_mail_server(
    app, session, with_mail, mail_server, answered, alice, bob
):
    chores.handlers(app)["news"]([str(alice.id), str(bob.id)])
    run_timer(app, "digests")
    session.execute(update(MailSetting).values(digest_at=utc_now() - timedelta(seconds=1)))
    session.commit()
    run_timer(app, "digests")
    run_timer(app, "letters")

    assert sent(mail_server) == [f"rcpt TO:<{alice.email}>", f"rcpt TO:<{bob.email}>"]


def test_without_a_mail_server_nothing_is_written_and_nothing_is_lost(
    app, session, answered, alice, bob
):
    chores.handlers(app)["news"]([str(alice.id), str(bob.id)])
    run_timer(app, "digests")
    run_timer(app, "letters")

    assert session.scalars(select(Letter)).all() == []
    assert session.scalars(select(MailSetting)).all() == []
    assert set(session.scalars(select(Notification.mailed_post_id))) == {None}


def test_old_letters_are_forgotten_and_what_they_told_is_not_told_again(
    app, session, with_mail, mail_server, answered, alice
):
    old = Letter(
        member_id=alice.id, kind=LetterKind.NEWS, created_at=utc_now() - timedelta(days=61),
        ended_at=utc_now(), outcome=Outcome.SENT,
    )  # fmt: skip
    session.add(old)
    session.flush()
    session.execute(
        update(Notification)
        .where(Notification.member_id == alice.id)
        .values(letter_id=old.id, mailed_post_id=Notification.post_id)
    )
    session.commit()
    run_timer(app, "old-letters")
    chores.handlers(app)["news"]([str(alice.id)])
    run_timer(app, "letters")

    assert session.scalars(select(Letter)).all() == []
    assert sent(mail_server) == []
