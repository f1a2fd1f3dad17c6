"""Which candidates the reader may see, and what a hit tells of a question: one query of columns.

Two dozen are read and a few of them shown, so no entities are made of them: that was measured at
three times the cost of the query.
"""

from collections.abc import Sequence

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from peerqa.models import Answer, Post, Question, Space
from peerqa.permissions import visible_in
from peerqa.search.hits import MOST_CHARACTERS, FoundQuestion, Reader
from peerqa.services.upkeep.standings import is_retired, is_vouched_for

_ANSWER = Answer.__table__
_POST = Post.__table__.alias("answering")  # what is in sight of the answers, and counted as theirs
_IN_SIGHT = (_POST.c.id == _ANSWER.c.id) & _POST.c.deleted_at.is_(None)


def _retired_count() -> ColumnElement[int]:
    retired = (
        select(func.count())
        .select_from(_ANSWER.join(_POST, _IN_SIGHT))
        .where(_ANSWER.c.question_id == Question.id, is_retired(_ANSWER.c.id))
        .correlate(Question)
        .scalar_subquery()
    )
    return case((is_retired(Question.id), Question.answer_count + 1), else_=retired)


def _has_verified() -> ColumnElement[bool]:
    verified = (
        exists()
        .select_from(_ANSWER.join(_POST, _IN_SIGHT))
        .where(_ANSWER.c.question_id == Question.id, is_vouched_for(_ANSWER.c.id))
        .correlate(Question)
    )
    return and_(verified, ~is_retired(Question.id))


# Made once: making it takes longer than asking it.
_IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
_SEEN = visible_in(bindparam("organization"), bindparam("spaces", expanding=True), with_guides=True)
_VISIBLE = (
    select(
        Question.id,
        Question.title,
        func.substr(Question.plain, 1, MOST_CHARACTERS),
        Question.answer_count,
        Question.accepted_id,
        Question.duplicate_of_id,
        Question.space_id,
        Space.name,
        _retired_count(),
        _has_verified(),
        Question.kind == "guide",
    )
    .join(Space, Space.id == Question.space_id)
    .where(_SEEN, Question.id.in_(_IDS))
)

MOST_LINKS = 5  # of duplicates that are followed, one behind the other


def visible(
    session: Session, reader: Reader, question_ids: Sequence[int]
) -> dict[int, FoundQuestion]:
    """Return the visible ones, and the originals of those that are duplicates, by id."""
    if not question_ids:
        return {}
    scope = {"organization": reader.organization_id, "spaces": list(reader.space_ids)}

    def read(ids: Sequence[int]) -> dict[int, FoundQuestion]:
        rows = session.execute(_VISIBLE, {**scope, "ids": ids})
        return {row[0]: FoundQuestion(*row) for row in rows}

    questions = found = read(question_ids)
    for _ in range(MOST_LINKS):
        originals = {each.duplicate_of_id for each in found.values()} - questions.keys()
        missing = [each for each in originals if each is not None]
        if not missing:
            break
        found = read(missing)
        questions = questions | found
    return questions


def unseen_by(session: Session, reader: Reader) -> frozenset[int]:
    """Return the questions of the organization that the reader may not see."""
    seen = visible_in(reader.organization_id, reader.space_ids, with_guides=True)
    query = select(Question.id).where(Question.organization_id == reader.organization_id, ~seen)
    return frozenset(session.scalars(query))
