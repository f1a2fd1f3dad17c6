"""The rows of a Stack Exchange XML file, one at a time.

No tree is built: the parser hands each <row> over and forgets it. Entities and document types are
refused (defusedxml), and so is a row that does not end: the parser would keep all of it in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from peerqa.errors import N_
from peerqa.services.exchange.broken import BrokenSource, TooLarge

CHUNK_BYTES = 1 << 16
MAX_ROW_BYTES = 1 << 20  # the longest real ones have about 100 kB


@dataclass(frozen=True)
class Row:
    """The attributes of one row, and where it stands."""

    file: str
    line: int
    values: dict[str, str]

    @property
    def place(self) -> str:
        """Where the row stands, for sentences."""
        name = f", Id {self.values['Id'][:20]}" if "Id" in self.values else ""
        return f"{self.file}, line {self.line}{name}"

    def text(self, name: str) -> str:
        """Return an attribute that every row has.

        Raises:
            BrokenSource: it is missing.
        """
        if not self.values.get(name, "").strip():
            raise BrokenSource(
                N_("%(place)s: this row has no %(name)s."), place=self.place, name=name
            )
        return self.values[name]

    def number(self, name: str) -> int:
        """Return an attribute that is a whole number.

        Raises:
            BrokenSource: it is missing, or not a number.
        """
        text = self.text(name)
        if not (text.removeprefix("-").isdecimal() and len(text) <= 18):
            raise BrokenSource(
                N_("%(place)s: %(name)s is “%(text)s”, which is no number."),
                place=self.place, name=name, text=text[:40],
            )  # fmt: skip
        return int(text)

    def instant(self, name: str) -> datetime:
        """Return an attribute that is a date with its time, in UTC.

        Raises:
            BrokenSource: it is missing, or not a date.
        """
        text = self.text(name)
        try:
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise BrokenSource(
                N_("%(place)s: %(name)s is “%(text)s”, which is no date."),
                place=self.place, name=name, text=text[:40],
            ) from None  # fmt: skip


class _RowTarget:
    """Collects the rows that the parser has completed."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, str]]] = []  # line, attributes
        self.parser: DefusedXMLParser | None = None
        self._root: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._root is None:
            self._root = tag
        elif tag == "row" and self.parser is not None:
            self.rows.append((self.parser.parser.CurrentLineNumber, attributes))

    def end(self, tag: str) -> None:
        """Nothing is kept that would have to be closed."""


def read_rows(stream: BinaryIO, file: str) -> Iterator[Row]:
    """Yield the rows of a file.

    Args:
        file: its name, for sentences.

    Raises:
        BrokenSource: it is not XML, ends in the middle, or has entities.
        TooLarge: a row does not end.
    """
    target = _RowTarget()
    parser = target.parser = DefusedXMLParser(target=target, forbid_dtd=True)
    since_row = total = 0
    while True:
        chunk = stream.read(CHUNK_BYTES)
        total += len(chunk)
        _feed(parser, chunk, file, total)
        for line, values in target.rows:
            yield Row(file, line, values)
        since_row = 0 if target.rows else since_row + len(chunk)
        target.rows.clear()
        if not chunk:
            return
        if since_row > MAX_ROW_BYTES:
            raise TooLarge(
                N_("%(file)s, line %(line)s: a row here has more than %(most)s bytes."),
                file=file, line=parser.parser.CurrentLineNumber, most=MAX_ROW_BYTES,
            )  # fmt: skip


def _feed(parser: DefusedXMLParser, chunk: bytes, file: str, total: int) -> None:
    try:
        if chunk:
            parser.feed(chunk)
        elif total:
            parser.close()
        else:
            raise BrokenSource(N_("%(file)s is empty."), file=file)
    except DefusedXmlException:
        raise BrokenSource(
            N_("%(file)s has a document type or entities, which no dump has."), file=file
        ) from None
    except ParseError as error:
        line, column = error.position
        if chunk:
            sentence = N_("%(file)s, line %(line)s, column %(column)s: this is not XML.")
        else:
            sentence = N_("%(file)s ends in the middle, at line %(line)s: it is not complete.")
        raise BrokenSource(sentence, file=file, line=line, column=column + 1) from None
