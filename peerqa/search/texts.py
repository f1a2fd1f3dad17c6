"""The texts that are found: of questions and answers that are in sight."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from indexer.documents import Document, answer_document, question_documents
from peerqa.models import Answer, Organization, Post, Question
from peerqa.search.words import WordRow

POST = Post.__table__
QUESTION = Question.__table__
ANSWER = Answer.__table__


@dataclass(frozen=True)
class PostText:
    """What is indexed of a question or an answer."""

    post_id: int
    question_id: int
    organization_id: int
    language: str
    title: str  # empty for an answer
    asked: str  # the title of the question, for an answer too
    plain: str
    is_guide: bool = False

    @property
    def is_quoted(self) -> bool:
        """Whether passages of it are shown: of answers, and of guides."""
        return self.is_answer or self.is_guide

    @property
    def is_answer(self) -> bool:
        """Whether it is an answer; it counts for its question."""
        return self.post_id != self.question_id

    @property
    def documents(self) -> list[Document]:
        """The texts that get a vector each."""
        if self.is_answer:
            return [answer_document(self.post_id, self.question_id, self.plain)]
        return question_documents(self.post_id, self.title, self.plain)

    @property
    def words(self) -> WordRow:
        """The words that are stored of it."""
        return WordRow(self.post_id, self.organization_id, self.title, self.plain, self.language)


def read_texts(session: Session, post_ids: Sequence[int]) -> list[PostText]:
    """Return those of the posts that are in sight and indexed; comments are not."""
    rows = session.execute(in_sight().where(POST.c.id.in_(post_ids)))
    return [
        PostText(
            post_id,
            owner,
            organization_id,
            language,
            title if post_id == owner else "",
            title,
            plain,
            kind == "guide",
        )
        for post_id, owner, organization_id, language, title, plain, kind in rows
    ]


def in_sight() -> Select[int, int, int, str, str, str, str]:
    """Select what is indexed: id, question, organization, language, title, plain, kind."""
    asked = POST.alias("asked")
    return (
        select(
            POST.c.id,
            QUESTION.c.id,
            POST.c.organization_id,
            Organization.language,
            QUESTION.c.title,
            POST.c.plain,
            POST.c.kind,
        )
        .select_from(POST)
        .outerjoin(ANSWER, ANSWER.c.id == POST.c.id)
        .join(QUESTION, QUESTION.c.id == func.coalesce(ANSWER.c.question_id, POST.c.id))
        .join(asked, asked.c.id == QUESTION.c.id)
        .join(Organization, Organization.id == POST.c.organization_id)
        .where(
            POST.c.kind.in_(("question", "answer", "guide")),
            POST.c.deleted_at.is_(None),
            asked.c.deleted_at.is_(None),
        )
    )
