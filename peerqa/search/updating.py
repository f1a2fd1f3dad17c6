"""The outbox topic "index": words and vectors of posts brought in line with what the posts say now.

It reads the present text, encodes outside any write transaction, then writes vectors and a rising
revision. Harmless twice: what is stored already is not encoded again. Words are written first and
need no model; posts that still lack vectors when the model comes are found by fill_gaps().
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from indexer.documents import Document, Kind, text_hash
from indexer.ports import Encoder
from indexer.updater import plan
from peerqa.database import db, dialect_name, transaction
from peerqa.models import Embedding, IndexRevision, Sentence
from peerqa.search.passages import (
    AnswerPassages,
    answers_under_new_titles,
    is_of_old_recipe,
    store_passages,
    with_old_passages,
)
from peerqa.search.texts import POST, PostText, in_sight, read_texts
from peerqa.search.words import remove_words, write_words

GAP_BATCH = 64  # posts filled in one go


@dataclass(frozen=True)
class Encoded:
    """What was encoded: the vectors of documents, the rows of passages, and of how many texts."""

    of_documents: NDArray[np.float32]
    rows: Sequence[dict[str, object]]
    count: int


def index_posts(post_ids: Sequence[int], encoder: Encoder | None) -> int:
    """Bring words and vectors of these posts in line; without an encoder, words only.

    Returns:
        How many texts were encoded, passages included.

    Raises:
        EncodingFailed: the words are in line, the vectors are not.
    """
    session = db.session()
    if encoder:
        post_ids = [*post_ids, *answers_under_new_titles(session, post_ids, encoder.model)]
    texts = {text.post_id: text for text in read_texts(session, post_ids)}
    known = _known_hashes(session, post_ids, texts, encoder.model) if encoder else {}
    answers = with_old_passages(session, texts.values(), encoder.model) if encoder else []
    session.rollback()
    gone = [post_id for post_id in post_ids if post_id not in texts]
    with transaction() as writing:
        write_words(writing, [text.words for text in texts.values()])
        _forget(writing, gone)
    if encoder is None:
        return 0
    wanted = plan([document for text in texts.values() for document in text.documents], known)
    if not wanted.encode and not wanted.gone and not answers:
        return 0
    vectors = _encode(encoder, wanted.encode, answers)
    with transaction() as writing:
        _store_vectors(writing, encoder.model, texts, wanted.encode, vectors.of_documents)
        store_passages(writing, encoder.model, [a.answer.post_id for a in answers], vectors.rows)
        _bury_kinds(writing, encoder.model, texts, wanted.gone)
        _forget_old_texts(writing, encoder.model, wanted.encode, wanted.gone)
    return vectors.count


def fill_gaps(encoder: Encoder, *, after: int = 0) -> int | None:
    """Index a batch of posts that have no vector of this model, or passages of an older recipe.

    Args:
        after: the id that an earlier batch ended at.

    Returns:
        The id that this batch ended at; None when nothing is missing any more.
    """
    session = db.session()
    is_old = is_of_old_recipe(encoder.model)
    missing = (
        in_sight().where(POST.c.id > after, ~has_vector(encoder.model) | is_old).order_by(POST.c.id)
    )
    post_ids = [row[0] for row in session.execute(missing.limit(GAP_BATCH))]
    session.rollback()
    if not post_ids:
        return None
    index_posts(post_ids, encoder)
    return post_ids[-1]


def has_vector(model: str) -> ColumnElement[bool]:
    """The posts of which the model has a vector, as a condition."""
    return exists().where(
        Embedding.post_id == POST.c.id, Embedding.model == model, Embedding.vector.is_not(None)
    )


def bury_lost(session: Session) -> None:
    """Bury vectors of posts that are out of sight, should an outbox row ever have been lost."""
    in_sight_ids = in_sight().with_only_columns(POST.c.id)
    _bury(session, Embedding.post_id.not_in(in_sight_ids))


def _known_hashes(
    session: Session, post_ids: Sequence[int], texts: Mapping[int, PostText], model: str
) -> dict[tuple[int, Kind], str]:
    """Return what is stored; an answer that moved to another question is stored anew."""
    rows = session.execute(
        select(Embedding.post_id, Embedding.kind, Embedding.text_hash, Embedding.question_id).where(
            Embedding.post_id.in_(post_ids),
            Embedding.model == model,
            Embedding.vector.is_not(None),
        )
    )
    return {
        (post_id, Kind(kind)): stored if _is_owner(texts.get(post_id), owner) else ""
        for post_id, kind, stored, owner in rows
    }


def _is_owner(text: PostText | None, question_id: int) -> bool:
    return text is None or text.question_id == question_id


def _encode(
    encoder: Encoder, documents: Sequence[Document], answers: Sequence[AnswerPassages]
) -> Encoded:
    """Encode documents and the passages of answers together, so that batches are full."""
    wanted = [document.text for document in documents]
    wanted += (text for each in answers for text in each.texts)
    texts = list(dict.fromkeys(wanted))
    if not texts:
        return Encoded(np.empty((0, encoder.dimension), np.float32), [], 0)
    distinct = encoder.encode(texts)
    place = {text: row for row, text in enumerate(texts)}
    vectors = distinct[[place[text] for text in wanted]]
    rows, at = [], len(documents)
    for each in answers:
        after = at + len(each.texts)
        rows += each.rows(encoder.model, vectors[at:after])
        at = after
    return Encoded(vectors[: len(documents)], rows, len(texts))


def _store_vectors(
    session: Session,
    model: str,
    texts: Mapping[int, PostText],
    documents: Sequence[Document],
    vectors: NDArray[np.float32],
) -> None:
    if not documents:
        return
    revisions = _next_revisions(session, {texts[d.post].organization_id for d in documents})
    rows = [
        {
            "organization_id": texts[document.post].organization_id,
            "post_id": document.post,
            "question_id": document.owner,
            "kind": document.kind.value,
            "model": model,
            "text_hash": text_hash(document.text),
            "revision": revisions[texts[document.post].organization_id],
            "vector": vector.astype("<f4").tobytes(),
        }
        for document, vector in zip(documents, vectors, strict=True)
    ]
    insert = postgresql.insert if dialect_name(session) == "postgresql" else sqlite.insert
    statement = insert(Embedding)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["post_id", "kind", "model"],
            set_={
                name: getattr(statement.excluded, name)
                for name in ("question_id", "text_hash", "revision", "vector")
            },
        ),
        rows,
    )


def _forget(session: Session, post_ids: Sequence[int]) -> None:
    """Take posts that are gone out of words, passages and, by a tombstone, out of vectors."""
    if not post_ids:
        return
    remove_words(session, post_ids)
    session.execute(delete(Sentence).where(Sentence.post_id.in_(post_ids)))
    _bury(session, Embedding.post_id.in_(post_ids))


def _bury_kinds(
    session: Session, model: str, texts: Mapping[int, PostText], gone: Iterable[tuple[int, Kind]]
) -> None:
    """Bury single vectors, for instance of a body that was emptied."""
    for post_id, kind in gone:
        if post_id in texts:
            _bury(
                session,
                (Embedding.post_id == post_id)
                & (Embedding.kind == kind.value)
                & (Embedding.model == model),
            )


def _forget_old_texts(
    session: Session, model: str, documents: Sequence[Document], gone: Iterable[tuple[int, Kind]]
) -> None:
    """Let other models forget posts that no longer say what they encoded.

    They are filled in again when such a model serves again. Otherwise it would find what nobody
    says any more, and an edited text would live on in its files.
    """
    now = {(each.post, each.kind.value): text_hash(each.text) for each in documents}
    now |= {(post_id, kind.value): "" for post_id, kind in gone}
    others = session.execute(
        select(Embedding.post_id, Embedding.kind, Embedding.model, Embedding.text_hash).where(
            Embedding.post_id.in_({post_id for post_id, _ in now}),
            Embedding.model != model,
            Embedding.vector.is_not(None),
        )
    )
    old = {
        (other, post_id)
        for post_id, kind, other, stored in others
        if now.get((post_id, kind), stored) != stored
    }
    for other in {each for each, _ in old}:
        posts = [post_id for each, post_id in old if each == other]
        session.execute(
            delete(Sentence).where(Sentence.post_id.in_(posts), Sentence.model == other)
        )
        _bury(session, Embedding.post_id.in_(posts) & (Embedding.model == other))


def _bury(session: Session, which: ColumnElement[bool]) -> None:
    """Leave tombstones with a new revision, which every process then follows."""
    buried = which & Embedding.vector.is_not(None)
    organizations = set(session.scalars(select(Embedding.organization_id).where(buried).distinct()))
    for organization_id, revision in _next_revisions(session, organizations).items():
        session.execute(
            update(Embedding)
            .where(buried, Embedding.organization_id == organization_id)
            .values(vector=None, text_hash="", revision=revision),
            execution_options={"synchronize_session": False},
        )


def _next_revisions(session: Session, organization_ids: Iterable[int]) -> dict[int, int]:
    """Take the next revision of each organization.

    The counter's row stays locked until the commit, so revisions appear in their order: a reader
    that has seen one will never meet a smaller one later.
    """
    revisions = {}
    for organization_id in sorted(organization_ids):
        revisions[organization_id] = session.execute(
            update(IndexRevision)
            .where(IndexRevision.organization_id == organization_id)
            .values(revision=IndexRevision.revision + 1)
            .returning(IndexRevision.revision),
            execution_options={"synchronize_session": False},
        ).scalar_one()
    return revisions
