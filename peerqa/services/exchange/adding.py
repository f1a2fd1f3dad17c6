"""The posts that are new here, in bulk."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, case, select, update

from peerqa import outbox
from peerqa.models import Answer, Comment, Post, Question, QuestionTopic, Topic
from peerqa.models.space import Visibility
from peerqa.services.exchange.report import Count
from peerqa.services.exchange.waiting import Waiting
from peerqa.services.exchange.writing import Brought, Values, Writing
from peerqa.services.topics import make_topics


def place_topics(writing: Writing) -> None:
    """Find or make the topics that are needed; a synonym gives its topic."""
    session, organization_id = writing.session, writing.organization_id
    before = set(session.scalars(select(Topic.id).where(Topic.organization_id == organization_id)))
    names = writing.spool.topic_names()
    for name in (name for name, is_needed in names.items() if is_needed):
        writing.topics[name] = make_topics(session, organization_id, [name])[0].id
    made = {name: i for name, i in writing.topics.items() if i not in before}
    for name in made:
        if known := writing.spool.known("topic", name):
            writing.forget(known)
    writing.added("topic", [Brought(name, topic_id) for name, topic_id in made.items()])
    writing.report.topics.added = len(made)
    writing.report.topics.unchanged = len(names) - len(made)


def add_questions(writing: Writing) -> None:
    """Write the new questions with their topics."""
    visibility = Visibility.ORGANIZATION
    if writing.space.visibility == Visibility.SPACE:
        visibility = Visibility.SPACE
    for chunk in writing.spool.new("question"):
        rows = [
            _post(writing, waiting)
            | {
                "space_id": writing.space.id,
                "title": waiting.title,
                "visibility": visibility.value,
                "answer_count": 0,
                "active_at": waiting.created_at or writing.at,
            }
            for waiting in chunk
        ]
        ids = _insert(writing, Question, chunk, rows)
        links: list[Values] = [
            {"question_id": question_id, "topic_id": topic_id}
            for waiting, question_id in zip(chunk, ids, strict=True)
            for topic_id in {writing.topics[name] for name in writing.spool.topics_of(waiting.ref)}
        ]
        writing.insert(QuestionTopic, links)
        _index(writing, ids)
        _count(writing, writing.report.questions, chunk)


def add_answers(writing: Writing) -> None:
    """Write the new answers, and count them at their questions."""
    counts: Counter[int] = Counter()
    latest: dict[int, datetime] = {}
    for chunk in writing.spool.new("answer"):
        rows = [_post(writing, w) | {"question_id": w.parent_id, "solved_count": 0} for w in chunk]
        for row in rows:
            question_id, at = row["question_id"], row["created_at"]
            counts[question_id] += 1
            latest[question_id] = max(at, latest.get(question_id, at))
        _index(writing, _insert(writing, Answer, chunk, rows))
        _count(writing, writing.report.answers, chunk)
    table = Question.__table__
    writing.execute(
        update(table)  # type: ignore[arg-type]  # a Table
        .where(table.c.id == bindparam("question_id"))
        .values(
            answer_count=table.c.answer_count + bindparam("more"),
            active_at=case(
                (table.c.active_at < bindparam("latest"), bindparam("latest")),
                else_=table.c.active_at,
            ),
        ),
        [
            {"question_id": question_id, "more": count, "latest": latest[question_id]}
            for question_id, count in counts.items()
        ],
    )


def add_comments(writing: Writing) -> None:
    """Write the new comments."""
    for chunk in writing.spool.new("comment"):
        rows = [
            _post(writing, w) | {"parent_id": w.parent_id, "question_id": w.thread_id}
            for w in chunk
        ]
        _insert(writing, Comment, chunk, rows)
        _count(writing, writing.report.comments, chunk)


def _post(writing: Writing, waiting: Waiting) -> Values:
    return {
        "kind": waiting.kind,
        "organization_id": writing.organization_id,
        "author_id": writing.members[waiting.author] if waiting.author else None,
        "body": waiting.body,
        "html": waiting.html,
        "plain": waiting.plain,
        "created_at": waiting.created_at or writing.at,
        "edited_at": waiting.edited_at,
        "version": 1,
        "vote_count": waiting.votes,
    }


def _insert(
    writing: Writing, model: type[Post], chunk: Sequence[Waiting], rows: Sequence[Values]
) -> Sequence[int]:
    """Insert into the table of all posts, and into that of their kind."""
    ids = writing.take_ids(Post, len(rows))
    rows = [row | {"id": post_id} for row, post_id in zip(rows, ids, strict=True)]
    for part in (Post, model):
        columns = part.__table__.columns.keys()
        writing.insert(part, [{k: v for k, v in row.items() if k in columns} for row in rows])
    writing.spool.place((w.ref, post_id) for w, post_id in zip(chunk, ids, strict=True))
    pairs = zip(chunk, ids, strict=True)
    writing.added(chunk[0].kind, [Brought(w.external_id, i, w.state, w.votes) for w, i in pairs])
    return ids


def _index(writing: Writing, ids: Sequence[int]) -> None:
    outbox.ask_many(writing.session, "index", [str(i) for i in ids], at=writing.at)


def _count(writing: Writing, count: Count, chunk: Sequence[Waiting]) -> None:
    count.added += len(chunk)
    writing.report.votes.added += sum(waiting.votes for waiting in chunk)
