"""Mail: messages, and the one server that takes them. Called by the worker only.

What went wrong is told apart by what follows from it: the server is away (all mail waits), this
message is refused (now, or for good), or nobody knows whether it was taken (never sent again).
"""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from email.message import EmailMessage
from typing import Protocol

from peerqa.errors import N_
from peerqa.settings import Settings

PATIENCE_SECONDS = 20
# Once it has the text, a server may take its time: who hangs up then does not know what became of
# it (RFC 5321 section 4.5.3.2.6 would wait for ten minutes).
PATIENCE_WITH_TEXT_SECONDS = 60


class ServerAway(Exception):
    """The mail server cannot be reached, or takes no mail from us now; nothing was handed over."""


class MessageRefused(Exception):
    """The server took none of this message."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.is_for_good = code >= 500


class MaybeTaken(Exception):
    """The server was given the message, and the line broke before it answered."""


class Line(Protocol):
    """An open connection to a mail server."""

    def hand_over(self, message: EmailMessage, *, before: Callable[[], None]) -> None:
        """Give the server a message, as the other one says."""


class Mailer(Protocol):
    """What sends; tests put one here that keeps."""

    def send(self, *, to: str, subject: str, text: str) -> None:
        """Send, or raise so that the outbox tries again."""

    def connect(self) -> AbstractContextManager[Line]:
        """Open a line for several messages."""


class SmtpMailer:
    """Sends through the server of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, *, to: str, subject: str, text: str) -> None:
        """Send one plain message."""
        message = EmailMessage()
        message["From"], message["To"] = self._settings.mail_from, to
        message["Subject"] = subject
        message.set_content(text)
        with self._open() as server:
            server.send_message(message)

    @contextmanager
    def connect(self) -> Iterator[Line]:
        """Open a line for several messages.

        Raises:
            ServerAway: there is none to be had.
        """
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(type(error).__name__) from error
        try:
            yield SmtpLine(server)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _open(self) -> "_Server":
        settings = self._settings
        assert settings.smtp_host, "ask is_configured() first"
        server = _Server(settings.smtp_host, settings.smtp_port, timeout=PATIENCE_SECONDS)
        try:
            if settings.smtp_tls:
                server.starttls(context=ssl.create_default_context())  # smtplib's checks nothing
            if settings.smtp_user and settings.smtp_password:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


class SmtpLine:
    """A line to an SMTP server (RFC 5321)."""

    def __init__(self, server: "_Server") -> None:
        self._server = server

    def hand_over(self, message: EmailMessage, *, before: Callable[[], None]) -> None:
        """Give the server a message.

        Args:
            before: called when the server knows sender and recipient and wants the text; what it
                raises comes out here, and nothing was sent.

        Raises:
            ServerAway: it takes no mail now; the line is of no use any more.
            MessageRefused: it takes not this one.
            MaybeTaken: it was given the text and did not answer.
        """
        server = self._server
        server.is_given, server.before_text = False, before
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            ((code, _said),) = error.recipients.values()
            raise MessageRefused(code) from None
        except smtplib.SMTPDataError as error:
            raise MessageRefused(error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:  # an address with letters that it does not know
            raise MessageRefused(553) from None
        except (OSError, smtplib.SMTPException) as error:
            kind = MaybeTaken if server.is_given else ServerAway
            raise kind(type(error).__name__) from None
        finally:
            if server.sock is not None:
                server.sock.settimeout(PATIENCE_SECONDS)
            if not server.is_given:
                with suppress(OSError, smtplib.SMTPException):
                    server.rset()


class _Server(smtplib.SMTP):
    """Tells when the server is about to be given the text of a message."""

    is_given = False
    before_text: Callable[[], None] = staticmethod(lambda: None)

    def data(self, msg: object) -> tuple[int, bytes]:
        """Send the text."""
        self.before_text()
        self.is_given = True
        if self.sock is not None:
            self.sock.settimeout(PATIENCE_WITH_TEXT_SECONDS)
        return super().data(msg)  # type: ignore[arg-type]  # as smtplib calls it


def is_configured(settings: Settings) -> bool:
    """Whether this installation can send mail at all."""
    return bool(settings.smtp_host)


def explain(error: Exception) -> str:
    """Say what went wrong; never what the server said, which may quote what was sent to it.

    Returns:
        A sentence to translate, with places for the server and the sender.
    """
    sentences: tuple[tuple[type[Exception], str], ...] = (
        (smtplib.SMTPAuthenticationError,
         N_("%(server)s refuses the user name or the password (PEERQA_SMTP_USER, _PASSWORD).")),
        (smtplib.SMTPSenderRefused,
         N_("%(server)s takes no mail from %(sender)s. Set PEERQA_MAIL_FROM to an address "
            "that it knows.")),
        (smtplib.SMTPRecipientsRefused, N_("%(server)s does not take mail for that address.")),
        (smtplib.SMTPNotSupportedError,
         N_("%(server)s offers no STARTTLS, or no way to sign in. Is the port right? In a "
            "trusted network, PEERQA_SMTP_TLS=false sends without.")),
        (ssl.SSLError,
         N_("The certificate of %(server)s is not one that this machine trusts, or the port "
            "wants TLS from the first byte: PeerQA speaks STARTTLS, mostly port 587.")),
        (TimeoutError, N_("%(server)s did not answer within 20 seconds.")),
        (smtplib.SMTPException,
         N_("%(server)s ended the conversation. Its log says why; so may another port.")),
        (ValueError, N_("PEERQA_MAIL_FROM, %(sender)s, is no address.")),
    )  # fmt: skip
    for kind, sentence in sentences:
        if isinstance(error, kind):
            return sentence
    return N_("%(server)s cannot be reached. Compare PEERQA_SMTP_HOST and PEERQA_SMTP_PORT.")


def code_of(error: Exception) -> int | None:
    """Return the number with which the server answered, where it gave one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _said in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
