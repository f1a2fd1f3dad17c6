"""Sending letters: some at a time, over one line to the mail server, in a thread of its own.

Never twice: handed_at is committed when the server wants the text of a letter, before it is given
any. A worker that is killed before has sent nothing, and the letter is tried again; one that is
killed between that commit and the server's answer (milliseconds, or as long as the server takes)
leaves a letter of which nobody knows: it is not sent again, and its news stays unread in the inbox.

While the server is away nothing is tried but one connection after a growing pause, and afterwards
letters go out no faster than PEERQA_MAIL_PER_MINUTE.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from peerqa import mail, outbox
from peerqa.database import transaction
from peerqa.letters import wording
from peerqa.mail import Line, Mailer, MaybeTaken, MessageRefused, ServerAway
from peerqa.models import Letter, Member, Notification
from peerqa.models.notifying.letter import Outcome
from peerqa.secrets import InstanceKey
from peerqa.services.notifying import news
from peerqa.services.notifying.contents import Contents, read_contents
from peerqa.settings import Settings

EVERY_SECONDS = 5.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 10.0, 600.0
KEPT = timedelta(days=60)  # how long it is remembered that a letter was sent
LOST = timedelta(minutes=10)  # afterwards, who was handing over a letter is not there any more

log = structlog.get_logger()


class AlreadyHanded(Exception):
    """Another worker hands this letter over, or one began to and was killed."""


class PostOffice:
    """Sends what is due; one a process, as it remembers how long the server has been away."""

    def __init__(
        self,
        settings: Settings,
        key: InstanceKey,
        mailer: Callable[[], Mailer],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._settings, self._key, self._mailer, self._now = settings, key, mailer, now
        self._failures = 0
        self._resumes = 0.0

    def work(self) -> None:
        """Send some of what is due."""
        if time.monotonic() < self._resumes:
            return
        most = max(1, round(self._settings.mail_per_minute * EVERY_SECONDS / 60))
        try:
            outbox.drain({news.LETTER: self.send}, now=self._now, most=most)
        except outbox.Away as away:
            self._resumes = time.monotonic() + away.wait_seconds
            log.warning("letters.server-away", wait_seconds=round(away.wait_seconds))

    def send(self, letter_ids: Sequence[str]) -> None:
        """Send these letters; harmless twice.

        Raises:
            Away: the mail server takes nothing now.
            MessageRefused: it takes one of them not now.
        """
        if not mail.is_configured(self._settings):
            for letter_id in letter_ids:
                _end(int(letter_id), Outcome.EMPTY, at=self._now())
            return
        due = [found for each in letter_ids if (found := self._read(int(each)))]
        if not due:
            return
        try:
            with self._mailer().connect() as line:
                for contents in due:
                    self._send_one(line, contents)
        except ServerAway as away:
            raise outbox.Away(self._pause()) from away
        self._failures = 0

    def _pause(self) -> float:
        self._failures += 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures, 10), LONGEST_PAUSE_SECONDS)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret

    def _read(self, letter_id: int) -> Contents | None:
        """Return what a letter says now; None where it is not to be sent, which is noted."""
        now = self._now()
        with transaction() as session:
            letter = session.scalars(
                select(Letter)
                .where(Letter.id == letter_id, Letter.ended_at.is_(None))
                .options(joinedload(Letter.member).joinedload(Member.organization))
            ).one_or_none()
            if letter is None:
                return None
            if letter.handed_at is not None:
                if letter.handed_at < now - LOST:
                    letter.ended_at, letter.outcome = now, Outcome.UNKNOWN
                    log.warning("letters.unknown", letter=letter.id)
                    return None
                # another worker may be at it: look again when it must have come to an end
                key, later = str(letter.id), letter.handed_at + LOST
                outbox.ask(session, news.LETTER, key, at=now, due_at=later + timedelta(seconds=1))
                return None
            found = read_contents(session, letter, at=now)
            if isinstance(found, Contents):
                return found
            if isinstance(found, datetime):
                outbox.ask(session, news.LETTER, str(letter.id), at=now, due_at=found)
                return None
            letter.ended_at, letter.outcome = now, found
            if found is Outcome.STALE:
                news.give_back(session, letter)
            return None

    def _send_one(self, line: Line, contents: Contents) -> None:
        now = self._now()
        message = wording.write(contents, settings=self._settings, key=self._key, at=now)
        letter_id = contents.letter_id
        try:
            line.hand_over(message, before=lambda: _note_handed(letter_id, at=now))
        except AlreadyHanded:
            return
        except MessageRefused as refusal:
            if not refusal.is_for_good:
                _take_back(letter_id)
                raise
            log.warning("letters.refused", letter=letter_id)
            _end(letter_id, Outcome.REFUSED, at=self._now())
        except MaybeTaken:
            log.warning("letters.unknown", letter=letter_id)
            _end(letter_id, Outcome.UNKNOWN, at=self._now())
            raise ServerAway from None  # the line is of no use any more
        else:
            _end(letter_id, Outcome.SENT, at=self._now())


def _note_handed(letter_id: int, *, at: datetime) -> None:
    with transaction() as session:
        taken = session.execute(
            update(Letter)
            .where(Letter.id == letter_id, Letter.handed_at.is_(None), Letter.ended_at.is_(None))
            .values(handed_at=at)
        )
    if taken.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise AlreadyHanded


def _take_back(letter_id: int) -> None:
    with transaction() as session:
        session.execute(update(Letter).where(Letter.id == letter_id).values(handed_at=None))


def _end(letter_id: int, outcome: Outcome, *, at: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(Letter)
            .where(Letter.id == letter_id, Letter.ended_at.is_(None))
            .values(ended_at=at, outcome=outcome)
        )


def delete_old(*, at: datetime) -> None:
    """Forget letters that nobody asks about any more."""
    with transaction() as session:
        old = select(Letter.id).where(Letter.created_at < at - KEPT, Letter.ended_at.is_not(None))
        session.execute(
            update(Notification).where(Notification.letter_id.in_(old)).values(letter_id=None),
            execution_options={"synchronize_session": False},
        )
        session.execute(delete(Letter).where(Letter.id.in_(old)))
