"""Taking back, and undoing that: by whoever did it for a while, by stewards later too.

A post that was taken back keeps its row and all that hangs on it; it is out of sight, and out of
the index. Restoring it gives back its place among the answers, and that it was the accepted one
unless another has been accepted since.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, joinedload, selectin_polymorphic

from peerqa import outbox
from peerqa.database import insert_once
from peerqa.errors import N_, Conflict, NotFound
from peerqa.models import (
    Answer,
    Comment,
    Deletion,
    Guide,
    GuideSource,
    Member,
    Post,
    Question,
    Space,
)
from peerqa.models.answering.deletion import OutOfSight
from peerqa.models.space import Visibility
from peerqa.permissions import is_author, is_steward, may, question_of
from peerqa.services import notifications
from peerqa.services.answering.stand_in import hold_thread
from peerqa.services.asking.masks import blur
from peerqa.services.recognition import ledger

UNDO_FOR = timedelta(minutes=30)  # by whoever took it back
MOST_LISTED = 100


def _note_deletion(
    session: Session,
    post: Post,
    *,
    by: Member | None,
    at: datetime,
    was_accepted: bool = False,
    state: OutOfSight = OutOfSight.DELETED,
) -> None:
    """Write down who took a post back, in the transaction that does."""
    session.execute(delete(Deletion).where(Deletion.post_id == post.id))
    insert_once(
        session,
        Deletion,
        post_id=post.id,
        deleted_by_id=None if by is None or is_author(by, post) else by.id,
        created_at=at,
        was_accepted=was_accepted,
        state=state.value,
    )


def take_out_of_sight(
    session: Session,
    post: Question | Answer | Comment,
    question: Question,
    *,
    by: Member | None,
    at: datetime,
    state: OutOfSight = OutOfSight.DELETED,
) -> None:
    """Let a post be seen by nobody, in a way that bring_back() undoes; the thread is held."""
    was_accepted = question.accepted_id == post.id
    _note_deletion(session, post, by=by, at=at, was_accepted=was_accepted, state=state)
    post.deleted_at = at
    if isinstance(post, Answer):
        question.answer_count = Question.answer_count - 1
        if was_accepted:
            question.accepted_id = None
    ledger.settle(session, [post.id], why=ledger.Why.REMOVED, at=at)
    if isinstance(post, Answer):
        notifications.tell_of_the_one_before(session, post)
    _index(session, post, at=at)


def get_deleted(
    session: Session, member: Member, post_id: int, *, at: datetime
) -> Question | Answer | Comment:
    """Return a post that was taken back, and that the member may restore.

    Raises:
        NotFound: there is none, or it is not this member's to restore, or not any more.
    """
    post = session.scalars(
        select(Post).where(
            Post.id == post_id,
            Post.organization_id == member.organization_id,
            Post.deleted_at.is_not(None),
        )
    ).one_or_none()
    if not isinstance(post, Question | Answer | Comment) or not _may(session, member, post, at=at):
        raise NotFound(N_("There is nothing here that you can restore."), post=post_id)
    return post


def _may(
    session: Session, member: Member, post: Question | Answer | Comment, *, at: datetime
) -> bool:
    if not may(member, "restore", post):
        return False
    question = question_of(post)
    deletion = session.get(Deletion, post.id)
    if deletion is not None and deletion.state != OutOfSight.DELETED:
        return False  # see services/moderating/rulings.py
    if is_steward(member, question.space_id):
        return True
    # of who asked anonymously, times are kept to the hour: they may have up to one more
    undo_for = UNDO_FOR + timedelta(hours=1) if post.is_masked else UNDO_FOR
    if deletion is None or at - deletion.created_at > undo_for:
        return False
    if deletion.deleted_by_id is None:
        return is_author(member, post)
    return deletion.deleted_by_id == member.id


def restore_post(
    session: Session, *, post: Question | Answer | Comment, by: Member, at: datetime
) -> None:
    """Bring a post back into sight and into the index; harmless twice.

    Raises:
        NotFound: it is not the person's to restore.
        Conflict: what it stands under is out of sight itself.
    """
    question = hold_thread(session, post)
    if post.deleted_at is None:
        return
    if not _may(session, by, post, at=at):
        raise NotFound(N_("There is nothing here that you can restore."), post=post.id)
    bring_back(session, post, question, at=blur(by, post, at))


def bring_back(
    session: Session, post: Question | Answer | Comment, question: Question, *, at: datetime
) -> None:
    """Put a post where it was; its thread is held, and who asks may do it.

    Raises:
        Conflict: what it stands under is out of sight itself, or it is a guide that cites what only
            another space sees.
    """
    _refuse_citing(session, post)
    above = post.parent if isinstance(post, Comment) else question
    if above is not post and (above.deleted_at or question.deleted_at):
        raise Conflict(N_("Restore what this stands under first."), post=post.id, under=above.id)
    post.deleted_at = None
    if isinstance(post, Answer):
        question.answer_count = Question.answer_count + 1
        deletion = session.get(Deletion, post.id)
        if deletion is not None and deletion.was_accepted and question.accepted_id is None:
            question.accepted_id = post.id
    session.flush()
    session.execute(delete(Deletion).where(Deletion.post_id == post.id))
    ledger.settle(session, [post.id], why=ledger.Why.REMOVED, at=at)
    _index(session, post, at=at)


def _refuse_citing(session: Session, post: Post) -> None:
    """A guide stays away when one of its threads is another space's alone by now."""
    if not isinstance(post, Guide):
        return
    elsewhere = (
        select(Question.id)
        .join(GuideSource, GuideSource.question_id == Question.id)
        .where(
            GuideSource.guide_id == post.id,
            Question.visibility == Visibility.SPACE,
            Question.space_id != post.space_id,
        )
    )
    if session.scalar(elsewhere.limit(1)) is not None:
        raise Conflict(
            N_("It was made from a thread that only another space sees. Make a new one without."),
            post=post.id,
        )


def _index(session: Session, post: Post, *, at: datetime) -> None:
    ids = [] if isinstance(post, Comment) else [post.id]
    if isinstance(post, Question):
        ids += session.scalars(select(Answer.id).where(Answer.question_id == post.id))
    outbox.ask_many(session, "index", [str(post_id) for post_id in ids], at=at)


def list_deleted(session: Session, space: Space) -> Sequence[Post]:
    """Return what was taken back in a space, the latest first; for its stewards.

    What is hidden stands in the queue of moderation.
    """
    asked = select(Question.id).where(Question.space_id == space.id)
    return session.scalars(
        select(Post)
        .where(
            Post.organization_id == space.organization_id,
            Post.deleted_at.is_not(None),
            Post.id.not_in(select(Deletion.post_id).where(Deletion.state != OutOfSight.DELETED)),
            or_(
                Post.id.in_(asked),
                Post.id.in_(select(Answer.id).where(Answer.question_id.in_(asked))),
                Post.id.in_(select(Comment.id).where(Comment.question_id.in_(asked))),
            ),
        )
        .options(selectin_polymorphic(Post, [Question]), joinedload(Post.author))
        .order_by(Post.deleted_at.desc(), Post.id.desc())
        .limit(MOST_LISTED)
    ).all()
