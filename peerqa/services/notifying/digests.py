"""Digests: one letter on a morning that has something to say. Who gets one, and what is in it.

Every member has the instant of the next morning in a row, which is held while it is moved on, so
that of many workers one writes the letter. A morning that was slept through is left out:
yesterday's digest is not sent late, its news comes with the next one.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from peerqa import outbox
from peerqa.database import Values, insert_missing
from peerqa.models import (
    Answer,
    Letter,
    MailSetting,
    Member,
    Notification,
    Question,
    QuestionTopic,
)
from peerqa.models.notifying.letter import LetterKind
from peerqa.models.notifying.mail_choice import Frequency, Stopped
from peerqa.permissions import visible_to
from peerqa.services.moderating.kept_out import is_active
from peerqa.services.notifications import is_listed
from peerqa.services.notifying.choices import DIGEST_HOUR, Wishes, read_wishes
from peerqa.services.notifying.kinds import OPEN
from peerqa.services.notifying.local_time import next_time
from peerqa.services.notifying.news import (
    IS_NEWS,
    IS_REMEMBERED,
    LETTER,
    can_get_mail,
    is_untold,
    put_into,
)
from peerqa.services.preferences import clock_of
from peerqa.services.upkeep.standings import is_retired

AT_ONCE = 100  # members in one transaction
TOO_LATE = timedelta(hours=6)  # after the morning hour
MONDAY = 0
MOST_OPEN = 5


def enroll(session: Session, *, at: datetime) -> int:
    """Give members who can get mail their next morning; returns how many, at most AT_ONCE."""
    people = session.scalars(
        select(Member)
        .outerjoin(MailSetting, MailSetting.member_id == Member.id)
        .where(
            MailSetting.member_id.is_(None),
            Member.email.is_not(None),
            Member.is_placeholder.is_(False),
            is_active(at),
        )
        .limit(AT_ONCE)
    ).all()
    rows: list[Values] = [
        {
            "member_id": member.id,
            "digest_hour": DIGEST_HOUR,
            "digest_at": next_time(at, DIGEST_HOUR, clock_of(member)),
            "stopped": Stopped.NOTHING,
        }
        for member in people
    ]
    insert_missing(session, MailSetting, rows)
    return len(people)


def write_due(session: Session, *, at: datetime) -> int:
    """Write the digests of whose morning it is; returns how many were looked at."""
    due = session.execute(
        select(MailSetting, Member)
        .join(Member, Member.id == MailSetting.member_id)
        .where(MailSetting.digest_at <= at)
        .order_by(MailSetting.digest_at)
        .limit(AT_ONCE)
        .with_for_update(of=MailSetting, skip_locked=True)  # SQLite has one writer anyway
    ).all()
    members = [member for setting, member in due if _gets_one(setting, member, at=at)]
    wishes = read_wishes(session, members)
    told = _frequencies_waiting(session, members, wishes, at=at)
    rows: list[Values] = []
    for member in members:
        day = at.astimezone(clock_of(member)).date()
        kind = _kind_on(day, wishes[member.id], told.get(member.id, set()))
        if kind is not None:
            rows.append(
                {"member_id": member.id, "kind": kind, "day": day.isoformat(), "created_at": at}
            )
    for setting, member in due:
        setting.digest_at = next_time(at, setting.digest_hour, clock_of(member))
    made = insert_missing(session, Letter, rows)  # what each says is gathered when it goes
    outbox.ask_many(session, LETTER, [str(letter_id) for letter_id in made], at=at)
    return len(due)


def _gets_one(setting: MailSetting, member: Member, *, at: datetime) -> bool:
    """Whether there is somebody to write to, and the morning was not slept through."""
    return can_get_mail(member, at=at) and at - setting.digest_at < TOO_LATE


def _frequencies_waiting(
    session: Session, members: Sequence[Member], wishes: dict[int, Wishes], *, at: datetime
) -> dict[int, set[Frequency]]:
    """Return how often each member wants the news that waits for them."""
    found: dict[int, set[Frequency]] = {}
    rows = session.execute(
        select(
            Notification.member_id,
            Notification.reason,
            Question.space_id,
            func.min(Notification.created_at),
        )
        .join(Question, Question.id == Notification.question_id)
        .where(
            Notification.member_id.in_([member.id for member in members]),
            Notification.created_at > at - IS_REMEMBERED,
            is_untold(),
        )
        .group_by(Notification.member_id, Notification.reason, Question.space_id)
    )
    for member_id, reason, space_id, oldest_at in rows:
        when = _when(wishes[member_id], reason, space_id, told_at=oldest_at, at=at)
        found.setdefault(member_id, set()).add(when)
    return found


def _when(
    wish: Wishes, reason: str, space_id: int, *, told_at: datetime, at: datetime
) -> Frequency:
    """Return when news is to be told; what should have been at once, and was not, is on a morning.

    That is so when the mail server was away for a day. Who has left the digests gets none for it.
    """
    wanted = wish.frequency(reason, space_id)
    if wanted is not Frequency.IMMEDIATE or told_at > at - IS_NEWS:
        return wanted
    return Frequency.NEVER if wish.stopped == Stopped.DIGESTS else Frequency.DAILY


def _kind_on(day: date, wish: Wishes, waiting: set[Frequency]) -> LetterKind | None:
    open_too = wish.frequency(OPEN, None)
    if day.weekday() == MONDAY and (
        Frequency.WEEKLY in waiting or open_too in {Frequency.WEEKLY, Frequency.DAILY}
    ):
        return LetterKind.WEEKLY
    is_wanted = Frequency.DAILY in waiting or open_too is Frequency.DAILY
    return LetterKind.DAILY if is_wanted else None


def gather(session: Session, letter: Letter, wish: Wishes, *, at: datetime) -> None:
    """Put into a digest what waits for its member and may be seen by them now."""
    taken = {Frequency.DAILY}
    if letter.kind == LetterKind.WEEKLY:
        taken.add(Frequency.WEEKLY)
    rows = session.scalars(
        select(Notification)
        .join(Notification.question)
        .where(
            is_listed(letter.member),
            Notification.created_at > at - IS_REMEMBERED,
            is_untold(),
        )
        .options(joinedload(Notification.question))
    ).all()
    wanted = [
        row.id
        for row in rows
        if _when(wish, row.reason, row.question.space_id, told_at=row.created_at, at=at) in taken
    ]
    put_into(session, letter, wanted)


def list_open(session: Session, letter: Letter, wish: Wishes) -> Sequence[Question]:
    """Return open questions about topics that the member has answered about.

    They are as new as the time since the last such letter, so that none is shown twice; first those
    on topics with most answers of the member.
    """
    wanted = wish.frequency(OPEN, None)
    is_daily = wanted is Frequency.DAILY
    if not is_daily and not (wanted is Frequency.WEEKLY and letter.kind == LetterKind.WEEKLY):
        return []
    member = letter.member
    known = (
        select(QuestionTopic.topic_id, func.count().label("count"))
        .join(Answer, Answer.question_id == QuestionTopic.question_id)
        .where(Answer.author_id == member.id, Answer.deleted_at.is_(None))
        .group_by(QuestionTopic.topic_id)
        .subquery()
    )
    since = letter.created_at - timedelta(days=1 if is_daily else 7)
    new = select(Question.id).where(
        visible_to(member),
        Question.answer_count == 0,
        Question.duplicate_of_id.is_(None),
        ~is_retired(Question.id),
        Question.author_id.is_distinct_from(member.id),
        Question.created_at > since,
        Question.created_at <= letter.created_at,
    )
    ranked = (
        select(QuestionTopic.question_id, func.max(known.c.count).label("count"))
        .join(known, known.c.topic_id == QuestionTopic.topic_id)
        .where(QuestionTopic.question_id.in_(new))
        .group_by(QuestionTopic.question_id)
        .subquery()
    )
    return session.scalars(
        select(Question)
        .join(ranked, ranked.c.question_id == Question.id)
        .options(joinedload(Question.space))
        .order_by(ranked.c.count.desc(), Question.id.desc())
        .limit(MOST_OPEN)
    ).all()
