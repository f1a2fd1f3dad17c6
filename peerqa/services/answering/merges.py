"""Merging questions: one question's answers move to another, and back if that is undone.

What moves is written down by id, so that undoing gives back exactly that, and leaves alone what
came since. The merged question keeps its row, its text and its comments; its address leads on. It
stays a duplicate of the other, so look-ups and the gate learn from it.

The two must be seen by the same people: answers never come before more of them, and nobody loses
one. Merges and links of an organization take turns, so that no two of them close a circle.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.database import hold
from peerqa.errors import N_, Conflict, NotAllowed, NotFound
from peerqa.models import Answer, Comment, Follow, Member, Merge, Post, Question, Vote
from peerqa.permissions import may
from peerqa.services import audit, notifications
from peerqa.services.answering.carrying import Moved, movable, move, move_back
from peerqa.services.questions import find_original, take_turns
from peerqa.services.recognition import ledger
from peerqa.services.upkeep.edited import stop_vouching
from peerqa.services.upkeep.reviews import TOPIC


@dataclass(frozen=True)
class Preview:
    """What a merge would do."""

    source: Question
    target: Question
    answer_count: int
    vote_count: int
    twice_count: int  # people who voted for both, and count once
    follower_count: int
    takes_acceptance: bool
    loses_acceptance: bool  # both were solved: the target's stays


def preview_merge(session: Session, *, source: Question, target: Question, by: Member) -> Preview:
    """Return what merging would do; refuses what merge() refuses."""
    target = _check(session, source, target, by)
    accepted = source.accepted_id is not None
    votes = movable(session, Vote, start=source, end=target)
    voted = session.scalar(select(func.count()).where(Vote.post_id == source.id)) or 0
    return Preview(
        source,
        target,
        source.answer_count,
        source.vote_count - (voted - len(votes)),
        voted - len(votes),
        len(movable(session, Follow, start=source, end=target)),
        takes_acceptance=accepted and target.accepted_id is None,
        loses_acceptance=accepted and target.accepted_id is not None,
    )


def merge(
    session: Session, *, source: Question, target: Question, by: Member, at: datetime
) -> Question:
    """Move a question's answers to another one, with all that hangs on them.

    Returns:
        The question that has them now: where the target is a duplicate itself, its original.

    Raises:
        NotAllowed: the person keeps not both spaces.
        NotFound: one was taken back at this moment.
        Conflict: they are one, were merged already, or are not seen by the same people.
    """
    take_turns(session, by)
    for question in sorted((source, target), key=lambda each: each.id):
        hold(session, question)
    target = _check(session, source, target, by)
    hold(session, target)
    moved = move(session, source, target)
    source.merged_at, source.duplicate_of_id = at, target.id
    source.accepted_id, source.accepted_by_steward, source.accepted_own = None, False, False
    session.add(
        Merge(
            source_id=source.id,
            target_id=target.id,
            merged_by_id=by.id,
            created_at=at,
            moved=asdict(moved),
        )
    )
    session.flush()
    notifications.notify_author(session, source, reason="merged", by=by, at=at)
    _settle_answers(session, source, moved, at=at)
    audit.record(session, "post.merged", by=by, thing=source, at=at, into=target.id)
    return target


def find_merge(session: Session, source: Question) -> Merge | None:
    """Return the merge that holds for a question."""
    return session.scalars(
        select(Merge).where(Merge.source_id == source.id, Merge.undone_at.is_(None))
    ).one_or_none()


def undo_merge(session: Session, *, source: Question, by: Member, at: datetime) -> None:
    """Move back what a merge moved, as far as it is there still; harmless twice.

    Raises:
        NotAllowed: the person keeps not both spaces.
        Conflict: the other was merged on since, or is seen by others than before.
    """
    if not may(by, "merge", source):
        raise NotAllowed(N_("Only stewards of both spaces can do this."), question=source.id)
    take_turns(session, by)
    hold(session, source)
    done = find_merge(session, source)
    if done is None:
        return
    target = session.get_one(Question, done.target_id)
    hold(session, target)
    if not may(by, "merge_into", target):
        raise NotAllowed(N_("Only stewards of both spaces can do this."), question=source.id)
    if target.merged_at is not None:
        raise Conflict(N_("The other question was merged on since. Undo that first."))
    _refuse_other_audience(source, target)
    moved = Moved(**done.moved)
    move_back(session, source, target, moved)
    source.merged_at, source.duplicate_of_id = None, moved.duplicate_of
    done.undone_at, done.undone_by_id = at, by.id
    session.flush()
    notifications.forget(session, source.id, reason="merged")
    _settle_answers(session, source, moved, at=at)
    audit.record(session, "post.unmerged", by=by, thing=source, at=at, out_of=target.id)


def _check(session: Session, source: Question, target: Question, by: Member) -> Question:
    """Return the question that stands for the target, when the two can be merged."""
    if source.merged_at is not None:
        raise Conflict(N_("This question was merged already."), question=source.id)
    target = find_original(session, target)
    if source.deleted_at or target.deleted_at or not may(by, "see", target):
        raise NotFound(N_("There is no such question."), question=target.id)
    if source.id == target.id:
        raise Conflict(
            N_("A question cannot be merged into itself, or into a duplicate of itself."),
            question=source.id,
        )
    if not may(by, "merge", source) or not may(by, "merge_into", target):
        raise NotAllowed(N_("Only stewards of both spaces can do this."), question=source.id)
    _refuse_other_audience(source, target)
    _refuse_masked(session, source)
    return target


def _refuse_masked(session: Session, source: Question) -> None:
    """What was written without a name under the name of one question cannot go under another's.

    Raises:
        Conflict: there is such an answer or remark.
    """
    under = exists().where(
        Post.id.in_(
            select(Answer.id)
            .where(Answer.question_id == source.id)
            .union_all(select(Comment.id).where(Comment.question_id == source.id))
        ),
        Post.is_masked,
    )
    if source.is_masked and session.scalar(select(under)):
        raise Conflict(
            N_("Whoever asked this without a name has written here too, so it stays. Mark it as a "
               "duplicate instead."),
            question=source.id,
        )  # fmt: skip


def _refuse_other_audience(source: Question, target: Question) -> None:
    is_open = source.visibility != "space" and target.visibility != "space"
    if not is_open and (source.visibility, source.space_id) != (target.visibility, target.space_id):
        raise Conflict(
            N_("These two are not seen by the same people, so their answers stay apart."),
            source=source.id,
            target=target.id,
        )


def _settle_answers(session: Session, source: Question, moved: Moved, *, at: datetime) -> None:
    """Have the index hear whose answers they are now; nobody vouches for them under another."""
    stop_vouching(session, moved.answers)
    ledger.settle(session, moved.answers, why=ledger.Why.MERGED, at=at)
    outbox.ask_many(session, TOPIC, [str(answer_id) for answer_id in moved.answers], at=at)
    outbox.ask_many(session, "index", [str(i) for i in (source.id, *moved.answers)], at=at)
