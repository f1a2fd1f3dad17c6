"""Drafts: kept as one types, found again on any device, gone when they are posted.

A draft is never overwritten silently: who saves says which version they began from, and hears of
the other text when it is not the one that is kept.
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from peerqa.database import insert_once, storable
from peerqa.errors import N_, Conflict, Invalid, TooSoon
from peerqa.markup import MAX_LENGTH
from peerqa.models import Draft, Member, Organization
from peerqa.paging import read_id
from peerqa.secrets import BrokenSeal, InstanceKey
from peerqa.services import questions

ASK = "ask"  # the place of a question that is being written
MAX_DRAFTS = 20  # of one member
MAX_CHARACTERS = 2 * MAX_LENGTH  # somebody who has to shorten loses nothing meanwhile
SAVED_EVERY = timedelta(seconds=1)  # of one member; pages save every few seconds
_USE = "draft"
_KEPT = select(Draft).where(
    Draft.member_id == bindparam("member"), Draft.place == bindparam("place")
)
_ANSWER = re.compile(r"answer-(\d+)")


@dataclass(frozen=True)
class DraftText:
    """The fields of a form as they were typed."""

    title: str = ""
    body: str = ""
    topics: str = ""
    space: str = ""
    visibility: str = ""
    anonymous: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed; a choice alone is no text."""
        return not (self.title.strip() or self.body.strip() or self.topics.strip())


@dataclass(frozen=True)
class KeptDraft:
    """A draft as it is kept; version 0 means that there is none."""

    text: DraftText = DraftText()
    version: int = 0


class DraftConflict(Conflict):
    """Another text is kept than the one that the person began from; carries it."""

    code = "draft-conflict"

    def __init__(self, present: KeptDraft) -> None:
        super().__init__(
            N_("You wrote this in two places. Choose the text that you want to keep."),
            version=present.version,
        )
        self.present = present


def answer_place(question_id: int) -> str:
    """Return the place of an answer's draft."""
    return f"answer-{question_id}"


def check_place(session: Session, member: Member, place: str) -> None:
    """Refuse a place where the member cannot write.

    Raises:
        NotFound: there is no such question for them.
        Invalid: this is no place.
    """
    if place == ASK:
        return
    found = _ANSWER.fullmatch(place)
    if found is None:
        raise Invalid(N_("This page is too old or damaged. Reload it and try again."))
    questions.get_question(session, member, read_id(found.group(1)) or 0)


def check_pace(session: Session, member: Member, *, at: datetime) -> None:
    """Refuse a save that follows too fast; reads only, so that floods never queue as writers.

    Raises:
        TooSoon: the last save was a moment ago.
    """
    last = session.scalar(select(func.max(Draft.updated_at)).where(Draft.member_id == member.id))
    if last is not None and at - SAVED_EVERY < last <= at:
        raise TooSoon(N_("Drafts are saved once a second. Yours will be in a moment."))


def find_draft(session: Session, member: Member, place: str, *, key: InstanceKey) -> KeptDraft:
    """Return what is kept for this place; one that the key does not open is empty."""
    row = session.scalars(_KEPT, {"member": member.id, "place": place}).one_or_none()
    return _open(row, key) if row is not None else KeptDraft()


def save_draft(
    session: Session,
    *,
    member: Member,
    place: str,
    text: DraftText,
    version: int,
    key: InstanceKey,
    at: datetime,
) -> int:
    """Keep a draft; returns its version, 0 when the text is empty and nothing is kept.

    Args:
        version: that the person began from; 0 for none.

    Raises:
        DraftConflict: something else is kept, or the draft was posted or discarded elsewhere.
        Invalid: the text is too long, or there are too many drafts.
    """
    text = _checked(text)
    present = find_draft(session, member, place, key=key)
    if present.text == text and present.version:
        return present.version
    if present.version != version:
        raise DraftConflict(present)
    if text.is_empty:
        discard_draft(session, member, place)
        return 0
    sealed = key.seal(_USE, json.dumps(asdict(text)).encode())
    if version == 0:
        _refuse_too_many(session, member)
        made = insert_once(
            session, Draft, member_id=member.id, place=place, sealed=sealed, version=1,
            updated_at=at,
        )  # fmt: skip
    else:
        changed = session.execute(
            update(Draft)
            .where(Draft.member_id == member.id, Draft.place == place, Draft.version == version)
            .values(sealed=sealed, version=version + 1, updated_at=at)
        )
        made = changed.rowcount == 1  # type: ignore[attr-defined]  # a CursorResult
    if not made:  # of two at once, the second
        session.expire_all()
        raise DraftConflict(find_draft(session, member, place, key=key))
    return version + 1


def discard_draft(session: Session, member: Member, place: str) -> None:
    """Forget what is kept for this place; harmless twice."""
    session.execute(delete(Draft).where(Draft.member_id == member.id, Draft.place == place))


def discard_posted(
    session: Session, member: Member, place: str, posted: DraftText, *, key: InstanceKey
) -> None:
    """Forget the draft of what was posted just now; another text for the same place stays.

    A save may have been on its way when the form was sent, so the versions need not agree.
    """
    kept = find_draft(session, member, place, key=key)
    is_same = _begins_alike(kept.text.title, posted.title) and (
        bool(posted.title) or _begins_alike(kept.text.body, posted.body)
    )
    if kept.version and is_same:
        discard_draft(session, member, place)


def delete_old(
    session: Session, *, at: datetime, days: int, organization: Organization | None = None
) -> int:
    """Delete drafts that nobody went on with; returns how many.

    Args:
        organization: only its members'.
    """
    is_old = Draft.updated_at < at - timedelta(days=days)
    if organization is not None:
        own = select(Member.id).where(Member.organization_id == organization.id)
        is_old &= Draft.member_id.in_(own)
    gone = session.execute(delete(Draft).where(is_old))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a CursorResult


def _begins_alike(kept: str, posted: str) -> bool:
    kept, posted = " ".join(kept.split()), " ".join(posted.split())
    return posted.startswith(kept) or kept.startswith(posted)


def _checked(text: DraftText) -> DraftText:
    tidied = DraftText(**{name: storable(value) for name, value in asdict(text).items()})
    if sum(len(value) for value in asdict(tidied).values()) > MAX_CHARACTERS:
        raise Invalid(
            N_("This is too long to be kept as a draft here. This browser keeps it."),
            field="body",
        )
    return tidied


def _refuse_too_many(session: Session, member: Member) -> None:
    count = session.scalar(
        select(func.count()).select_from(Draft).where(Draft.member_id == member.id)
    )
    if (count or 0) >= MAX_DRAFTS:
        raise Invalid(
            N_("You have %(most)s drafts already. Post or discard one; this browser keeps yours."),
            most=MAX_DRAFTS,
        )


def _open(row: Draft, key: InstanceKey) -> KeptDraft:
    try:
        found = json.loads(key.open(_USE, row.sealed))
    except BrokenSeal:  # of another key: nobody can read it any more, and it may be replaced
        return KeptDraft(DraftText(), row.version)
    known = {field.name for field in fields(DraftText)}
    return KeptDraft(
        DraftText(**{name: str(value) for name, value in found.items() if name in known}),
        row.version,
    )
