"""What is due to be mailed to whom: news becomes letters, at once or with a digest.

A notification is told by one letter only: letter_id says by which, and mailed_post_id up to which
post, since unread news is refreshed by newer posts. Both are written by a conditional UPDATE, so of
two workers one writes the letter, and the other's is empty and never sent.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from peerqa import outbox
from peerqa.models import Letter, Member, Notification, Question
from peerqa.models.notifying.letter import LetterKind
from peerqa.models.notifying.mail_choice import Frequency
from peerqa.services.moderating.kept_out import is_suspended
from peerqa.services.notifying.choices import read_wishes

NEWS = "news"  # the outbox topic: write letters to a member; its key is the member's id
LETTER = "letter"  # the outbox topic: send a letter; its key is the letter's id
# Who is reading just then needs no letter, and what is taken back at once makes none.
DELAY = timedelta(minutes=1)
IS_NEWS = timedelta(days=1)  # afterwards it comes with a digest
IS_REMEMBERED = timedelta(days=8)  # afterwards it stays in the inbox alone
MOST_LETTERS = 3  # at once to one member; more questions than that come in one letter


def ask_for_news(session: Session, members: Sequence[Member], *, at: datetime) -> None:
    """Have the worker see whether the members want a letter; for those who can get one."""
    keys = [str(member.id) for member in members if can_get_mail(member, at=at)]
    outbox.ask_many(session, NEWS, keys, at=at, due_at=at + DELAY)


def can_get_mail(member: Member, *, at: datetime) -> bool:
    """Whether there is somebody to write to: who has left or is suspended reads nothing here."""
    is_here = member.inactive_at is None and not member.is_placeholder
    return bool(member.email) and is_here and not is_suspended(member, at=at)


def is_untold() -> ColumnElement[bool]:
    """News that is unread, and that no letter was written about."""
    before = aliased(Notification)
    return Notification.read_at.is_(None) & ~(
        select(before.id)
        .where(
            before.member_id == Notification.member_id,
            before.reason == Notification.reason,
            before.question_id == Notification.question_id,
            before.mailed_post_id >= Notification.post_id,
        )
        .exists()
    )


def write_letters(session: Session, member_ids: Collection[int], *, at: datetime) -> None:
    """Write what these members want to be told at once; some queries, however many they are."""
    people = session.scalars(select(Member).where(Member.id.in_(member_ids))).all()
    wishes = read_wishes(session, people)
    news = _list_untold(session, member_ids, at=at)
    letters: list[tuple[Letter, list[int]]] = []
    for member in people:
        if not can_get_mail(member, at=at) or member.id not in news:
            continue
        wish = wishes[member.id]
        wanted = [
            row
            for row in news[member.id]
            if wish.frequency(row.reason, row.question.space_id) is Frequency.IMMEDIATE
        ]
        if wanted and (until := wish.quiet_until_when(at)):
            outbox.ask(session, NEWS, str(member.id), at=at, due_at=until)
        else:
            letters += _letters_about(member, wanted, at=at)
    _post(session, letters, at=at)


def _list_untold(
    session: Session, member_ids: Collection[int], *, at: datetime
) -> Mapping[int, Sequence[Notification]]:
    found: dict[int, list[Notification]] = {}
    for row in session.scalars(
        select(Notification)
        .where(
            Notification.member_id.in_(member_ids),
            Notification.created_at > at - IS_NEWS,
            is_untold(),
        )
        .options(joinedload(Notification.question).load_only(Question.space_id))
        .order_by(Notification.created_at, Notification.id)
    ):
        found.setdefault(row.member_id, []).append(row)
    return found


def _letters_about(
    member: Member, wanted: Sequence[Notification], *, at: datetime
) -> list[tuple[Letter, list[int]]]:
    """Return a letter for each question, or one for all where there are many."""
    by_question: dict[int, list[int]] = {}
    for row in wanted:
        by_question.setdefault(row.question_id, []).append(row.id)
    groups = list(by_question.values())
    if len(groups) > MOST_LETTERS:
        groups = [[row.id for row in wanted]]
    return [
        (Letter(member_id=member.id, kind=LetterKind.NEWS, created_at=at), group)
        for group in groups
    ]


def _post(session: Session, letters: Sequence[tuple[Letter, list[int]]], *, at: datetime) -> None:
    session.add_all(letter for letter, _rows in letters)
    session.flush()
    for letter, row_ids in letters:
        put_into(session, letter, row_ids)
    outbox.ask_many(session, LETTER, [str(letter.id) for letter, _rows in letters], at=at)


def put_into(session: Session, letter: Letter, row_ids: Collection[int]) -> None:
    """Let a letter tell of this news, unless another one does."""
    session.execute(
        update(Notification)
        .where(
            Notification.id.in_(row_ids),
            func.coalesce(Notification.mailed_post_id, 0) < Notification.post_id,
        )
        .values(letter_id=letter.id, mailed_post_id=Notification.post_id),
        execution_options={"synchronize_session": False},
    )


def give_back(session: Session, letter: Letter) -> None:
    """Let the next digest tell what a letter did not."""
    session.execute(
        update(Notification)
        .where(Notification.letter_id == letter.id)
        .values(letter_id=None, mailed_post_id=None),
        execution_options={"synchronize_session": False},
    )
