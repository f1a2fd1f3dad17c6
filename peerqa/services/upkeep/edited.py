"""What another text, question or kind does to a verified answer and its place in the queue."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.models import Answer, Comment, Member, Post, Question, Review, Standing
from peerqa.permissions import may, question_of, wears_mask
from peerqa.services.upkeep.reviews import TOPIC, ask_for_review, end_review
from peerqa.services.upkeep.standings import find_standing


def keeps_by_edit(post: Post, by: Member) -> bool:
    """Whether a verified post stays so when this person edits it: they could verify it too.

    Not under a question of their own without a name: that they can would say who they are.
    """
    return may(by, "verify", post) and not wears_mask(by, question_of(post))


def note_edit(session: Session, post: Post, *, by: Member, at: datetime) -> None:
    """Let a verified post have another text: whoever could verify it vouches for what they wrote.

    By anybody else's edit it is verified no more; the day stays, and whoever keeps it is asked.
    """
    if isinstance(post, Comment | Question):
        return
    standing = find_standing(session, post)
    is_verified = standing is not None and standing.verified_until is not None
    is_ended = is_verified and not keeps_by_edit(post, by)
    if is_ended or session.get(Review, post.id) is not None:
        ask_for_review(session, post.id, at=at)
    if standing is None or not is_verified:
        return
    if is_ended:
        standing.verified_until = None
    else:
        standing.verified_by_id, standing.verified_at = by.id, at
    session.flush()
    session.expire(post, ["standing"])


def note_reworded(session: Session, question: Question, *, by: Member, at: datetime) -> None:
    """Let a question ask something else: what was verified under it answered what it asked before.

    Whoever could verify the answers stands for them, as with their text. The question is held.
    """
    if not keeps_by_edit(question, by):
        end_vouching(session, _answers_of(question), at=at)


def note_replaced(session: Session, post: Post, *, at: datetime) -> None:
    """Let a text be another one that nobody here vouches for: it came, or went, with an import."""
    if isinstance(post, Question):
        end_vouching(session, _answers_of(post), at=at)
    elif isinstance(post, Answer):
        end_vouching(session, [post.id], at=at)


def end_vouching(
    session: Session, answer_ids: Collection[int] | Select[int], *, at: datetime
) -> None:
    """Let these answers be verified no more; the day stays, and whoever keeps them is asked."""
    ended = stop_vouching(session, answer_ids)
    outbox.ask_many(session, TOPIC, [str(answer_id) for answer_id in ended], at=at)


def stop_vouching(session: Session, answer_ids: Collection[int] | Select[int]) -> Sequence[int]:
    """Let these answers be verified no more, and return those that were; nobody is asked."""
    return session.scalars(
        update(Standing)
        .where(Standing.post_id.in_(answer_ids), Standing.verified_until.is_not(None))
        .values(verified_until=None)
        .returning(Standing.post_id)
    ).all()


def _answers_of(question: Question) -> Select[int]:
    return select(Answer.__table__.c.id).where(Answer.__table__.c.question_id == question.id)


def forget_standing(session: Session, answer: Answer) -> None:
    """Take the row away with what it is about; the answer becomes another kind of post."""
    end_review(session, answer.id)
    standing = find_standing(session, answer)
    if standing is not None:
        session.delete(standing)
        session.flush()
