"""Links between posts: which answer solved a question, and which question it repeats.

A link is followed where it is as the last import left it; where people here said otherwise, their
word stays.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from peerqa.models import Post, Question
from peerqa.models.space import Visibility
from peerqa.services.exchange.report import Count
from peerqa.services.exchange.writing import Brought, Values, Writing, chunks
from peerqa.services.recognition import ledger

Link = tuple[str, int, int]  # external id and id of the question, id of what it points to
Column = InstrumentedAttribute[int | None]


def link_accepted(writing: Writing) -> None:
    """Mark the answers that solved their questions."""
    links = list(writing.spool.accepted())
    _link(writing, "accepted", Question.accepted_id, links, writing.report.accepted)


def link_duplicates(writing: Writing) -> None:
    """Point each duplicate at the question that stands for them all."""
    links = list(writing.spool.duplicates())
    originals = {question: original for _, question, original in links}
    resolved = []
    for name, question, original in links:
        original = _follow(originals, question, original)
        if (
            original != question
            and not _leads_to(writing.session, original, question)
            and _is_seen_as_widely(writing.session, original, question)
        ):
            resolved.append((name, question, original))
    _link(writing, "duplicate", Question.duplicate_of_id, resolved, writing.report.duplicates)


def _link(writing: Writing, kind: str, column: Column, links: Sequence[Link], count: Count) -> None:
    for chunk in chunks(links):
        here = _targets(writing.session, column, (question for _, question, _ in chunk))
        gone = _deleted(writing.session, (target for *_, target in chunk))
        pointed: list[Values] = []
        added: list[Brought] = []
        for name, question, target in chunk:
            known = writing.spool.known(kind, name)
            before = int(known.state) if known else None
            if target in {before, here[question]}:
                count.unchanged += 1
            elif here[question] != before or target in gone:
                count.kept += 1
            else:
                pointed.append({"question": question, "target": target})
                if known is None:
                    added.append(Brought(name, question, str(target)))
                    count.added += 1
                else:
                    writing.changed(known, {"state": known.state}, state=str(target))
                    count.updated += 1
        table = Question.__table__
        writing.execute(
            update(table)  # type: ignore[arg-type]  # a Table
            .where(table.c.id == bindparam("question"))
            .values({column.key: bindparam("target")}),
            pointed,
        )
        if kind == "accepted":
            settled = [target for *_, target in chunk] + [each for each in here.values() if each]
            ledger.settle(writing.session, settled, why=ledger.Why.FOUND, at=writing.at)
        writing.added(kind, added)


def _targets(session: Session, column: Column, questions: Iterable[int]) -> dict[int, int | None]:
    rows = session.execute(select(Question.id, column).where(Question.id.in_(set(questions))))
    return {question: target for question, target in rows}


def _deleted(session: Session, posts: Iterable[int]) -> set[int]:
    return set(
        session.scalars(
            select(Post.id).where(Post.id.in_(set(posts)), Post.deleted_at.is_not(None))
        )
    )


def _follow(originals: dict[int, int], question: int, original: int) -> int:
    """Follow the file's own links to their end; back to the question where they go in a circle."""
    seen = {question}
    while original in originals and original not in seen:
        seen.add(original)
        original = originals[original]
    return question if original in seen else original


def _leads_to(session: Session, start: int, end: int) -> bool:
    """Whether the links that are here lead from one question to another."""
    seen: set[int] = set()
    at: int | None = start
    while at is not None and at not in seen:
        if at == end:
            return True
        seen.add(at)
        at = session.scalar(select(Question.duplicate_of_id).where(Question.id == at))
    return False


def _is_seen_as_widely(session: Session, original: int, question: int) -> bool:
    """Whether all who see the duplicate may see its original: a link tells the title.

    The two may stand in different spaces when one of them was imported before.
    """
    rows = session.execute(
        select(Question.id, Question.visibility, Question.space_id).where(
            Question.id.in_((original, question))
        )
    )
    seen = {question_id: (visibility, space_id) for question_id, visibility, space_id in rows}
    return seen[original][0] != Visibility.SPACE or seen[original] == seen[question]
