"""What the worker does for letters: writes what is due, and sends it aside from all else."""

from collections.abc import Callable, Mapping, Sequence

from flask import Flask

from peerqa import mail
from peerqa.clock import utc_now
from peerqa.database import transaction
from peerqa.letters import mail_test, post_office
from peerqa.letters.mail_test import MailTester
from peerqa.letters.post_office import PostOffice
from peerqa.outbox import Handler
from peerqa.services.notifying import digests, news
from peerqa.settings import Settings
from peerqa.worker import Timer

MINUTE, DAY = 60.0, 86_400.0
MOST_BATCHES = 50  # of digests in one turn; what is left has its turn a minute later


def handlers(app: Flask) -> Mapping[str, Handler]:
    """Return what is done about each topic; letters are sent by a timer, aside."""

    def write(member_ids: Sequence[str]) -> None:
        if mail.is_configured(_settings(app)):
            with transaction() as session:
                ids = [int(member_id) for member_id in member_ids]
                news.write_letters(session, ids, at=utc_now())

    return {news.NEWS: write}


def timers(app: Flask) -> Sequence[Timer]:
    """Return what is done again and again."""
    office = PostOffice(
        _settings(app),
        app.extensions["peerqa.key"],
        lambda: app.extensions["peerqa.mailer"],
        now=utc_now,
    )
    tester = MailTester(_settings(app), lambda: app.extensions["peerqa.mailer"], now=utc_now)
    return [
        Timer("digests", MINUTE, lambda: _write_digests(app)),
        # a thread of its own, and not a handler: nothing waits for a mail server
        Timer("letters", post_office.EVERY_SECONDS, office.work, is_aside=True),
        Timer("mail-tests", mail_test.EVERY_SECONDS, tester.work, is_aside=True),
        Timer("old-letters", DAY, lambda: post_office.delete_old(at=utc_now())),
    ]


def _write_digests(app: Flask) -> None:
    if not mail.is_configured(_settings(app)):
        return
    _in_batches(_enroll)
    _in_batches(_write)


def _enroll() -> int:
    with transaction() as session:
        return digests.enroll(session, at=utc_now())


def _write() -> int:
    with transaction() as session:
        return digests.write_due(session, at=utc_now())


def _in_batches(act: Callable[[], int]) -> None:
    """Do it until there is nothing left; others write between two batches."""
    for _ in range(MOST_BATCHES):
        if act() < digests.AT_ONCE:
            return


def _settings(app: Flask) -> Settings:
    found: Settings = app.extensions["peerqa.settings"]
    return found
