"""Votes set a value and never toggle, so a double click says the same thing twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from peerqa.database import insert_once
from peerqa.errors import N_, NotAllowed
from peerqa.models import Answer, Member, Post, Question, Vote
from peerqa.permissions import may
from peerqa.services.recognition import ledger


def set_vote(
    session: Session, *, post: Question | Answer, by: Member, wanted: bool, at: datetime
) -> bool:
    """Say "I have this too" or "helped me too", or take it back.

    Returns:
        Whether anything changed: of sixteen clicks at once, one does.

    Raises:
        NotAllowed: it is the person's own post.
    """
    if not may(by, "vote", post):
        raise NotAllowed(N_("This one is your own."), post=post.id)
    if wanted:
        changed = insert_once(session, Vote, post_id=post.id, member_id=by.id, created_at=at)
    else:
        gone = session.execute(delete(Vote).where(Vote.post_id == post.id, Vote.member_id == by.id))
        changed = gone.rowcount == 1  # type: ignore[attr-defined]  # a CursorResult
    if changed:
        session.execute(
            update(Post)
            .where(Post.id == post.id)
            .values(vote_count=Post.vote_count + (1 if wanted else -1)),
            execution_options={"synchronize_session": False},
        )
        ledger.settle(session, [post.id], why=ledger.Why.WITHDRAWN, at=at)
    session.refresh(post, ["vote_count"])  # another click of this person's may have come first
    return changed


def list_own_votes(session: Session, member: Member, post_ids: Sequence[int]) -> set[int]:
    """Return which of these posts the member voted for."""
    return set(
        session.scalars(
            select(Vote.post_id).where(Vote.member_id == member.id, Vote.post_id.in_(post_ids))
        )
    )
