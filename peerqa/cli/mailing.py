"""`peerqa mail test`: whether people will get their sign-in links, and if not, why."""

import smtplib
import ssl

import click

from peerqa import mail as mails
from peerqa.cli.output import json_option, show
from peerqa.errors import N_, PeerQAError
from peerqa.mail import SmtpMailer
from peerqa.services.members import read_email
from peerqa.settings import Settings, read_settings

SUBJECT = "Mail from PeerQA arrives"
TEXT = (
    "PeerQA can send mail: %(address)s.\n\n"
    "Somebody with access to its machine tried this with “peerqa mail test”.\n"
)


class MailFailed(PeerQAError):
    """The message was not taken."""

    code = "mail-failed"


@click.group()
def mail() -> None:
    """Try the mail server."""


@mail.command()
@click.option("--to", required=True, metavar="ADDRESS", help="Who gets the message.")
@json_option
def test(to: str) -> None:
    """Send one message through PEERQA_SMTP_HOST now, and say what goes wrong."""
    settings = read_settings()
    if not mails.is_configured(settings):
        raise MailFailed(N_("No mail server is set. Set PEERQA_SMTP_HOST, and see the README."))
    address = read_email(to)
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        SmtpMailer(settings).send(
            to=address, subject=SUBJECT, text=TEXT % {"address": settings.address}
        )
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise MailFailed(_reason(error), server=server, sender=settings.mail_from) from None
    show(
        {"sent": True, "to": address, "server": server, "from": settings.mail_from},
        lines=[
            f"{server} took a message from {settings.mail_from} to {address}.",
            *_doubts(settings),
        ],
    )


def _doubts(settings: Settings) -> list[str]:
    """Return what would make sign-in links useless although mail is sent."""
    if settings.public_url:
        return []
    return ["PEERQA_PUBLIC_URL is not set, so links in mail lead to this machine alone."]


def _reason(error: Exception) -> str:
    """Return a sentence; never what the server said, which may quote what was sent to it."""
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
