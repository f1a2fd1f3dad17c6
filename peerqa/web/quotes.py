"""The piece of an answer that is shown with a hit: the nearest passage, and a little around it."""

import re
from dataclasses import dataclass

from peerqa.search.hits import Hit

AROUND = 140  # characters before and after the passage
MARKED = 320  # characters of the passage itself; code may run on for a screen, and is a click away
ALONE = 220  # characters of an answer without a passage
_FENCE = re.compile(r"^```\n?|\n?```$", re.MULTILINE)


@dataclass(frozen=True)
class Quote:
    """Text before the marked passage, the passage, and after it; plain, to be escaped."""

    before: str
    marked: str
    after: str


def quote(hit: Hit) -> Quote | None:
    """Return what the answer of a hit says, or None when it has no answer."""
    if hit.answer is None:
        return None
    plain, passage = hit.answer.plain, hit.passage
    if passage is None:
        return Quote("", "", _shorten_end(_flat(plain[: ALONE * 2]), ALONE))
    if plain[passage.start : passage.end] != passage.text:  # edited since it was indexed
        return Quote("", _flat(passage.text), "")
    marked = _flat(passage.text)
    before = _flat(plain[max(0, passage.start - AROUND * 2) : passage.start])
    after = _flat(plain[passage.end : passage.end + AROUND * 2])
    if len(marked) > MARKED:
        marked, after = _shorten_end(marked, MARKED), ""
    return Quote(_shorten_start(before, AROUND), marked, _shorten_end(after, AROUND))


def _flat(text: str) -> str:
    return " ".join(_FENCE.sub("", text).split())


def _shorten_end(text: str, length: int) -> str:
    """Cut at the end of a sentence, or at least of a word."""
    if len(text) <= length:
        return text
    sentences = text[:length].rpartition(". ")
    if len(sentences[0]) > length // 3:
        return sentences[0] + "."
    return (text[:length].rpartition(" ")[0] or text[:length]) + " …"


def _shorten_start(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return "… " + text[-length:].split(" ", 1)[-1]
