"""Sends the test letters of admins, and notes in words what the mail server said.

Aside from all else, as letters are: a server may take a minute. Harmless twice: a second letter.
"""

import smtplib
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from peerqa import languages, mail, outbox
from peerqa.database import db, transaction
from peerqa.errors import N_
from peerqa.mail import Mailer
from peerqa.models import MailTest
from peerqa.services.admin.mail_tests import MAIL_TEST
from peerqa.services.preferences import language_of
from peerqa.settings import Settings

EVERY_SECONDS = 2.0
SUBJECT = N_("Mail from PeerQA arrives")
TEXT = N_("PeerQA can send mail: %(address)s.\n\nYou asked for this on the page “E-mail”.\n")


class MailTester:
    """Does what the outbox asks."""

    def __init__(
        self, settings: Settings, mailer: Callable[[], Mailer], *, now: Callable[[], datetime]
    ) -> None:
        self._settings, self._mailer, self._now = settings, mailer, now

    def work(self) -> None:
        """Send what was asked for."""
        outbox.drain({MAIL_TEST: self.send}, now=self._now, most=1)

    def send(self, test_ids: Sequence[str]) -> None:
        """Send these letters, and note what came of it."""
        for test_id in map(int, test_ids):
            session = db.session()
            test = session.scalars(
                select(MailTest)
                .where(MailTest.id == test_id, MailTest.ended_at.is_(None))
                .options(joinedload(MailTest.member))
            ).one_or_none()
            if test is None or test.member.email is None:
                session.rollback()
                continue
            words = languages.catalogue(language_of(test.member))
            to = test.member.email
            session.rollback()  # the server may take its time
            text = words.gettext(TEXT) % {"address": self._settings.address}
            refusal, code = self._try(to, words.gettext(SUBJECT), text)
            with transaction() as writing:
                done = writing.get(MailTest, test_id)
                if done is not None:
                    done.ended_at, done.refusal, done.code = self._now(), refusal, code

    def _try(self, to: str, subject: str, text: str) -> tuple[str, int | None]:
        """Return what went wrong, a sentence or nothing, and the server's number."""
        try:
            self._mailer().send(to=to, subject=subject, text=text)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return mail.explain(error), mail.code_of(error)
        return "", None
