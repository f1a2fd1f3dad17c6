"""What the API gives: shapes, and how each is made of the rows that the services return."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel

from peerqa.models import Answer, Comment, Member, Organization, Question, Revision, Space
from peerqa.services.insight import DEFINITION, SolvedFigure


class Named(BaseModel):
    """A person, space or organization that something refers to."""

    id: int
    name: str

    @classmethod
    def of(cls, thing: Member | Space | Organization) -> Self:
        """Show who or what it is."""
        return cls(id=thing.id, name=thing.name)

    @classmethod
    def author_of(cls, post: Question | Answer | Comment) -> Self | None:
        """Show who wrote the post; nobody, when the author has gone."""
        return cls.of(post.author) if post.author else None


class CommentShape(BaseModel):
    """A remark under a question or an answer."""

    id: int
    question: int
    parent: int
    author: Named | None
    pseudonym: str | None  # of who asked anonymously, here and under that question
    body: str
    html: str
    version: int
    created_at: datetime
    edited_at: datetime | None

    @classmethod
    def of(cls, comment: Comment) -> Self:
        """Show a comment."""
        return cls(
            id=comment.id,
            question=comment.question_id,
            parent=comment.parent_id,
            author=Named.author_of(comment),
            pseudonym=comment.question.pseudonym if comment.is_masked else None,
            body=comment.body,
            html=comment.html,
            version=comment.version,
            created_at=comment.created_at,
            edited_at=comment.edited_at,
        )


class RevisionShape(BaseModel):
    """The text of a post under one of its versions; an import has neither editor nor author."""

    version: int
    editor: Named | None
    is_by_author: bool
    why: str
    restored_version: int | None
    title: str
    topics: list[str]
    body: str
    created_at: datetime

    @classmethod
    def of(cls, revision: Revision) -> Self:
        """Show a revision."""
        return cls(
            version=revision.version,
            editor=Named.of(revision.editor) if revision.editor else None,
            is_by_author=revision.is_by_author,
            why=revision.why,
            restored_version=revision.restored_version,
            title=revision.title,
            topics=[name for name in revision.topics.split(", ") if name],
            body=revision.body,
            created_at=revision.created_at,
        )


class Revisions(BaseModel):
    """The versions of a post, newest first; of the present one it is said which."""

    post: int
    version: int
    revisions: list[RevisionShape]


class AnswerShape(BaseModel):
    """An answer, with the comments under it."""

    id: int
    question: int
    author: Named | None
    pseudonym: str | None  # of who asked anonymously, here and under that question
    body: str
    html: str
    version: int
    votes: int
    voted: bool
    accepted: bool
    verified_until: datetime | None
    verified_by: Named | None
    created_at: datetime
    edited_at: datetime | None
    comments: list[CommentShape]

    @classmethod
    def of(cls, answer: Answer, *, voted: bool, comments: Sequence[Comment]) -> Self:
        """Show an answer; its question must be loaded."""
        standing = answer.standing
        until = standing.verified_until if standing else None
        return cls(
            id=answer.id,
            question=answer.question_id,
            author=Named.author_of(answer),
            pseudonym=answer.question.pseudonym if answer.is_masked else None,
            body=answer.body,
            html=answer.html,
            version=answer.version,
            votes=answer.vote_count,
            voted=voted,
            accepted=answer.question.accepted_id == answer.id,
            verified_until=until,
            verified_by=Named.of(standing.verified_by)
            if until and standing and standing.verified_by
            else None,
            created_at=answer.created_at,
            edited_at=answer.edited_at,
            comments=[CommentShape.of(comment) for comment in comments],
        )


class QuestionRow(BaseModel):
    """A question in a list."""

    id: int
    url: str
    title: str
    space: Named
    author: Named | None
    pseudonym: str | None  # of who asked anonymously, here and under that question
    topics: list[str]
    visibility: Literal["organization", "space"]
    votes: int
    answer_count: int
    accepted: int | None
    created_at: datetime
    active_at: datetime

    @classmethod
    def of(cls, question: Question, *, address: str, **more: object) -> Self:
        """Show a question; `more` are the fields of a shape that builds on this one."""
        return cls.model_validate(
            {
                "id": question.id,
                "url": f"{address}/questions/{question.id}",
                "title": question.title,
                "space": Named.of(question.space),
                "author": Named.author_of(question),
                "pseudonym": question.pseudonym,
                "topics": sorted(topic.name for topic in question.topics),
                "visibility": question.visibility,
                "votes": question.vote_count,
                "answer_count": question.answer_count,
                "accepted": question.accepted_id,
                "created_at": question.created_at,
                "active_at": question.active_at,
                **more,
            }
        )


class QuestionShape(QuestionRow):
    """A question with all that stands under it."""

    body: str
    html: str
    version: int
    voted: bool
    edited_at: datetime | None
    duplicate_of: int | None
    is_merged: bool  # its answers are at duplicate_of, which takes what is sent here
    comments: list[CommentShape]
    answers: list[AnswerShape]


class QuestionPage(BaseModel):
    """Questions, and the `after` of the next page when there is one."""

    questions: list[QuestionRow]
    next: str | None


class VoteShape(BaseModel):
    """The votes of a post, one's own among them or not."""

    post: int
    votes: int
    voted: bool


class AcceptanceShape(BaseModel):
    """Which answer solved the question, if any."""

    question: int
    accepted: int | None


class HitShape(BaseModel):
    """An earlier question that a look-up found; made by search.as_json, described here."""

    question: int
    title: str
    url: str
    probability: float | None
    state: Literal["very_likely", "possibly"] | None
    answer: int | None
    sentence: str | None
    kind: Literal["question", "guide"]
    verified: bool


class FoundShape(BaseModel):
    """Hits that claim to answer, and related questions that claim nothing."""

    hits: list[HitShape]
    related: list[HitShape]
    by_words_only: bool


class ResultsShape(FoundShape):
    """A page of search results, and the `start` of the next when there is one."""

    next: int | None


class SpaceShape(Named):
    """A space that the member may see, and what the member is in it."""

    description: str
    visibility: Literal["organization", "space"]
    role: Literal["learner", "steward"] | None

    @classmethod
    def of_space(cls, space: Space, *, role: str | None) -> Self:
        """Show a space."""
        return cls.model_validate(
            {
                "id": space.id,
                "name": space.name,
                "description": space.description,
                "visibility": space.visibility,
                "role": role,
            }
        )


class Spaces(BaseModel):
    """The spaces that the member may see, by name."""

    spaces: list[SpaceShape]


class Me(Named):
    """The member that the token acts as."""

    email: str | None
    department: str | None
    is_admin: bool
    organization: Named


class SolvedShape(BaseModel):
    """What was solved without asking in a time, and what became of look-ups in it."""

    since: datetime
    until: datetime
    solved: int
    questions: int
    look_ups: int
    posted: int
    abandoned: int
    definition: str

    @classmethod
    def of(cls, figure: SolvedFigure) -> Self:
        """Give the figure, with its definition in English."""
        return cls(**asdict(figure), definition=str(DEFINITION))
