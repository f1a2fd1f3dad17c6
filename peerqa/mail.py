"""Mail: one message, one server. Called by the worker only, never inside a request."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol

from peerqa.settings import Settings


class Mailer(Protocol):
    """What sends; tests put one here that keeps."""

    def send(self, *, to: str, subject: str, text: str) -> None:
        """Send, or raise so that the outbox tries again."""


class SmtpMailer:
    """Sends through the server of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, *, to: str, subject: str, text: str) -> None:
        """Send one plain message."""
        settings = self._settings
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
        message.set_content(text)
        assert settings.smtp_host, "ask is_configured() first"
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=20) as server:
            if settings.smtp_tls:
                server.starttls(context=ssl.create_default_context())  # smtplib's checks nothing
            if settings.smtp_user and settings.smtp_password:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)


def is_configured(settings: Settings) -> bool:
    """Whether this installation can send mail at all."""
    return bool(settings.smtp_host)
