"""The rows of a CSV file, with columns by their meaning.

Spreadsheets write commas, semicolons or tabs, in UTF-8 with or without a mark, in Windows-1252 or
in UTF-16; all are read. A row is never guessed at: where cells and columns do not fit, the import
is refused with the row's number. Lines are read in bounded pieces.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from peerqa.errors import N_
from peerqa.services.exchange.broken import BrokenSource, TooLarge
from peerqa.services.exchange.source import MAX_MARKDOWN

COLUMNS = {
    "id": ("id",),
    "question": ("question", "title"),
    "body": ("body", "details"),
    "answer": ("answer", "solution"),
    "topics": ("topics", "tags"),
    "asked_by": ("asked_by",),
    "answered_by": ("answered_by",),
    "created_at": ("created_at",),
    "accepted": ("accepted",),
    "votes": ("votes",),
}
DELIMITERS = ",;\t|"
CHUNK_BYTES = 1 << 20
MAX_LINE = 1 << 20  # characters; of a cell it is MAX_MARKDOWN

_MEANINGS = {alias: column for column, aliases in COLUMNS.items() for alias in aliases}
_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True)
class TableRow:
    """The cells of one row by the meaning of their column; an empty one is not there."""

    file: str
    number: int  # as a spreadsheet counts: the header is row 1
    line: int  # on which it begins
    cells: dict[str, str]

    @property
    def place(self) -> str:
        """Where the row stands, for sentences."""
        return f"{self.file}, row {self.number} (line {self.line})"

    def get(self, column: str) -> str:
        """Return a cell, empty when it is not there."""
        return self.cells.get(column, "")


class Table:
    """A CSV file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoding = _find_encoding(path)
        self.unknown_columns: list[str] = []

    @property
    def is_old_encoding(self) -> bool:
        """Whether it is from a time or a program before UTF-8."""
        return self.encoding == "cp1252"

    def rows(self) -> Iterator[TableRow]:
        """Yield the rows that have anything in them.

        Raises:
            BrokenSource: names the row, and what is wrong.
        """
        with self.path.open(encoding=self.encoding, newline="") as stream:
            lines = _Lines(stream, self.path.name)
            header = lines.read_header()
            delimiter = header.delimiter or _find_delimiter(header.text)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            meanings = self._read_header(next(csv.reader([header.text], delimiter=delimiter)))
            number = header.line
            while True:
                line, number = lines.line + 1, number + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise self._broken(error, number, line) from None
                if any(cell.strip() for cell in cells):
                    yield self._row(cells, meanings, number, line)

    def _read_header(self, names: list[str]) -> list[str]:
        """Return the meaning of each column; empty where it has none."""
        meanings = [_meaning(name) for name in names]
        for meaning in filter(None, meanings):
            if meanings.count(meaning) > 1:
                raise BrokenSource(
                    N_("%(file)s: several columns mean “%(name)s”; keep one."),
                    file=self.path.name, name=meaning,
                )  # fmt: skip
        if "question" not in meanings:
            raise BrokenSource(
                N_("%(file)s has no column “question” or “title”. Its first row has: %(names)s."),
                file=self.path.name, names=", ".join(names)[:200],
            )  # fmt: skip
        pairs = zip(names, meanings, strict=True)
        self.unknown_columns = [name for name, meaning in pairs if name.strip() and not meaning]
        return meanings

    def _row(self, cells: list[str], meanings: list[str], number: int, line: int) -> TableRow:
        surplus = cells[len(meanings) :]
        if any(cell.strip() for cell in surplus):
            raise BrokenSource(
                N_("%(file)s, row %(row)s (line %(line)s) has %(count)s cells for %(most)s columns:"
                   " put quotes around a cell with a separator in it."),
                file=self.path.name, row=number, line=line, count=len(cells), most=len(meanings),
            )  # fmt: skip
        found = {m: c.strip() for m, c in zip(meanings, cells, strict=False) if m and c.strip()}
        row = TableRow(self.path.name, number, line, found)
        for name, cell in found.items():
            if len(cell) > MAX_MARKDOWN:
                raise BrokenSource(_LONG_CELL, place=row.place, name=name, most=MAX_MARKDOWN)
        return row

    def _broken(self, error: csv.Error, row: int, line: int) -> BrokenSource:
        place = f"{self.path.name}, row {row} (line {line})"
        if "field limit" in str(error):
            return TooLarge(_LONG_CELL, place=place, name="…", most=MAX_MARKDOWN)
        if "unexpected end" in str(error):
            return BrokenSource(N_("%(place)s: a quote is opened and never closed."), place=place)
        return BrokenSource(
            N_("%(place)s: a quote is closed in the middle of a cell; double quotes inside cells."),
            place=place,
        )


_LONG_CELL = N_("%(place)s: a cell (%(name)s) has over %(most)s characters. Is a quote left open?")


@dataclass(frozen=True)
class _Header:
    text: str
    line: int  # how many lines it took to find it
    delimiter: str | None


class _Lines:
    """The lines of a file, counted, and none without an end."""

    def __init__(self, stream: TextIO, file: str) -> None:
        self._stream = stream
        self._file = file
        self.line = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        text = self._stream.readline(MAX_LINE)
        if not text:
            raise StopIteration
        self.line += 1
        if len(text) == MAX_LINE and not text.endswith(("\n", "\r")):
            raise TooLarge(
                N_("%(file)s, line %(line)s has more than %(most)s characters."),
                file=self._file, line=self.line, most=MAX_LINE,
            )  # fmt: skip
        return text

    def read_header(self) -> _Header:
        """Return the first line that has anything in it.

        Raises:
            BrokenSource: there is none.
        """
        delimiter = None
        for text in self:
            if separator := _SEPARATOR_LINE.fullmatch(text):
                delimiter = separator[1]
            elif text.strip().strip(DELIMITERS):
                return _Header(text.rstrip("\r\n"), self.line, delimiter)
        raise BrokenSource(N_("%(file)s is empty."), file=self._file)


def _meaning(name: str) -> str:
    return _MEANINGS.get(_BETWEEN_WORDS.sub("_", name.strip().lower()), "")


def _find_delimiter(header: str) -> str:
    """Return what divides the header into the most columns that we know."""

    def known(delimiter: str) -> int:
        names = next(csv.reader([header], delimiter=delimiter), [])
        return sum(1 for name in names if _meaning(name))

    return max(DELIMITERS, key=known)


def _find_encoding(path: Path) -> str:
    """Return what the whole file can be read as.

    Raises:
        BrokenSource: it is no text, or cannot be read at all.
    """
    try:
        if path.is_dir():
            raise BrokenSource(N_("%(path)s is a folder, not a file."), path=path)
        with path.open("rb") as stream:
            start = stream.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            candidates = ["utf-16"]
        else:
            candidates = ["utf-8-sig", "cp1252"]
        wrong: list[int] = []
        for name in candidates:
            line = _misread(path, name)
            if line is None:
                return name
            wrong.append(line)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BrokenSource(
            N_("%(path)s cannot be read: %(reason)s."), path=path, reason=reason
        ) from None
    raise BrokenSource(
        N_("%(file)s, line %(line)s: this is no text in UTF-8. Save it as CSV in UTF-8."),
        file=path.name, line=wrong[0],
    )  # fmt: skip


def _misread(path: Path, encoding: str) -> int | None:
    """Return the line on which the file is not text in this encoding, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if "\0" in text:
                return line + text[: text.index("\0")].count("\n")
            if not chunk:
                return None
            line += text.count("\n")
