"""The queue of whoever moderates: what is flagged and not decided yet, and what is hidden."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectin_polymorphic

from peerqa.errors import N_, NotAllowed
from peerqa.models import Answer, Comment, Deletion, Flag, Member, Post, Question, Space
from peerqa.models.answering.deletion import OutOfSight
from peerqa.models.space import Visibility
from peerqa.permissions import is_author, kept_spaces, spaces_of, stewards_anything

PAGE_SIZE = 30
POST = Post.__table__


@dataclass(frozen=True)
class Queued:
    """A post in the queue.

    Attributes:
        reasons: how often each was given.
        notes: what was said beside them, by nobody's name.
    """

    post: Question | Answer | Comment
    question: Question
    flag_count: int
    reasons: Counter[str]
    notes: Sequence[str]


def refuse_others(member: Member) -> None:
    """Let stewards and admins in alone.

    Raises:
        NotAllowed: the member is neither.
    """
    if not stewards_anything(member):
        raise NotAllowed(N_("Only stewards and admins can open this page."))


def list_flagged(
    session: Session, member: Member, *, space: Space | None = None, after: int = 0
) -> tuple[Sequence[Queued], int | None]:
    """Return what is flagged where the member moderates, the longest waiting first.

    Args:
        after: the first flag of the last post of the page before.
    """
    first = func.min(Flag.id)
    thread = aliased(Question, flat=True)
    rows = session.execute(
        select(Flag.post_id, thread.id, func.count(), first)
        .join(POST, POST.c.id == Flag.post_id)
        .outerjoin(Answer.__table__, Answer.__table__.c.id == POST.c.id)
        .outerjoin(Comment.__table__, Comment.__table__.c.id == POST.c.id)
        .join(thread, thread.id == _thread_id())
        .where(
            Flag.settled_at.is_(None),
            POST.c.deleted_at.is_(None),
            thread.deleted_at.is_(None),
            _kept_by(member, thread, space),
        )
        .group_by(Flag.post_id, thread.id)
        .having(first > after)
        .order_by(first)
        .limit(PAGE_SIZE + 1)
    ).all()
    shown = rows[:PAGE_SIZE]
    posts = _read(session, [(post_id, question_id) for post_id, question_id, _, _ in shown])
    flags: dict[int, list[Flag]] = {}
    for flag in session.scalars(
        select(Flag)
        .where(Flag.post_id.in_([row[0] for row in shown]), Flag.settled_at.is_(None))
        .order_by(Flag.id)
    ):
        flags.setdefault(flag.post_id, []).append(flag)
    queued = [_queued(posts, row[0], row[1], flags.get(row[0], [])) for row in shown]
    return _not_own(member, queued), shown[-1][3] if len(rows) > PAGE_SIZE else None


def list_out_of_sight(
    session: Session, member: Member, *, space: Space | None = None
) -> Sequence[Queued]:
    """Return what is hidden where the member moderates; the latest first."""
    thread = aliased(Question, flat=True)
    rows = session.execute(
        select(Deletion.post_id, thread.id)
        .join(POST, POST.c.id == Deletion.post_id)
        .outerjoin(Answer.__table__, Answer.__table__.c.id == POST.c.id)
        .outerjoin(Comment.__table__, Comment.__table__.c.id == POST.c.id)
        .join(thread, thread.id == _thread_id())
        .where(Deletion.state == OutOfSight.HIDDEN, _kept_by(member, thread, space))
        .order_by(Deletion.created_at.desc(), Deletion.post_id.desc())
        .limit(PAGE_SIZE)
    ).all()
    pairs = [(post_id, question_id) for post_id, question_id in rows]
    posts = _read(session, pairs)
    return _not_own(member, [_queued(posts, *pair, []) for pair in pairs])


def _thread_id() -> ColumnElement[int]:
    return func.coalesce(Answer.__table__.c.question_id, Comment.__table__.c.question_id, POST.c.id)


def _kept_by(member: Member, thread: type[Question], space: Space | None) -> ColumnElement[bool]:
    """Where may(member, "moderate", …) holds, but for their own posts."""
    kept = spaces_of(member) if member.is_admin else kept_spaces(member)
    where: ColumnElement[bool] = thread.space_id.in_(kept)
    if member.is_admin:
        where = or_(where, thread.visibility == Visibility.ORGANIZATION)
    if space is not None:
        where = where & (thread.space_id == space.id)
    own = POST.c.author_id.is_not_distinct_from(member.id)  # masked ones: see _not_own
    return where & (thread.organization_id == member.organization_id) & ~own


def _not_own(member: Member, queued: Sequence[Queued]) -> list[Queued]:
    """Leave out what the member wrote without their name: that is decided by others too."""
    return [each for each in queued if not is_author(member, each.post)]


def _read(session: Session, pairs: Sequence[tuple[int, int]]) -> dict[int, Post]:
    ids = {each for pair in pairs for each in pair}
    rows = session.scalars(
        select(Post)
        .where(Post.id.in_(ids))
        .options(
            selectin_polymorphic(Post, [Question, Answer, Comment]),
            joinedload(Post.author),
            joinedload(Question.space),
        )
    )
    return {post.id: post for post in rows}


def _queued(
    posts: dict[int, Post], post_id: int, question_id: int, flags: Sequence[Flag]
) -> Queued:
    post, question = posts[post_id], posts[question_id]
    assert isinstance(post, Question | Answer | Comment)
    assert isinstance(question, Question)
    return Queued(
        post,
        question,
        len(flags),
        Counter(flag.reason for flag in flags),
        [flag.note for flag in flags if flag.note],
    )


def flags_of(session: Session, post: Question | Answer | Comment, question: Question) -> Queued:
    """Return the open flags of one post."""
    flags = session.scalars(
        select(Flag).where(Flag.post_id == post.id, Flag.settled_at.is_(None)).order_by(Flag.id)
    ).all()
    return _queued({post.id: post, question.id: question}, post.id, question.id, flags)
