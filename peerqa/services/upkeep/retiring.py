"""Retired: what was right once. It stays readable, says so, and is quoted to nobody."""

from datetime import datetime

from sqlalchemy.orm import Session

from peerqa.database import one_line
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.models import Answer, Member, Question
from peerqa.permissions import may
from peerqa.services import audit, notifications
from peerqa.services.answering.stand_in import hold_thread
from peerqa.services.upkeep.reviews import ask_for_review, end_review
from peerqa.services.upkeep.standings import find_standing, make_standing

MAX_WHY = 300
NOT_YOURS = N_("Only stewards, and who keeps one of its topics, can retire this.")


def retire_post(
    session: Session, *, post: Question | Answer, by: Member, why: str, at: datetime
) -> None:
    """Say that an answer, or all of a question, is history; its author hears of it. Harmless twice.

    Raises:
        NotAllowed: the person keeps neither its space nor one of its topics.
        NotFound: it was taken back at this moment.
        Invalid: the reason is too long.
    """
    if not may(by, "retire", post):
        raise NotAllowed(NOT_YOURS, post=post.id)
    why = one_line(why)
    if len(why) > MAX_WHY:
        raise Invalid(
            N_("Use at most %(most)s characters. More fits in a comment."),
            field="why",
            most=MAX_WHY,
        )
    hold_thread(session, post)
    if post.deleted_at is not None:
        raise NotFound(N_("This was deleted meanwhile; there is nothing to retire."), post=post.id)
    standing = make_standing(session, post)
    if standing.retired_at is None:
        standing.retired_by_id, standing.retired_at, standing.retired_why = by.id, at, why
        standing.verified_until = None
        session.flush()
        audit.record(session, "post.retired", by=by, thing=post, why=why, at=at)
        notifications.notify_author(session, post, reason="retired", by=by, at=at)
    if isinstance(post, Answer):
        end_review(session, post.id)
    session.expire(post, ["standing"])


def bring_back(session: Session, *, post: Question | Answer, by: Member, at: datetime) -> None:
    """Let it stand as right again, without anybody vouching for it. Harmless twice.

    Raises:
        NotAllowed: the person keeps neither its space nor one of its topics.
    """
    if not may(by, "retire", post):
        raise NotAllowed(NOT_YOURS, post=post.id)
    hold_thread(session, post)
    standing = find_standing(session, post)
    if standing is not None and standing.retired_at is not None:
        standing.retired_by_id, standing.retired_at, standing.retired_why = None, None, ""
        session.flush()
        audit.record(session, "post.brought_back", by=by, thing=post, at=at)
        if isinstance(post, Answer):
            ask_for_review(session, post.id, at=at)
    session.expire(post, ["standing"])
