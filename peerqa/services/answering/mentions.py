"""@mentions: members who are named in a post hear of it once, if they may see it.

"@Tomasz Kowal" and "@tomasz.kowal" name a member of the organization; "@Tomasz" names somebody who
takes part in the thread, when there is one of that name. Everything else stays plain text. Names
in code are none, and at most so many take effect, however many somebody types.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from peerqa.database import insert_once
from peerqa.models import Answer, Comment, Member, Mention, Post, Question
from peerqa.permissions import may, question_of
from peerqa.services import notifications
from peerqa.services.asking.masks import blur

MOST_MENTIONS = 20
MOST_WORDS = 4  # of a name
_MARKS = ".'’-"  # that may stand behind a name
_OWN = re.compile("['’]s$")
_CODE = re.compile(r"```.*?```", re.DOTALL)
_NAMED = re.compile(r"(?<![\w@./-])@(\w[\w.'’-]{0,59}(?: \w[\w.'’-]{0,59}){0,3})")


_ANSWER, _COMMENT = Answer.__table__.c, Comment.__table__.c  # without the posts they are joined to


def tell_mentioned(
    session: Session, post: Question | Answer | Comment, *, by: Member, at: datetime
) -> None:
    """Tell those who are named in the post and may see it, unless they heard of it before."""
    typed = read_mentions(
        f"{post.title}\n{post.plain}" if isinstance(post, Question) else post.plain
    )
    if not typed:
        return
    at = blur(by, post, at)
    # Compared by what stands in rows: who asked without a name is told of their own mention like
    # everybody else, since the one who is missing among those who are named would be known by it.
    told = {each.author_id for each in _told_anyway(post)}
    named = by if post.author is not None else None  # whoever asks without a name mentions so, too
    newly: list[Member] = []
    for member in _find_members(session, post, typed)[:MOST_MENTIONS]:
        is_own = named is not None and member.id == named.id
        if is_own or not may(member, "see", post):
            continue
        is_new = insert_once(session, Mention, post_id=post.id, member_id=member.id, created_at=at)
        if is_new and member.id not in told:
            newly.append(member)
    notifications.notify_many(session, newly, reason="mentioned", post=post, by=named, at=at)


def read_mentions(text: str) -> list[str]:
    """Return what stands behind the first @ signs outside of code, each up to four words."""
    found: dict[str, None] = {}
    for match in _NAMED.finditer(_CODE.sub(" ", text)):
        found[match.group(1)] = None
        if len(found) == MOST_MENTIONS:
            break
    return list(found)


def _told_anyway(post: Question | Answer | Comment) -> Sequence[Post]:
    """Return the posts whose authors hear of this one as a reply."""
    if isinstance(post, Answer):
        return [post.question]
    return [post.parent] if isinstance(post, Comment) else []


def _find_members(
    session: Session, post: Question | Answer | Comment, typed: Sequence[str]
) -> list[Member]:
    spellings = {spelling for text in typed for name in _names_in(text) for spelling in name}
    rows = session.scalars(
        select(Member)
        .where(
            Member.organization_id == post.organization_id,
            Member.inactive_at.is_(None),
            Member.is_placeholder.is_(False),
            func.lower(Member.name).in_(spellings),
        )
        .options(selectinload(Member.memberships))
        .order_by(Member.id)
        .limit(4 * MOST_MENTIONS)
    ).all()
    by_name: dict[str, list[Member]] = {}
    for member in rows:
        by_name.setdefault(_folded(member.name), []).append(member)
    around: dict[str, list[Member]] | None = None
    found: dict[int, Member] = {}
    for text in typed:
        whole = [_folded(name[0]) for name in _names_in(text)]
        named = next((by_name[name] for name in whole if name in by_name), [])
        if not named:
            around = _participants(session, post) if around is None else around
            named = around.get(_folded(_OWN.sub("", text.split()[0].rstrip(_MARKS))), [])
            named = named if len(named) == 1 else []
        found.update({member.id: member for member in named})
    return list(found.values())


def _names_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names that the text may begin with, the longest first, as databases lower them."""
    words = text.split(" ")
    for count in range(min(len(words), MOST_WORDS), 0, -1):
        name = _OWN.sub("", " ".join(words[:count]).rstrip(_MARKS))
        yield _lowered(name)
    if "." in words[0].rstrip(_MARKS):
        yield _lowered(words[0].rstrip(_MARKS).replace(".", " "))


def _lowered(name: str) -> tuple[str, str]:
    """Return the name in lower case; SQLite lowers ASCII alone."""
    return name.lower(), "".join(sign.lower() if sign.isascii() else sign for sign in name)


def _folded(name: str) -> str:
    signs = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


def _participants(session: Session, post: Question | Answer | Comment) -> dict[str, list[Member]]:
    """Return who wrote in the thread, by first name."""
    question_id = question_of(post).id
    rows = session.scalars(
        select(Member)
        .where(
            Member.inactive_at.is_(None),
            Member.id.in_(
                select(Post.author_id).where(
                    Post.deleted_at.is_(None),
                    (Post.id == question_id)
                    | Post.id.in_(select(_ANSWER.id).where(_ANSWER.question_id == question_id))
                    | Post.id.in_(select(_COMMENT.id).where(_COMMENT.question_id == question_id)),
                )
            ),
        )
        .options(selectinload(Member.memberships))
        .limit(200)
    )
    found: dict[str, list[Member]] = {}
    for member in rows:
        found.setdefault(_folded(member.name.split()[0] if member.name.split() else ""), []).append(
            member
        )
    return found
