"""R4, news: what comes while older news is being read is neither lost nor told twice."""

import threading

from sqlalchemy import event

from peerqa.database import db, transaction
from peerqa.models import Notification, Question
from peerqa.services import answers, notifications
from tests.conftest import NOON
from tests.reliability.arena import Arena, Stage, count, load

A_MOMENT_SECONDS = 1.0  # enough to mark as read, unless the database makes it wait


def test_news_that_comes_while_older_news_is_marked_as_read_is_not_lost(arena: Arena, stage: Stage):
    def mark_read() -> None:
        with arena.app.app_context(), transaction() as session:
            notifications.mark_read(session, load(session, stage.alice), at=NOON)

    reading = threading.Thread(target=mark_read)

    def read_now(*call) -> None:
        if "INTO notification" in call[2] and reading.ident is None:
            reading.start()
            reading.join(A_MOMENT_SECONDS)

    with arena.app.app_context():
        event.listen(db.engine, "after_cursor_execute", read_now)
        try:
            with transaction() as session:
                question = session.get_one(Question, stage.question)
                bob = load(session, stage.bob)
                newer = answers.post_answer(
                    session, question=question, author=bob, body="Two.", at=NOON
                )
                newer_id = newer.id
        finally:
            event.remove(db.engine, "after_cursor_execute", read_now)
    reading.join(60)

    assert count(arena, Notification.post_id == newer_id) == 1
