"""The stored passages of answers: which are out of date, what is encoded of them, and their rows.

They are known by one hash of the text they lie in, the recipe of their vectors and the question's
title. Offsets hold as long as the text does, so a look-up asks for no more; the worker makes
passages anew when any of the three has changed, and fill_gaps() does so after an upgrade.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from indexer.documents import cut
from indexer.passages import RECIPE, Quotable, is_of_title, mix, passages_hash, quotable
from peerqa.models import Sentence
from peerqa.search.texts import ANSWER, POST, QUESTION, PostText


@dataclass(frozen=True)
class AnswerPassages:
    """The passages of an answer, to be encoded and stored."""

    answer: PostText
    quotable: Sequence[Quotable]

    @property
    def texts(self) -> list[str]:
        """What is encoded: the title, every passage, every passage in its context."""
        return [
            cut(self.answer.asked.strip()),
            *(each.text for each in self.quotable),
            *(each.in_context for each in self.quotable),
        ]

    def rows(self, model: str, vectors: NDArray[np.float32]) -> list[dict[str, object]]:
        """Return what is stored, given the vectors of `texts`."""
        count = len(self.quotable)
        mixed = mix(vectors[0], vectors[1 : count + 1], vectors[count + 1 :])
        stored = passages_hash(self.answer.asked, self.answer.plain)
        return [
            {
                "post_id": self.answer.post_id,
                "model": model,
                "ordinal": ordinal,
                "start": each.span.start,
                "end": each.span.end,
                "text_hash": stored,
                "vector": vector.astype("<f2").tobytes(),
            }
            for ordinal, (each, vector) in enumerate(zip(self.quotable, mixed, strict=True))
        ]


def with_old_passages(
    session: Session, texts: Iterable[PostText], model: str
) -> list[AnswerPassages]:
    """Return the answers among them whose stored passages are not what would be stored now."""
    answers = [text for text in texts if text.is_quoted]
    rows = session.execute(
        select(Sentence.post_id, Sentence.text_hash).where(
            Sentence.post_id.in_([answer.post_id for answer in answers]),
            Sentence.model == model,
            Sentence.ordinal == 0,
        )
    )
    stored = {post_id: text_hash for post_id, text_hash in rows}
    return [
        AnswerPassages(answer, quotable(answer.asked, answer.plain))
        for answer in answers
        if (answer.plain.strip() or answer.post_id in stored)
        and stored.get(answer.post_id) != passages_hash(answer.asked, answer.plain)
    ]


def answers_under_new_titles(session: Session, post_ids: Sequence[int], model: str) -> list[int]:
    """Return the other answers to these posts whose passages were encoded under another title."""
    rows = session.execute(
        select(ANSWER.c.id, QUESTION.c.title, Sentence.text_hash)
        .join(QUESTION, QUESTION.c.id == ANSWER.c.question_id)
        .join(Sentence, Sentence.post_id == ANSWER.c.id)
        .where(
            ANSWER.c.question_id.in_(post_ids),
            ANSWER.c.id.not_in(post_ids),
            Sentence.model == model,
            Sentence.ordinal == 0,
        )
    )
    return [answer_id for answer_id, title, stored in rows if not is_of_title(stored, title)]


def is_of_old_recipe(model: str) -> ColumnElement[bool]:
    """Hold for a post whose passages were made by an older recipe."""
    return exists().where(
        Sentence.post_id == POST.c.id,
        Sentence.model == model,
        Sentence.ordinal == 0,
        Sentence.text_hash.not_like(f"%.{RECIPE}.%"),
    )


def store_passages(
    session: Session, model: str, post_ids: Sequence[int], rows: Sequence[dict[str, object]]
) -> None:
    """Store the passages of these answers, in place of what was stored of them."""
    session.execute(delete(Sentence).where(Sentence.post_id.in_(post_ids), Sentence.model == model))
    if rows:
        session.connection().execute(Sentence.__table__.insert(), rows)  # type: ignore[attr-defined]  # a Table
