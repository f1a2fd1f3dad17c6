"""A company in which everything that people can write is a vector."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from peerqa.errors import Invalid
from peerqa.models import Member, OutboxRow, Question
from peerqa.services import answers, comments, members, organizations, questions, spaces
from peerqa.services.topics import read_topic_names
from tests.browser.vectors import VECTORS

HALLS = 8  # questions that all vectors stand under, as answers and in comments
COMMENTS_EVERY = 5  # answers; a comment holds as many vectors
PARAGRAPHS = 4  # vectors in an answer under the other questions


@dataclass(frozen=True)
class HostileCompany:
    people: dict[str, int]
    halls: list[int]
    titles: dict[int, str]  # of all questions, by id
    members: list[int]  # who say something about themselves
    topics: list[str]


def found(session: Session, *, at: datetime) -> HostileCompany:
    organization = organizations.make_organization(session, name=VECTORS[0], at=at)
    space = spaces.make_space(
        session, organization=organization, name=VECTORS[1], description=VECTORS[2], at=at
    )
    ana = members.create_member(session, organization=organization, name="Ana", at=at)
    people = [
        members.create_member(session, organization=organization, name=name, at=at)
        for name in (" ".join(text.split()) for text in VECTORS)
    ]
    abouts = list(pack(VECTORS, 1900, "\n"))
    for person, about in zip(people, abouts, strict=False):
        members.update_profile(session, member=person, about=about)
        members.set_department(session, member=person, name=person.name)
    topic_names = list(_usable_topics())
    titles = [" ".join(text.split()) for text in pack(VECTORS, 150, " ")]
    bodies = list(pack(VECTORS, 1500, "\n\n"))
    asked = [
        questions.post_question(
            session,
            space=space,
            author=people[place] if place < HALLS else ana,
            title=title,
            body=bodies[place % len(bodies)],
            topic_names=topic_names[place * 2 % len(topic_names) :][:2],
            at=at,
        )
        for place, title in enumerate(titles)
        if len(title) >= 5
    ]
    _fill_halls(session, asked[:HALLS], people, at=at)
    _answer_the_others(session, asked[HALLS:], people, at=at)
    return HostileCompany(
        {"Ana": ana.id},
        [question.id for question in asked[:HALLS]],
        {question.id: question.title for question in asked},
        [person.id for person in people[: len(abouts)]],
        topic_names,
    )


def _fill_halls(
    session: Session, halls: Sequence[Question], people: Sequence[Member], *, at: datetime
) -> None:
    for place, text in enumerate(VECTORS):
        answer = answers.post_answer(
            session,
            question=halls[place % HALLS],
            author=people[place],
            body=text.replace("\x00", "") + "\n\nend",
            at=at,
        )
        if place % COMMENTS_EVERY == 0:
            body = "\n\n".join(VECTORS[place : place + COMMENTS_EVERY])
            comments.post_comment(session, parent=answer, author=people[-place], body=body, at=at)
    # They are read, not found: indexing them would only take time.
    session.flush()
    session.execute(delete(OutboxRow))


def _answer_the_others(
    session: Session, asked: Sequence[Question], people: Sequence[Member], *, at: datetime
) -> None:
    for place, question in enumerate(asked):
        first = place * PARAGRAPHS % len(VECTORS)
        answers.post_answer(
            session,
            question=question,
            author=people[place % len(people)],
            body="\n\n".join(VECTORS[first : first + PARAGRAPHS]),
            at=at,
        )


def _usable_topics() -> Iterator[str]:
    seen = set()
    for text in VECTORS:
        try:
            names = read_topic_names(text)
        except Invalid:
            continue
        yield from (name for name in names if name not in seen)
        seen.update(names)


def pack(texts: Iterable[str], most: int, between: str) -> Iterator[str]:
    """Join texts up to a length."""
    joined = ""
    for text in texts:
        if joined and len(joined) + len(between) + len(text) > most:
            yield joined
            joined = ""
        joined = joined + between + text if joined else text
    yield joined
