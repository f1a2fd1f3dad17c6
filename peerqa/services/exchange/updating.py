"""What was imported before: changed where the source changed, left alone where people edited it."""

from collections.abc import Sequence

from sqlalchemy import func, select, update

from peerqa import outbox
from peerqa.models import Answer, Comment, Post, Question, Topic
from peerqa.services.exchange.report import Count, Notice
from peerqa.services.exchange.restoring import Before, write_down
from peerqa.services.exchange.waiting import Known, Waiting
from peerqa.services.exchange.writing import Writing
from peerqa.services.upkeep.edited import note_replaced


def update_present(writing: Writing) -> None:
    """Bring the posts that are here to what the source says now."""
    tables: tuple[tuple[type[Post], str, Count], ...] = (
        (Question, "question", writing.report.questions),
        (Answer, "answer", writing.report.answers),
        (Comment, "comment", writing.report.comments),
    )
    for table, kind, count in tables:
        for chunk in writing.spool.present(kind):
            _update(writing, table, chunk, count)
            if table is Question:
                _notice_elsewhere(writing, chunk)


def _update(writing: Writing, table: type[Post], chunk: Sequence[Waiting], count: Count) -> None:
    changed = {w.known.thing_id for w in chunk if w.known and w.known.state != w.state}
    found = writing.session.scalars(select(table).where(table.id.in_(changed))) if changed else ()
    posts = {post.id: post for post in found}
    for waiting in chunk:
        known = waiting.known
        assert known is not None, "present() yields what is known"
        post = posts.get(known.thing_id)
        before = _update_votes(writing, waiting, known)
        if known.state == waiting.state:
            count.unchanged += 1
        elif post is None or post.version != known.version or post.deleted_at is not None:
            count.kept += 1
        else:
            before |= _update_text(writing, post, waiting, known)
            count.updated += 1
            known = Known(**(vars(known) | {"state": waiting.state, "version": post.version}))
        if before:
            writing.changed(
                known, before,
                state=known.state, version=known.version, vote_count=waiting.votes,
            )  # fmt: skip


def _update_votes(writing: Writing, waiting: Waiting, known: Known) -> Before:
    """Add what the imported votes rose by; votes that were given here stay."""
    votes = writing.report.votes
    rise = waiting.votes - known.votes
    votes.unchanged += min(waiting.votes, known.votes)
    votes.added += max(rise, 0)
    votes.updated += max(-rise, 0)
    if rise == 0:
        return {}
    writing.session.execute(
        update(Post).where(Post.id == known.thing_id).values(vote_count=Post.vote_count + rise),
        execution_options={"synchronize_session": False},
    )
    return {"votes": known.votes}


def _update_text(writing: Writing, post: Post, waiting: Waiting, known: Known) -> Before:
    before = write_down(post, known)
    if (post.body, getattr(post, "title", "")) != (waiting.body, waiting.title or ""):
        note_replaced(writing.session, post, at=writing.at)
    post.body, post.html, post.plain = waiting.body, waiting.html, waiting.plain
    if isinstance(post, Question):
        post.title = waiting.title
        ids = {writing.topics[name] for name in writing.spool.topics_of(waiting.ref)}
        post.topics = list(writing.session.scalars(select(Topic).where(Topic.id.in_(ids))))
    post.version += 1
    post.edited_at = waiting.edited_at or writing.at
    writing.session.flush()
    if not isinstance(post, Comment):
        outbox.ask(writing.session, "index", str(post.id), at=writing.at)
    return before


def _notice_elsewhere(writing: Writing, chunk: Sequence[Waiting]) -> None:
    ids = [waiting.known.thing_id for waiting in chunk if waiting.known]
    count = writing.session.scalar(
        select(func.count())
        .select_from(Question)
        .where(Question.id.in_(ids), Question.space_id != writing.space.id)
    )
    writing.spool.notice(Notice.ELSEWHERE, count or 0)
