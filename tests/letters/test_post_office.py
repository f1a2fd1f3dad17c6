"""Sending: once, to whom it is for, as long as it is news, and kindly to a server in trouble."""

import socket
from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa import mail, outbox
from peerqa.clock import utc_now
from peerqa.letters import post_office
from peerqa.letters.post_office import PostOffice
from peerqa.mail import SmtpMailer
from peerqa.models import Letter, Notification
from peerqa.models.notifying.letter import Outcome
from peerqa.models.space import Visibility
from peerqa.services import notifications
from peerqa.services.notifying import choices, news
from tests.letters.conftest import KEY, sent, waiting


def read(session) -> Letter:
    session.expire_all()
    return session.scalars(select(Letter)).one()


def test_a_letter_goes_out_once(session, office, mail_server, letter_to_alice, alice):
    office.work()
    outbox.ask(session, news.LETTER, str(letter_to_alice.id), at=utc_now())
    session.commit()
    office.work()

    assert sent(mail_server) == [f"rcpt TO:<{alice.email}>"]
    assert read(session).outcome == Outcome.SENT
    assert waiting(session) == []


@pytest.mark.parametrize("why", ["closed", "taken back", "read", "left", "no address"])
def test_what_changed_since_is_respected(
    session, office, mail_server, letter_to_alice, question, alice, why
):
    if why == "closed":
        question.visibility = Visibility.SPACE
    elif why == "taken back":
        question.deleted_at = utc_now()
    elif why == "read":
        notifications.mark_read(session, alice, at=utc_now())
    elif why == "left":
        alice.inactive_at = utc_now()
    else:
        alice.email = None
    session.commit()

    office.work()

    assert sent(mail_server) == []
    assert read(session).outcome == Outcome.EMPTY


def test_who_is_killed_while_handing_over_has_sent_it_at_most_once(
    session, office, mail_server, letter_to_alice, monkeypatch
):
    def killed(*_args, **_more):
        raise KeyboardInterrupt  # nothing in the way of a worker catches it, as nothing a kill

    with monkeypatch.context() as patch:
        patch.setattr(post_office, "_end", killed)  # the server has it, and it was not noted
        with pytest.raises(KeyboardInterrupt):
            office.send([str(letter_to_alice.id)])
    assert len(sent(mail_server)) == 1

    office.send([str(letter_to_alice.id)])
    assert [row.due_at for row in waiting(session)][-1] > utc_now() + timedelta(minutes=9)
    letter = read(session)
    letter.handed_at -= post_office.LOST + timedelta(seconds=1)
    session.commit()
    office.send([str(letter_to_alice.id)])

    assert len(sent(mail_server)) == 1
    assert read(session).outcome == Outcome.UNKNOWN
    assert session.scalars(select(Notification.read_at)).all() == [None], "it is in the inbox"


def test_who_is_killed_before_has_sent_nothing_and_it_is_sent(
    session, office, mail_server, letter_to_alice, monkeypatch
):
    def killed(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(post_office, "_note_handed", killed)
        with pytest.raises(KeyboardInterrupt):
            office.send([str(letter_to_alice.id)])
    assert "data" not in mail_server.lines

    office.send([str(letter_to_alice.id)])
    assert read(session).outcome == Outcome.SENT


def test_two_workers_at_one_letter_send_it_once(session, office, mail_server, letter_to_alice):
    contents = [office._read(letter_to_alice.id) for _ in range(2)]
    with SmtpMailer(office._settings).connect() as line:
        for each in contents:
            office._send_one(line, each)

    assert mail_server.lines.count("data") == 1


def away(mail_settings) -> PostOffice:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = mail_settings.model_copy(update={"smtp_port": port})
    return PostOffice(gone, KEY, lambda: SmtpMailer(gone), now=utc_now)


def test_while_the_server_is_away_letters_wait_and_lose_no_attempt(
    session, mail_settings, letter_to_alice, monkeypatch
):
    office = away(mail_settings)
    pauses = []
    for _ in range(12):
        monkeypatch.setattr(office, "_resumes", 0.0)
        for row in waiting(session):
            row.due_at = utc_now()
        session.commit()
        office.work()
        (row,) = waiting(session)
        pauses.append((row.due_at - utc_now()).total_seconds())
        assert (row.attempts, row.dead_at, row.claimed_until) == (0, None, None)

    assert pauses[0] < 35
    assert 120 < pauses[-1] < 910
    assert read(session).handed_at is None


def test_while_the_server_is_away_it_is_not_asked_again_and_again(
    session, mail_settings, letter_to_alice
):
    office = away(mail_settings)
    office.work()
    (row,) = waiting(session)
    row.due_at = utc_now()
    session.commit()
    office._mailer = lambda: pytest.fail("it was asked")

    office.work()


def test_after_a_long_time_away_old_letters_are_not_sent_and_come_with_a_digest(
    session, office, mail_server, letter_to_alice, monkeypatch
):
    letter_to_alice.created_at -= timedelta(hours=21)
    session.commit()

    office.work()

    assert sent(mail_server) == []
    assert read(session).outcome == Outcome.STALE
    row = session.scalars(select(Notification)).one()
    assert (row.letter_id, row.mailed_post_id) == (None, None)


def test_not_more_than_the_setting_says_at_once(
    session, mail_server, mail_settings, letter_to_alice, question, bob, steward
):
    for member in (bob, steward):
        notifications.notify(session, member, reason="mentioned", post=question, at=utc_now())
    news.write_letters(session, [bob.id, steward.id], at=utc_now())
    session.commit()
    slow = mail_settings.model_copy(update={"mail_per_minute": 24})  # two in five seconds
    office = PostOffice(slow, KEY, lambda: SmtpMailer(slow), now=utc_now)

    office.work()

    assert len(sent(mail_server)) == 2
    assert len(waiting(session)) == 1


def test_an_address_that_is_refused_for_good_holds_up_nobody(
    session, office, mail_server, letter_to_alice, question, alice, bob
):
    alice.email = "nobody@example.org"
    notifications.notify(session, bob, reason="mentioned", post=question, at=utc_now())
    news.write_letters(session, [bob.id], at=utc_now())
    session.commit()

    office.work()

    outcomes = session.scalars(select(Letter.outcome).order_by(Letter.id)).all()
    assert outcomes == [Outcome.REFUSED, Outcome.SENT]
    assert waiting(session) == []


@pytest.mark.parametrize("stage", ["rcpt", "."])
def test_what_is_refused_for_now_is_tried_again_later(
    session, office, mail_server, letter_to_alice, stage
):
    mail_server.refused[stage] = b"451 later"
    office.work()
    (row,) = waiting(session)
    assert (row.attempts, row.dead_at) == (1, None)
    assert read(session).handed_at is None

    mail_server.refused.clear()
    row.due_at = utc_now()
    session.commit()
    office.work()
    assert read(session).outcome == Outcome.SENT


def test_a_server_that_takes_the_text_and_never_answers_does_not_get_it_twice(
    session, office, mail_server, letter_to_alice, monkeypatch
):
    monkeypatch.setattr(mail, "PATIENCE_WITH_TEXT_SECONDS", 0.2)
    mail_server.refused["silence"] = b"after the text"
    office.work()

    assert read(session).outcome == Outcome.UNKNOWN
    mail_server.refused.clear()
    monkeypatch.setattr(office, "_resumes", 0.0)
    for row in waiting(session):
        row.due_at = utc_now()
    session.commit()
    office.work()
    assert mail_server.lines.count("data") == 1


def test_quiet_hours_that_began_while_it_waited_are_kept(
    session, office, mail_server, letter_to_alice, alice
):
    now = utc_now()
    choices.save_times(
        session, member=alice, zone="UTC", quiet_from=str(now.hour),
        quiet_until=str((now.hour + 2) % 24), digest_hour="8", at=now,
    )  # fmt: skip
    session.commit()

    office.work()

    assert sent(mail_server) == []
    assert waiting(session)[0].due_at > now
