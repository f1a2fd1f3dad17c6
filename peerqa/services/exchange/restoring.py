"""A post as it was before an import changed it: written down, and restored by undoing."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.models import ImportedThing, Post, Question, Topic
from peerqa.services.exchange.waiting import Known
from peerqa.services.upkeep.edited import note_replaced

_SAID = ("title", "body")  # what a verified answer answers, and says
Before = dict[str, Any]  # what JSON can hold, by name; Any: of any kind


def write_down(post: Post, known: Known) -> Before:
    """Return what an update is going to change."""
    before: Before = {
        "body": post.body,
        "html": post.html,
        "plain": post.plain,
        "post_version": post.version,
        "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "state": known.state,
        "version": known.version,
    }
    if isinstance(post, Question):
        before |= {"title": post.title, "topics": [topic.id for topic in post.topics]}
    return before


def restore(
    session: Session, thing: ImportedThing, post: Post, before: Before, *, at: datetime
) -> None:
    """Give a post and what is remembered of it their former state back."""
    if "votes" in before:
        post.vote_count += before["votes"] - thing.vote_count
        thing.vote_count = before["votes"]
    if "body" in before:
        if any(before.get(each) not in (None, getattr(post, each, None)) for each in _SAID):
            note_replaced(session, post, at=at)
        post.body, post.html, post.plain = before["body"], before["html"], before["plain"]
        post.version = before["post_version"]
        edited_at = before["edited_at"]
        post.edited_at = datetime.fromisoformat(edited_at) if edited_at else None
        thing.state, thing.version = before["state"], before["version"]
    if isinstance(post, Question) and "title" in before:
        post.title = before["title"]
        post.topics = list(session.scalars(select(Topic).where(Topic.id.in_(before["topics"]))))
    session.flush()
