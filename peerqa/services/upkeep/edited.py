"""What an edit, or a change of kind, does to a verified answer and to its place in the queue."""

from datetime import datetime

from sqlalchemy.orm import Session

from peerqa.models import Answer, Comment, Member, Post, Question, Review
from peerqa.permissions import may, question_of, wears_mask
from peerqa.services.upkeep.reviews import ask_for_review, end_review
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
    if session.get(Review, post.id) is not None:
        ask_for_review(session, post.id, at=at)
    standing = find_standing(session, post)
    if standing is None or standing.verified_until is None:
        return
    if keeps_by_edit(post, by):
        standing.verified_by_id, standing.verified_at = by.id, at
    else:
        standing.verified_until = None
        ask_for_review(session, post.id, at=at)
    session.flush()
    session.expire(post, ["standing"])


def forget_standing(session: Session, answer: Answer) -> None:
    """Take the row away with what it is about; the answer becomes another kind of post."""
    end_review(session, answer.id)
    standing = find_standing(session, answer)
    if standing is not None:
        session.delete(standing)
        session.flush()
