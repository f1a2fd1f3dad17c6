"""Topics for a question that is being written: those of earlier questions near it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.models import QuestionTopic, Topic
from peerqa.services.topics import MAX_TOPICS


def suggest_topics(session: Session, question_ids: Sequence[int]) -> list[str]:
    """Return the topics of these questions, the first question's first; each once.

    Args:
        question_ids: that the person may see, the nearest first.
    """
    if not question_ids:
        return []
    rows = session.execute(
        select(QuestionTopic.question_id, Topic.name)
        .join(Topic, Topic.id == QuestionTopic.topic_id)
        .where(QuestionTopic.question_id.in_(question_ids))
    )
    place = {question_id: at for at, question_id in enumerate(question_ids)}
    near = sorted((place[question_id], name) for question_id, name in rows)
    return list(dict.fromkeys(name for _, name in near))[:MAX_TOPICS]
