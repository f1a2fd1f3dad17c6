"""Mail, sent to a server of a few lines: the only fake is at the other end of the wire."""

import pytest

from peerqa.mail import SmtpMailer, is_configured
from peerqa.settings import Settings


def mailer(mail_server, **more: object) -> SmtpMailer:
    return SmtpMailer(
        Settings(
            smtp_host="127.0.0.1",
            smtp_port=mail_server.server_address[1],
            smtp_tls=False,
            mail_from="ask@example.org",
            **more,
        )
    )


def test_a_message_is_handed_over_whole(mail_server):
    mailer(mail_server).send(to="bob@example.org", subject="Your link", text="Open it.\n.\nYes, ä.")

    said = "\n".join(mail_server.lines)
    assert "mail FROM:<ask@example.org>" in said
    assert "rcpt TO:<bob@example.org>" in said
    assert "Subject: Your link" in said
    assert "AUTH" not in said


def test_it_signs_in_where_the_server_wants_a_name(mail_server):
    mailer(mail_server, smtp_user="peerqa", smtp_password="pass-word").send(
        to="bob@example.org", subject="Hello", text="Hello"
    )

    assert any(line.startswith("AUTH PLAIN") for line in mail_server.lines)


def test_nothing_is_sent_in_the_clear_to_a_server_that_should_encrypt(mail_server):
    plain = SmtpMailer(
        Settings(
            smtp_host="127.0.0.1", smtp_port=mail_server.server_address[1], smtp_password="canary"
        )
    )

    with pytest.raises(Exception, match="STARTTLS"):
        plain.send(to="bob@example.org", subject="Hello", text="secret")

    assert not any("secret" in line or "rcpt" in line for line in mail_server.lines)


@pytest.mark.parametrize(
    "bad",
    [{"to": "a@example.org\nBcc: b@example.org"}, {"subject": "Hi\r\nBcc: b@example.org"}],
    ids=["to", "subject"],
)
def test_no_header_can_be_smuggled_in(mail_server, bad):
    with pytest.raises(ValueError):
        mailer(mail_server).send(**{"to": "a@example.org", "subject": "Hi", "text": "x", **bad})

    assert mail_server.lines == []


def test_a_server_that_refuses_raises_so_that_it_is_tried_again(mail_server):
    with pytest.raises(OSError):
        mailer(mail_server).send(to="nobody@example.org", subject="Hi", text="x")


def test_a_server_that_is_away_raises_so_that_it_is_tried_again():
    with pytest.raises(OSError):
        SmtpMailer(Settings(smtp_host="127.0.0.1", smtp_port=1)).send(
            to="a@example.org", subject="Hi", text="x"
        )


def test_without_a_server_there_is_no_mail():
    assert not is_configured(Settings())
    assert is_configured(Settings(smtp_host="mail.example.org"))
