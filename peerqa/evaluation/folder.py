"""A folder in BEIR layout → documents, queries, and which document is right for which query.

corpus.jsonl {_id, title, text, metadata.answer?}, queries.jsonl {_id, text, metadata.body?} and
qrels/test.tsv (query, document, score). Every file is read as a whole, and the first thing that is
wrong is said with its line.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peerqa.errors import N_, Invalid

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels/test.tsv"
HEADER = ("query-id", "corpus-id", "score")

_WHOLE_NUMBER = re.compile(r"\s*-?[0-9]{1,9}\s*")

Line = tuple[str, dict[str, Any]]  # where it stands, and what it holds; Any: JSON


class BrokenFolder(Invalid):
    """The folder cannot be evaluated as it is."""

    code = "broken-evaluation"


@dataclass(frozen=True)
class Document:
    """An earlier question."""

    id: str
    place: str  # file and line
    title: str
    text: str
    answer: str


@dataclass(frozen=True)
class Query:
    """A question that is typed now."""

    id: str
    title: str
    body: str


@dataclass(frozen=True)
class Folder:
    """What was read, in the order of the files."""

    documents: Sequence[Document]
    queries: Sequence[Query]
    qrels: Mapping[str, Mapping[str, float]]  # query → document → score, as they stand there

    def wanted(self, query: Query) -> dict[str, float]:
        """Return what is right for a query: documents with a score above 0."""
        scores = self.qrels.get(query.id, {})
        return {document: score for document, score in scores.items() if score > 0}


def read_folder(path: Path) -> Folder:
    """Read a folder.

    Raises:
        BrokenFolder: names the file and the line, and what to do.
    """
    if not path.is_dir():
        raise BrokenFolder(
            N_(
                "There is no folder %(path)s. Name one with corpus.jsonl, queries.jsonl and qrels/."
            ),
            path=str(path),
        )
    documents = [_document(*line) for line in _read_objects(path, CORPUS)]
    queries = [_query(*line) for line in _read_objects(path, QUERIES)]
    if not documents or not queries:
        raise BrokenFolder(
            N_("%(file)s is empty. Put one JSON object on each line."),
            file=QUERIES if documents else CORPUS,
        )
    qrels = _read_qrels(path, {each.id for each in queries}, {each.id for each in documents})
    return Folder(documents, queries, qrels)


def _document(place: str, row: dict[str, Any]) -> Document:
    title, text = _text(place, row, "title"), _text(place, row, "text")
    return Document(row["_id"], place, title, text, _text(place, _metadata(place, row), "answer"))


def _query(place: str, row: dict[str, Any]) -> Query:
    title = _text(place, row, "text")
    if not title.strip():
        raise BrokenFolder(
            N_("%(place)s has no text. Give the title that is typed as “text”."), place=place
        )
    return Query(row["_id"], title, _text(place, _metadata(place, row), "body"))


def _metadata(place: str, row: dict[str, Any]) -> dict[str, Any]:
    found = row.get("metadata") or {}
    if not isinstance(found, dict):
        raise BrokenFolder(
            N_("%(place)s: “metadata” is no object. Write it as {…}, or leave it out."), place=place
        )
    return found


def _text(place: str, row: Mapping[str, Any], key: str) -> str:
    found = row.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BrokenFolder(
            N_("%(place)s: “%(key)s” is no text. Put it in quotation marks."), place=place, key=key
        )
    return found


def _read_objects(folder: Path, name: str) -> Iterator[Line]:
    seen: dict[str, str] = {}
    for place, line in _read_lines(folder, name):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BrokenFolder(
                N_("%(place)s is no JSON (%(reason)s). Put one object on each line."),
                place=place, reason=str(error),
            ) from error  # fmt: skip
        if not isinstance(row, dict):
            raise BrokenFolder(
                N_("%(place)s is no JSON object. Put one on each line."), place=place
            )
        row["_id"] = _read_id(place, row.get("_id"))
        if row["_id"] in seen:
            raise BrokenFolder(
                N_("%(place)s has the _id “%(id)s” of %(first)s. Give each its own."),
                place=place, id=row["_id"], first=seen[row["_id"]],
            )  # fmt: skip
        seen[row["_id"]] = place
        yield place, row


def _read_id(place: str, given: object) -> str:
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str) or not given:
        raise BrokenFolder(N_("%(place)s has no _id. Give it one, as a text."), place=place)
    return given


def _read_qrels(
    folder: Path, queries: set[str], documents: set[str]
) -> dict[str, dict[str, float]]:
    qrels: dict[str, dict[str, float]] = {}
    unknown: list[tuple[str, str]] = []
    for place, line in _read_lines(folder, QRELS):
        columns = tuple(line.rstrip("\r").split("\t"))
        if columns == HEADER:
            continue
        query, document, score = _read_columns(place, columns)
        missing = query if query not in queries else document if document not in documents else None
        if missing is not None:
            unknown.append((place, missing))
        elif qrels.setdefault(query, {}).setdefault(document, score) != score:
            raise BrokenFolder(
                N_("%(place)s scores “%(query)s” and “%(document)s” again. Keep one of the two."),
                place=place, query=query, document=document,
            )  # fmt: skip
    if unknown:
        place, missing = unknown[0]
        raise BrokenFolder(
            N_(
                "%(count)s rows of %(file)s name an unknown query or document; the first is "
                "“%(missing)s” (%(place)s). Add it, or take the rows out."
            ),
            count=len(unknown), file=QRELS, missing=missing, place=place,
        )  # fmt: skip
    return qrels


def _read_columns(place: str, columns: Sequence[str]) -> tuple[str, str, float]:
    if len(columns) != len(HEADER):
        raise BrokenFolder(
            N_("%(place)s has %(count)s columns. Write query, document and score, with tabs."),
            place=place, count=len(columns),
        )  # fmt: skip
    query, document, score = columns
    if not _WHOLE_NUMBER.fullmatch(score):
        raise BrokenFolder(
            N_("%(place)s: the score “%(score)s” is no whole number. Write 1 for what is right."),
            place=place, score=score,
        )  # fmt: skip
    return query, document, float(score)


def _read_lines(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Yield the lines that hold something, with the place that they stand at."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise BrokenFolder(
            N_("%(file)s in %(folder)s cannot be read: %(reason)s. The BEIR layout wants it."),
            file=name, folder=str(folder), reason=error.strerror,
        ) from error  # fmt: skip
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        place = f"{name}, line {number}"
        try:
            line = raw.decode()
        except UnicodeDecodeError as error:
            raise BrokenFolder(
                N_("%(place)s is not UTF-8. Save the file in that encoding."), place=place
            ) from error
        if line.strip():
            yield place, line
