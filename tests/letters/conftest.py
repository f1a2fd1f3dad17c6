import pytest
from sqlalchemy import select

from peerqa.clock import utc_now
from peerqa.letters.post_office import PostOffice
from peerqa.mail import SmtpMailer
from peerqa.models import Letter, OutboxRow
from peerqa.secrets import InstanceKey
from peerqa.services import answers
from peerqa.services.notifying import news
from peerqa.settings import Settings

KEY = InstanceKey(b"k" * 32)


@pytest.fixture
def mail_settings(settings, mail_server) -> Settings:
    return settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": mail_server.server_address[1],
            "smtp_tls": False,
            "mail_from": "ask@example.org",
            "public_url": "https://ask.example.org",
            "mail_per_minute": 6000,
        }
    )


@pytest.fixture
def office(app, mail_settings) -> PostOffice:
    return PostOffice(mail_settings, KEY, lambda: SmtpMailer(mail_settings), now=utc_now)


@pytest.fixture
def letter_to_alice(session, question, alice, bob) -> Letter:
    """A letter that says that Bob has answered."""
    at = utc_now()
    answers.post_answer(session, question=question, author=bob, body="Hold the button.", at=at)
    news.write_letters(session, [alice.id], at=at)
    session.commit()
    return session.scalars(select(Letter)).one()


def waiting(session) -> list[OutboxRow]:
    session.expire_all()
    return list(session.scalars(select(OutboxRow).where(OutboxRow.topic == news.LETTER)))


def sent(mail_server) -> list[str]:
    """Return the recipients of what the server took."""
    return [line for line in mail_server.lines if line.startswith("rcpt TO")]
