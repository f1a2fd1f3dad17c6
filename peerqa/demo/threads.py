"""Threads happen again: every post, comment and acceptance at its own time, the oldest first.

So inboxes and orders are as if the company had lived. Only votes are written as rows, without the
use case: there are more than a thousand, and nobody is told of them.
"""

import heapq
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from peerqa.demo.shapes import Company, Remark, Reply, Thread
from peerqa.models import Answer, Member, Question, Space, Vote
from peerqa.services import answers, comments, questions

Act = Callable[[], "Sequence[Event]"]  # what happens; returns what follows from it


@dataclass(frozen=True)
class Event:
    """Something that happens at an instant."""

    at: datetime
    act: Act


@dataclass(frozen=True)
class Scene:
    """Where everything happens: people, spaces and questions by their names in the text."""

    session: Session
    now: datetime
    company: Company
    spaces: Mapping[str, Space]
    members: Mapping[str, Member]
    questions: dict[str, Question]

    def soon_after(self, at: datetime, name: str) -> datetime:
        """Return an instant within the following day, the same for the same name."""
        pause = timedelta(minutes=20 + zlib.crc32(name.encode()) % 1300)
        return min(at + pause, self.now)


def play(scene: Scene, thread: Thread) -> Question:
    """Ask the question, and let happen what happened then."""
    question = questions.post_question(
        scene.session,
        space=scene.spaces[thread.space],
        author=scene.members[thread.by],
        title=thread.title,
        body=thread.body,
        topic_names=thread.topics,
        at=scene.now - thread.ago,
    )
    _vote(scene, question, thread.same)
    _happen(
        [
            *(_remark(scene, question, remark) for remark in thread.remarks),
            *(_reply(scene, question, reply) for reply in thread.replies),
        ]
    )
    return question


def link_duplicate(scene: Scene, thread: Thread) -> None:
    """Have a steward of its space mark the thread as a duplicate, when it is one."""
    if thread.duplicate_of is None:
        return
    question = scene.questions[thread.key]
    people = scene.company.people.values()
    steward = next(person for person in people if thread.space in person.steward_of)
    questions.mark_duplicate(
        scene.session,
        question=question,
        of=scene.questions[thread.duplicate_of],
        by=scene.members[steward.key],
        at=scene.soon_after(question.created_at, thread.key),
    )


def _happen(events: Sequence[Event]) -> None:
    order = count()  # two events of one instant keep the order of the text
    queue = [(event.at, next(order), event) for event in events]
    heapq.heapify(queue)
    while queue:
        for following in heapq.heappop(queue)[2].act():
            heapq.heappush(queue, (following.at, next(order), following))


def _reply(scene: Scene, question: Question, reply: Reply) -> Event:
    at = scene.now - reply.ago

    def act() -> list[Event]:
        answer = answers.post_answer(
            scene.session,
            question=question,
            author=scene.members[reply.by],
            body=reply.body,
            at=at,
        )
        _vote(scene, answer, reply.helped)
        following = [_remark(scene, answer, remark) for remark in reply.remarks]
        if reply.is_accepted:
            following.append(_acceptance(scene, question, answer))
        return following

    return Event(at, act)


def _acceptance(scene: Scene, question: Question, answer: Answer) -> Event:
    assert question.author is not None, "nobody here is anonymous"
    asker = question.author
    at = scene.soon_after(answer.created_at, f"{question.title} is solved")

    def act() -> list[Event]:
        answers.accept_answer(scene.session, answer=answer, by=asker, at=at)
        return []

    return Event(at, act)


def _remark(scene: Scene, parent: Question | Answer, remark: Remark) -> Event:
    at = scene.now - remark.ago

    def act() -> list[Event]:
        comments.post_comment(
            scene.session,
            parent=parent,
            author=scene.members[remark.by],
            body=remark.text,
            at=at,
        )
        return []

    return Event(at, act)


def _vote(scene: Scene, post: Question | Answer, keys: Sequence[str]) -> None:
    scene.session.add_all(
        Vote(
            post_id=post.id,
            member_id=scene.members[key].id,
            created_at=scene.soon_after(post.created_at, f"{key} {post.id}"),
        )
        for key in keys
    )
    post.vote_count = len(keys)
