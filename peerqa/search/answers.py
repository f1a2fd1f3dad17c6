"""For hits that are shown: their best answer, and its passage nearest to what was typed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from indexer.passages import is_of_text, nearest
from indexer.sentences import split
from peerqa.models import Answer, Guide, Member, Question, Sentence
from peerqa.search.hits import FoundAnswer, Hit, Passage
from peerqa.services.upkeep.standings import is_retired, is_vouched_for

_ROW = Sentence.__table__.c
_PASSAGES = (
    select(_ROW.post_id, _ROW.start, _ROW.end, _ROW.text_hash, _ROW.vector)
    .where(_ROW.post_id.in_(bindparam("posts", expanding=True)), _ROW.model == bindparam("model"))
    .order_by(_ROW.post_id, _ROW.ordinal)
)


def _best() -> Select[int, int, str, int, str, bool]:
    """Make the statement once: making it takes longer than running it."""
    thread = Question.__table__.alias("thread")
    order = func.row_number().over(
        partition_by=Answer.question_id,
        order_by=(
            case((Answer.id == thread.c.accepted_id, 0), else_=1),
            (Answer.vote_count + Answer.solved_count).desc(),
            Answer.id,
        ),
    )
    ranked = (
        select(Answer.id, order.label("place"))
        .join(thread, thread.c.id == Answer.question_id)
        .where(
            Answer.question_id.in_(bindparam("questions", expanding=True)),
            Answer.deleted_at.is_(None),
            ~is_retired(Answer.id),
            ~is_retired(Answer.question_id),
        )
        .subquery()
    )
    return (
        select(
            Answer.id,
            Answer.question_id,
            Answer.plain,
            Answer.vote_count + Answer.solved_count,
            Member.name,
            is_vouched_for(Answer.id),
        )
        .join(ranked, ranked.c.id == Answer.id)
        .outerjoin(Member, Member.id == Answer.author_id)
        .where(ranked.c.place == 1)
    )


_BEST = _best()


def best_answers(session: Session, question_ids: Sequence[int]) -> dict[int, FoundAnswer]:
    """Return the accepted answer of each question, else the one that helped most; none retired."""
    if not question_ids:
        return {}
    rows = session.execute(_BEST, {"questions": question_ids})
    return {row[1]: FoundAnswer(*row) for row in rows}


def guide_texts(session: Session, guide_ids: Sequence[int]) -> dict[int, FoundAnswer]:
    """Return the text of each guide, which is its own answer."""
    if not guide_ids:
        return {}
    rows = session.execute(
        select(Guide.id, Guide.plain, Guide.vote_count, Member.name)
        .outerjoin(Member, Member.id == Guide.author_id)
        .where(Guide.id.in_(guide_ids))
    )
    return {row[0]: FoundAnswer(row[0], *row) for row in rows}


def nearest_passages(
    session: Session,
    answers: Sequence[FoundAnswer],
    *,
    query: NDArray[np.float32] | None,
    model: str | None,
) -> dict[int, Passage]:
    """Return the passage of each answer that is nearest to what was typed, by answer id.

    Only the stored vectors of these few answers are scored; encoding their sentences here would
    cost 2-3 ms each. An answer that has none yet, or was edited since, gives its beginning.
    """
    passages = {answer.id: _beginning(answer) for answer in answers if answer.plain}
    if query is None or not answers:
        return passages
    rows = session.execute(
        _PASSAGES, {"posts": [answer.id for answer in answers], "model": model}
    ).all()
    for answer in answers:
        own = [row for row in rows if row.post_id == answer.id]
        if not own or not is_of_text(own[0].text_hash, answer.plain):
            continue
        vectors = np.stack([np.frombuffer(row.vector, "<f2") for row in own]).astype(np.float32)
        place = nearest(query, vectors)
        start, end = own[place].start, own[place].end
        passages[answer.id] = Passage(answer.plain[start:end], start, end)
    return passages


def _beginning(answer: FoundAnswer) -> Passage:
    spans = split(answer.plain)
    start, end = spans[0] if spans else (0, min(len(answer.plain), 200))
    return Passage(answer.plain[start:end], start, end)


def with_answers(
    session: Session,
    hits: Sequence[Hit],
    query: NDArray[np.float32] | None,
    model: str | None,
) -> list[Hit]:
    """Give the hits their best answer and its passage nearest to the query."""
    live = [hit.question for hit in hits if hit.question.live_count]
    answers = best_answers(session, [each.id for each in live if not each.is_guide])
    answers |= guide_texts(session, [each.id for each in live if each.is_guide])
    passages = nearest_passages(session, list(answers.values()), query=query, model=model)
    return [_with_answer(hit, answers.get(hit.question.id), passages) for hit in hits]


def _with_answer(hit: Hit, answer: FoundAnswer | None, passages: dict[int, Passage]) -> Hit:
    return replace(hit, answer=answer, passage=passages.get(answer.id) if answer else None)
