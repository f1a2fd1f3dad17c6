"""What the worker does by itself: sign-in mail, and tidying up."""

import smtplib
from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa import chores, identity
from peerqa.clock import utc_now
from peerqa.models import LookUp, OneTimeLink, SignIn


class Mailbox:
    """A mailer that keeps; it refuses the addresses it was told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.refused: set[str] = set()

    def send(self, *, to: str, subject: str, text: str) -> None:
        if to in self.refused:
            raise smtplib.SMTPRecipientsRefused({to: (550, b"unknown")})
        self.sent.append((to, text))


@pytest.fixture
def mailbox(app, monkeypatch):
    mailbox = Mailbox()
    settings = app.extensions["peerqa.settings"].model_copy(update={"smtp_host": "mail.example"})
    monkeypatch.setitem(app.extensions, "peerqa.mailer", mailbox)
    monkeypatch.setitem(app.extensions, "peerqa.settings", settings)
    return mailbox


@pytest.fixture
def send(app, session, mailbox):
    """Return a function that does what the outbox asks for these members."""

    def send(*members):
        session.commit()
        chores.handlers(app)["sign-in-mail"]([str(member.id) for member in members])
        session.expire_all()

    return send


def test_a_mailed_link_signs_its_member_in(session, send, mailbox, bob):
    send(bob)

    ((address, text),) = mailbox.sent
    link = next(line for line in text.splitlines() if line.startswith("http"))
    found = identity.find_link(session, link.rpartition("/")[2], at=utc_now())
    assert (address, found.member.id) == (bob.email, bob.id)


def test_who_has_left_gets_no_mail(session, send, mailbox, bob):
    bob.inactive_at = utc_now()

    send(bob)

    assert mailbox.sent == []


def test_an_address_that_does_not_exist_holds_up_nobody(send, mailbox, alice, bob):
    mailbox.refused.add(alice.email)

    send(alice, bob)

    assert [address for address, _ in mailbox.sent] == [bob.email]


def test_what_nobody_can_use_any_more_is_deleted(app, session, bob):
    now = utc_now()
    old, lasting = now - timedelta(days=200), now - timedelta(days=1)
    for at in (old, lasting):
        identity.sign_in(session, bob, at=at)
        identity.make_link(session, bob, at=at, minutes=3 * 1440)
        session.add(
            LookUp(
                organization_id=bob.organization_id, key=str(at), pseudonym="p", hour_at=at,
                surface="ask", typed="", outcome="typed",
            )
        )  # fmt: skip
    session.commit()

    for timer in chores.timers(app):
        timer.act()

    assert session.scalars(select(SignIn.seen_at)).all() == [lasting]
    assert session.scalars(select(OneTimeLink.created_at)).all() == [lasting]
    assert session.scalars(select(LookUp.hour_at)).all() == [lasting]
