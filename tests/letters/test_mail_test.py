"""The test letter of an admin: sent by the worker, and what the server said in words."""

import smtplib
from datetime import timedelta

import pytest

from peerqa.clock import utc_now
from peerqa.errors import Conflict, NotAllowed, TooSoon
from peerqa.letters.mail_test import MailTester
from peerqa.mail import SmtpMailer
from peerqa.services.admin import mail_tests
from tests.conftest import NOON
from tests.web.conftest import text_of


@pytest.fixture
def posted(app, mail_server, monkeypatch):
    """The settings of an installation with a mail server, which the worker uses."""
    chosen = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.server_address[1],
              "smtp_tls": False, "mail_from": "peerqa@example.org"}  # fmt: skip
    settings = app.extensions["peerqa.settings"].model_copy(update=chosen)
    monkeypatch.setitem(app.extensions, "peerqa.settings", settings)
    return settings


@pytest.fixture
def tester(posted):
    return MailTester(posted, lambda: SmtpMailer(posted), now=utc_now)


def test_the_admin_asks_and_hears_what_the_server_said(session, browse, admin, tester, mail_server):
    browser = browse(admin)
    assert browser.post("/admin/mail").status_code == 303
    waiting = browser.get("/admin/mail")
    assert "on its way" in text_of(waiting)
    assert 'hx-trigger="every 2s"' in waiting.text

    tester.work()
    assert any(admin.email in line for line in mail_server.lines)
    piece = browser.get("/admin/mail", headers={"HX-Request": "true"})
    assert "took a letter to ada@example.org" in text_of(piece)
    assert "every 2s" not in piece.text
    soon = browser.post("/admin/mail")
    assert (soon.status_code, soon.headers["Retry-After"]) == (429, "30")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"mail": b"550 not you"}, "takes no mail from peerqa@example.org"),
        ({"rcpt": b"550 no such person"}, "does not take mail for that address"),
        ({".": b"554 spam"}, "ended the conversation"),
    ],
)
def test_a_refusal_is_said_in_words_with_the_servers_number(
    session, browse, admin, tester, mail_server, answers, said
):
    mail_server.refused = answers
    browser = browse(admin)
    browser.post("/admin/mail")
    tester.work()

    told = text_of(browser.get("/admin/mail"))
    assert said in told
    assert f"with the number {next(iter(answers.values()))[:3].decode()}" in told


def test_a_server_that_cannot_be_reached_is_no_failure_of_the_worker(session, admin, posted):
    class Gone:
        def send(self, **_message):
            raise ConnectionRefusedError

    mail_tests.ask_for_test(session, by=admin, has_mail=True, at=utc_now())
    session.commit()
    MailTester(posted, Gone, now=utc_now).work()

    test = mail_tests.find_last(session, admin)
    assert "cannot be reached" in test.refusal
    assert test.code is None


def test_what_cannot_be_tested_is_refused_with_what_to_do(session, admin, bob):
    def ask(by, at=NOON, *, has_mail=True):
        mail_tests.ask_for_test(session, by=by, has_mail=has_mail, at=at)

    with pytest.raises(NotAllowed):
        ask(bob)
    with pytest.raises(Conflict, match="PEERQA_SMTP_HOST"):
        ask(admin, has_mail=False)
    ask(admin)
    with pytest.raises(TooSoon):
        ask(admin)
    test = mail_tests.find_last(session, admin)
    assert not mail_tests.is_late(test, at=NOON)
    assert mail_tests.is_late(test, at=NOON + timedelta(minutes=3))
    ask(admin, NOON + timedelta(minutes=3))
    admin.email = None
    with pytest.raises(Conflict, match="no e-mail address"):
        ask(admin, NOON + timedelta(minutes=9))


def test_codes_are_those_of_the_server():
    from peerqa.mail import code_of

    assert code_of(smtplib.SMTPAuthenticationError(535, b"no")) == 535
    assert code_of(TimeoutError()) is None
