"""Masks: what keeps the author of an anonymous question unknown, and lets them act as its author.

While a member asks something of us, they carry the tags that only the instance key can make of
their id (wear()); permissions.is_author() compares them. What the author then does in the thread
names nobody either, and its times are rounded to the hour.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from peerqa.database import hold
from peerqa.errors import N_, Conflict, Invalid
from peerqa.models import Deletion, Mask, Member, Post, Question
from peerqa.models.answering.deletion import OutOfSight
from peerqa.permissions import question_of, visible_to, visible_to_reader, wears_mask
from peerqa.secrets import InstanceKey

MOST = 50  # anonymous questions of one member
_TAG, _SEAL = "mask-tag", "mask"
_MOODS, _ANIMALS = (
    tuple(words.split())
    for words in (
        """Brave Bright Calm Careful Cheerful Clever Curious Eager Gentle Happy Honest Keen Kind
        Lively Mellow Merry Modest Nimble Patient Polite Quick Quiet Steady Sunny Swift Thoughtful
        Tidy Warm Wise Witty""",
        """Badger Beaver Bison Crane Deer Dolphin Falcon Finch Fox Gecko Hare Hedgehog Heron Ibis
        Lark Lynx Marten Mole Newt Otter Owl Panda Puffin Raven Robin Seal Squirrel Stork Swan
        Wren""",
    )
)


@dataclass(frozen=True)
class NewMask:
    """What a question gets instead of its author."""

    pseudonym: str
    tag: str
    sealed: bytes

    def as_row(self) -> Mask:
        """Return the row beside the question."""
        return Mask(tag=self.tag, sealed=self.sealed)


@dataclass(frozen=True)
class Signature:
    """Under which name something is written in a thread, and when."""

    author: Member | None
    is_masked: bool
    at: datetime


@lru_cache(maxsize=1000)
def _tags_of(key: InstanceKey, member_id: int) -> frozenset[str]:
    return frozenset(key.digest(_TAG, member_id, number)[:32] for number in range(MOST))


def wear(member: Member, key: InstanceKey) -> None:
    """Let a member who is asking something of us act as the author of what they masked."""
    member.wear(_tags_of(key, member.id))


def make_mask(session: Session, author: Member, key: InstanceKey) -> NewMask:
    """Return a mask that nobody can join with the author's others; of two at once one waits.

    Raises:
        Invalid: the member has asked too many questions anonymously.
    """
    hold(session, author)
    tags = _tags_of(key, author.id)
    free = sorted(tags - set(session.scalars(select(Mask.tag).where(Mask.tag.in_(tags)))))
    if not free:
        raise Invalid(
            N_("You have asked %(most)s questions anonymously; that is as many as are kept apart."),
            field="anonymous",
            most=MOST,
        )
    return NewMask(
        f"{secrets.choice(_MOODS)} {secrets.choice(_ANIMALS)}",
        secrets.choice(free),
        _seal(author.id, key),
    )


def read_author_id(mask: Mask, key: InstanceKey) -> int:
    """Return whose mask it is.

    Raises:
        BrokenSeal: it was sealed with another instance key.
    """
    return int.from_bytes(key.open(_SEAL, mask.sealed), "big")


def sign(author: Member, question: Question, at: datetime) -> Signature:
    """Return the name for something that is written in a thread: its asker keeps the mask on."""
    if wears_mask(author, question):
        return Signature(None, True, to_the_hour(at))
    return Signature(author, False, at)


def keep_mask(author: Member, asked: Question, question: Question) -> None:
    """Refuse to write under another question, where the mask of the one that was meant is none.

    Raises:
        Conflict: the one was merged into the other.
    """
    if asked.id != question.id and wears_mask(author, asked):
        raise Conflict(
            N_("This was merged into another one, where your name would show."),
            question=asked.id,
        )


def blur(by: Member, post: Post, at: datetime) -> datetime:
    """Return when something happened in a thread; to the hour where its masked asker did it."""
    return to_the_hour(at) if wears_mask(by, question_of(post)) else at


def tell(session: Session, question: Question) -> None:
    """Let the masked author of a question find that there is news."""
    session.execute(update(Mask).where(Mask.question_id == question.id).values(has_news=True))


def list_own(session: Session, member: Member, *, only_news: bool = False) -> Sequence[Question]:
    """Return what the member asked anonymously, newest first; for their own eyes."""
    query = (
        select(Question)
        .join(Mask, Mask.question_id == Question.id)
        .where(
            Mask.tag.in_(member.masks),
            _is_told_of(visible_to(member)) if only_news else visible_to(member),
        )
        .options(joinedload(Question.space))
        .order_by(Question.id.desc())
    )
    return session.scalars(query.where(Mask.has_news) if only_news else query).all()


def news() -> ScalarSelect[int]:
    """Return how many of a reader's anonymous questions have news, as a part of a statement.

    It is executed with permissions.reader_values(), and with the member's masks as "tags".
    """
    return (
        select(func.count())
        .select_from(Question)
        .join(Mask, Mask.question_id == Question.id)
        .where(
            Mask.tag.in_(bindparam("tags", expanding=True)),
            Mask.has_news,
            _is_told_of(visible_to_reader()),
        )
        .scalar_subquery()
    )


def _is_told_of(seen: ColumnElement[bool]) -> ColumnElement[bool]:
    """What the member may see, and what stewards have hidden, which its author reads of."""
    hidden = select(Deletion.post_id).where(Deletion.state != OutOfSight.DELETED)
    return or_(seen, Question.id.in_(hidden))


def mark_read(session: Session, member: Member, *, question_id: int | None = None) -> None:
    """Let the news of the member's anonymous questions be read, or of one of them."""
    statement = update(Mask).where(Mask.tag.in_(member.masks), Mask.has_news)
    if question_id is not None:
        statement = statement.where(Mask.question_id == question_id)
    session.execute(statement.values(has_news=False))


def hand_over(session: Session, *, kept: Member, emptied: Member, key: InstanceKey) -> None:
    """Give the masks of one member to another; what has no room keeps an author who is gone."""
    theirs = session.scalars(select(Mask).where(Mask.tag.in_(_tags_of(key, emptied.id)))).all()
    own = _tags_of(key, kept.id)
    free = own - set(session.scalars(select(Mask.tag).where(Mask.tag.in_(own))))
    for mask, tag in zip(theirs, sorted(free), strict=False):
        mask.tag, mask.sealed = tag, _seal(kept.id, key)
    session.flush()


def to_the_hour(at: datetime) -> datetime:
    """Round down to the hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def _seal(member_id: int, key: InstanceKey) -> bytes:
    return key.seal(_SEAL, member_id.to_bytes(8, "big"))  # of one length, whoever it is
