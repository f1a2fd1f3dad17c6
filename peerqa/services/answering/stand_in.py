"""Which question takes what is sent to a question's address: where it was merged into."""

from typing import TypeVar

from sqlalchemy.orm import Session

from peerqa.database import hold
from peerqa.errors import N_, NotFound
from peerqa.models import Answer, Comment, Member, Question
from peerqa.permissions import may, question_of

MOST_STEPS = 20  # of merges behind one another


Aimed = TypeVar("Aimed", Question, Question | Answer)


def stand_in(session: Session, post: Aimed, member: Member) -> Aimed:
    """Return what takes what is sent to a post's address: of a question, where it was merged into.

    Raises:
        NotFound: that is out of the member's sight.
    """
    if isinstance(post, Answer):
        return post
    question: Question = post
    for _ in range(MOST_STEPS):
        if question.merged_at is None or question.duplicate_of_id is None:
            return question
        question = session.get_one(Question, question.duplicate_of_id)
        if not may(member, "see", question):
            raise NotFound(N_("There is no such question."), question=question.id)
    return question


def hold_stand_in(session: Session, question: Question, member: Member) -> Question:
    """Hold a question, or the one that it was merged into meanwhile."""
    while True:
        hold(session, question)
        found = stand_in(session, question, member)
        if found is question:
            return question
        question = found


def hold_thread(session: Session, post: Question | Answer | Comment) -> Question:
    """Hold a post and its question, which may have become another one by a merge meanwhile."""
    while True:
        question = question_of(post)
        hold(session, question)
        if post is question:
            return question
        hold(session, post)
        if question_of(post) is question:
            return question
