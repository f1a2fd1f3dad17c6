"""What a letter says: read when it goes, so that it tells nothing its reader may not see any more.

It names only who the notification names, and quotes only the post that it is about; who wrote a
post is never asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from peerqa.models import Letter, Notification
from peerqa.models.notifying.letter import LetterKind, Outcome
from peerqa.models.notifying.mail_choice import Frequency
from peerqa.services.notifications import is_listed
from peerqa.services.notifying import digests, news
from peerqa.services.notifying.choices import read_wishes
from peerqa.services.notifying.kinds import kind_of
from peerqa.services.preferences import language_of

MOST_LINES = 10
EXCERPT = 280  # characters
STALE_NEWS, STALE_DIGEST = timedelta(hours=20), timedelta(hours=10)


@dataclass(frozen=True)
class NewsLine:
    """Something that happened."""

    kind: str
    actor: str | None
    question_id: int
    post_id: int
    title: str
    excerpt: str  # of the post; empty where it says nothing new


@dataclass(frozen=True)
class OpenLine:
    """A question that the reader may know."""

    question_id: int
    title: str
    space: str


@dataclass(frozen=True)
class Contents:
    """A letter as it is to be written now."""

    letter_id: int
    kind: LetterKind
    member_id: int
    address: str
    language: str
    organization: str
    news: Sequence[NewsLine]
    more_count: int  # news that has no line
    open: Sequence[OpenLine]
    kinds: Sequence[str]  # of news in it, for who wants no more of them

    @property
    def question_id(self) -> int | None:
        """The one question that the letter is about; a digest is about none."""
        ids = {line.question_id for line in self.news}
        is_one = self.kind == LetterKind.NEWS and len(ids) == 1 and not self.more_count
        return ids.pop() if is_one else None


def read_contents(
    session: Session, letter: Letter, *, at: datetime
) -> Contents | Outcome | datetime:
    """Return what the letter says now, how it ends unsent, or until when it must wait."""
    member = letter.member
    age = at - letter.created_at
    wish = read_wishes(session, [member])[member.id]
    if letter.kind == LetterKind.NEWS:
        if age > STALE_NEWS:
            return Outcome.STALE
        if until := wish.quiet_until_when(at):
            return until
    elif age > STALE_DIGEST:
        return Outcome.STALE
    else:
        digests.gather(session, letter, wish, at=at)
    if not news.can_get_mail(member, at=at):
        return Outcome.EMPTY
    rows = [
        row
        for row in _list_told(session, letter)
        if wish.frequency(row.reason, row.question.space_id) is not Frequency.NEVER
    ]
    open_ones = [] if letter.kind == LetterKind.NEWS else digests.list_open(session, letter, wish)
    if not rows and not open_ones:
        return Outcome.EMPTY
    return Contents(
        letter_id=letter.id,
        kind=LetterKind(letter.kind),
        member_id=member.id,
        address=str(member.email),
        language=language_of(member),
        organization=member.organization.called,
        news=[_line(row) for row in rows[:MOST_LINES]],
        more_count=len(rows[MOST_LINES:]),
        open=[OpenLine(each.id, each.title, each.space.name) for each in open_ones],
        kinds=sorted({kind_of(row.reason) for row in rows}),
    )


def _list_told(session: Session, letter: Letter) -> Sequence[Notification]:
    """Return what the letter tells and its reader may see, and has not read meanwhile."""
    return session.scalars(
        select(Notification)
        .join(Notification.question)
        .where(
            Notification.letter_id == letter.id,
            Notification.read_at.is_(None),
            is_listed(letter.member),
        )
        .options(
            joinedload(Notification.question),
            joinedload(Notification.post),
            joinedload(Notification.actor),
        )
        .order_by(Notification.created_at.desc(), Notification.id.desc())
    ).all()


def _line(row: Notification) -> NewsLine:
    return NewsLine(
        kind=kind_of(row.reason),
        actor=row.actor.name if row.actor else None,
        question_id=row.question_id,
        post_id=row.post_id,
        title=row.question.title,
        excerpt=_excerpt(row.post.plain) if row.post_id != row.question_id else "",
    )


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " …"
