"""`peerqa mail test`: whether people will get their sign-in links, and if not, why."""

import smtplib

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
        raise MailFailed(mails.explain(error), server=server, sender=settings.mail_from) from None
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
