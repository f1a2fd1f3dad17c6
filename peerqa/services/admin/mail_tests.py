"""A test of the mail server, asked for by an admin and done by the worker."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.errors import N_, Conflict, TooSoon
from peerqa.models import MailTest, Member
from peerqa.services import audit
from peerqa.services.admin.admins import refuse_others

MAIL_TEST = "mail-test"  # the outbox topic; its key is the test's id
LATE = timedelta(minutes=2)  # longer than a mail server may take: nobody works on it
PAUSE = timedelta(seconds=30)  # between two tests: nobody's mailbox is filled


def ask_for_test(session: Session, *, by: Member, has_mail: bool, at: datetime) -> None:
    """Have a letter sent to the admin who asks.

    Args:
        has_mail: whether a mail server is set.

    Raises:
        Conflict: there is no server, or no address to send to.
        TooSoon: the last test was a moment ago.
    """
    refuse_others(by)
    if not has_mail:
        raise Conflict(
            N_("No mail server is set. Whoever runs PeerQA sets PEERQA_SMTP_HOST; see the README.")
        )
    if by.email is None:
        raise Conflict(N_("Your account has no e-mail address to send to."))
    last = find_last(session, by)
    if last is not None and last.asked_at > at - PAUSE:
        raise TooSoon(N_("The last test was a moment ago. Wait half a minute."))
    session.execute(delete(MailTest).where(MailTest.member_id == by.id))
    test = MailTest(member_id=by.id, asked_at=at)
    session.add(test)
    session.flush()
    outbox.ask(session, MAIL_TEST, str(test.id), at=at)
    audit.record(session, "settings.mail", by=by, at=at)


def find_last(session: Session, member: Member) -> MailTest | None:
    """Return the member's last test, or None."""
    return session.scalars(
        select(MailTest)
        .where(MailTest.member_id == member.id)
        .order_by(MailTest.id.desc())
        .limit(1)
    ).one_or_none()


def is_late(test: MailTest, *, at: datetime) -> bool:
    """Whether nobody seems to work on it."""
    return test.ended_at is None and test.asked_at < at - LATE
