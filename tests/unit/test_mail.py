"""Mail, sent to a server of a few lines: the only fake is at the other end of the wire."""

import socketserver
import threading

import pytest

from peerqa.mail import SmtpMailer, is_configured
from peerqa.settings import Settings


class Postman(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        data = False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            self.server.lines.append(line)
            if data:
                data = line != "."
                if not data:
                    self.wfile.write(b"250 taken\r\n")
            elif line.upper() == "DATA":
                data = True
                self.wfile.write(b"354 go on\r\n")
            elif line.startswith("ehlo"):
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif line.startswith("AUTH"):
                self.wfile.write(b"235 welcome\r\n")
            elif line.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            elif line.startswith("rcpt") and "nobody" in line:
                self.wfile.write(b"550 no such person\r\n")
            else:
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postman) as server:
        server.lines = []
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def mailer(server, **more: object) -> SmtpMailer:
    return SmtpMailer(
        Settings(
            smtp_host="127.0.0.1",
            smtp_port=server.server_address[1],
            smtp_tls=False,
            mail_from="ask@example.org",
            **more,
        )
    )


def test_a_message_is_handed_over_whole(server):
    mailer(server).send(to="bob@example.org", subject="Your link", text="Open it.\n.\nYes, ä.")

    said = "\n".join(server.lines)
    assert "mail FROM:<ask@example.org>" in said
    assert "rcpt TO:<bob@example.org>" in said
    assert "Subject: Your link" in said
    assert "AUTH" not in said


def test_it_signs_in_where_the_server_wants_a_name(server):
    mailer(server, smtp_user="peerqa", smtp_password="pass-word").send(
        to="bob@example.org", subject="Hello", text="Hello"
    )

    assert any(line.startswith("AUTH PLAIN") for line in server.lines)


def test_nothing_is_sent_in_the_clear_to_a_server_that_should_encrypt(server):
    plain = SmtpMailer(
        Settings(smtp_host="127.0.0.1", smtp_port=server.server_address[1], smtp_password="canary")
    )

    with pytest.raises(Exception, match="STARTTLS"):
        plain.send(to="bob@example.org", subject="Hello", text="secret")

    assert not any("secret" in line or "rcpt" in line for line in server.lines)


@pytest.mark.parametrize(
    "bad",
    [{"to": "a@example.org\nBcc: b@example.org"}, {"subject": "Hi\r\nBcc: b@example.org"}],
    ids=["to", "subject"],
)
def test_no_header_can_be_smuggled_in(server, bad):
    with pytest.raises(ValueError):
        mailer(server).send(**{"to": "a@example.org", "subject": "Hi", "text": "x", **bad})

    assert server.lines == []


def test_a_server_that_refuses_raises_so_that_it_is_tried_again(server):
    with pytest.raises(OSError):
        mailer(server).send(to="nobody@example.org", subject="Hi", text="x")


def test_a_server_that_is_away_raises_so_that_it_is_tried_again():
    with pytest.raises(OSError):
        SmtpMailer(Settings(smtp_host="127.0.0.1", smtp_port=1)).send(
            to="a@example.org", subject="Hi", text="x"
        )


def test_without_a_server_there_is_no_mail():
    assert not is_configured(Settings())
    assert is_configured(Settings(smtp_host="mail.example.org"))
