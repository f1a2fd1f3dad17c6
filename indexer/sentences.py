"""Cuts an answer into passages, one of which is quoted as the sentence that matters.

The text is plain, and its shape is told by its lines: an empty line between blocks,
`• ` or `1. ` before a list item, lines of three backticks around code. Offsets are
characters in that text, so a passage can be marked where it stands.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

MOST_SPANS = 200
LONGEST_SPAN = 600
"""Characters; more is no sentence, and no quotation."""

SHORT_SENTENCE = 40
"""Characters. A shorter one ("Yes.", "Open Settings.") is quoted with its neighbour."""

_FENCE = "```"
_JOINER = "\u200d"
_ITEM = re.compile(r"(?:•|\d{1,3}[.)])\s")
# Possessive, and never begun inside a run: a row of dots would take the square of its length.
_SENTENCE_END = re.compile(
    r"(?<![.!?…؟۔।])[.!?…؟۔।]++[\"'”’»)\]]*+(?=\s)|(?<![。！？｡])[。！？｡]++[」』）]*+"
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“„]*$")
_VISIBLE = re.compile(r"\S")
_LONGEST_ABBREVIATION = 12
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
_ABBREVIATIONS = """approx appt bspw bzgl bzw ca cf corp dept d.h dr e.g eg engl etc evtl ext ggf
    i.d.r i.e ie incl inkl jr ltd mr mrs ms o.ä prof resp s.o s.u sog sr st str u.a u.s usw vgl vs
    z.b z.t zzgl"""
_BEFORE_NUMBERS = "abs art fig kap max min no nr p pp sec tel vol"
_NEVER_LAST = frozenset(_ABBREVIATIONS.split())
_NOT_LAST_BEFORE_A_DIGIT = frozenset(_BEFORE_NUMBERS.split())


class Span(NamedTuple):
    """A passage: characters `start` up to, not including, `end`."""

    start: int
    end: int


def split(text: str) -> list[Span]:
    """Return passages in order, without overlap, without white space at either end.

    A passage is one sentence or two short ones, a whole list item, or the inside of
    a code block. Together they hold everything but fences and white space, up to
    `MOST_SPANS`; what is longer than `LONGEST_SPAN` is cut at a word.
    """
    pieces = (piece for span in _passages(text) for piece in _cut(text, span))
    return list(islice(pieces, MOST_SPANS))


def _passages(text: str) -> Iterator[Span]:
    for span, is_prose in _blocks(text):
        trimmed = _trim(text, span)
        if trimmed.start == trimmed.end:
            continue
        if is_prose:
            yield from _paired(_sentences(text, trimmed))
        else:
            yield trimmed


def _blocks(text: str) -> Iterator[tuple[Span, bool]]:
    """Yield code, list items and paragraphs, and whether sentences are to be found in it."""
    start, is_code, is_prose = 0, False, True
    position = 0
    for line in text.splitlines(keepends=True):
        is_fence = line.strip().startswith(_FENCE)
        is_item = not is_code and bool(_ITEM.match(line.lstrip()))
        is_empty = not is_code and not line.strip()
        if is_fence or is_item or is_empty:
            yield Span(start, position), is_prose
            start = position if is_item else position + len(line)
            is_code = is_code != is_fence
            is_prose = not is_code and not is_item
        position += len(line)
    yield Span(start, position), is_prose


def _sentences(text: str, span: Span) -> list[Span]:
    sentences, start = [], span.start
    for match in _SENTENCE_END.finditer(text, span.start, span.end):
        if _ends_sentence(text, match, span):
            sentences.append(_trim(text, Span(start, match.end())))
            start = match.end()
    rest = _trim(text, Span(start, span.end))
    return [*sentences, rest] if rest.start < rest.end else sentences


def _ends_sentence(text: str, match: re.Match[str], span: Span) -> bool:
    """Tell the end of a sentence from an abbreviation, an initial or an ordinal."""
    visible = _VISIBLE.search(text, match.end(), span.end)
    following = visible.group() if visible else ""
    if following.islower():
        return False
    if match.group() != ".":
        return True
    near = text[max(span.start, match.start() - _LONGEST_ABBREVIATION) : match.start()]
    before = _LAST_WORD.search(near)
    word = before.group().lower() if before else ""
    is_initial = bool(_INITIALS.fullmatch(word))
    is_ordinal = word.isdigit() and len(word) <= 2
    is_number_next = following.isdigit() and word in _NOT_LAST_BEFORE_A_DIGIT
    return not (is_initial or is_ordinal or is_number_next or word in _NEVER_LAST)


def _paired(sentences: Iterable[Span]) -> Iterator[Span]:
    """Join a short sentence with the one after it, or at the end with the one before."""
    waiting: list[Span] = []
    for sentence in sentences:
        waiting.append(sentence)
        if len(waiting) == 2:
            first, second = waiting
            if _is_short(first) or _is_short(second):
                yield Span(first.start, second.end)
                waiting = []
            else:
                yield first
                waiting = [second]
    yield from waiting


def _is_short(span: Span) -> bool:
    return span.end - span.start < SHORT_SENTENCE


def _cut(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    while end - start > LONGEST_SPAN:
        head = text[start : start + LONGEST_SPAN + 1]
        at_word = max(head.rfind(" "), head.rfind("\n"))
        at = start + at_word if at_word > 0 else _between_characters(text, start)
        piece = Span(start, at)
        yield _trim(text, piece)
        start = _trim(text, Span(piece.end, end)).start
    yield Span(start, end)


def _between_characters(text: str, start: int) -> int:
    """Return where to cut text without spaces: before an address or number, never in an emoji."""
    furthest = at = start + LONGEST_SPAN
    while at > start and text[at - 1].isascii() and text[at].isascii():
        at -= 1
    if at == start:
        return furthest
    while at > start and (_is_joined(text[at]) or text[at - 1] == _JOINER):
        at -= 1
    return at if at > start else furthest


def _is_joined(character: str) -> bool:
    """Whether it belongs to the character before it: an accent, a skin tone, a joiner."""
    return character == _JOINER or unicodedata.category(character) in {"Mn", "Mc", "Me", "Sk"}


def _trim(text: str, span: Span) -> Span:
    """Leave out white space at both ends."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
