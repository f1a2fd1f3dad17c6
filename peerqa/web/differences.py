"""What differs between two texts, word by word, in time that no input can stretch.

(difflib is cubic for texts that repeat themselves: two of 600 words held it for ten seconds.)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

MOST_EDITS = 300  # words gone or new; beyond it the two texts stand one after the other
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Change:
    """A piece of two texts: kept by both, in the first only (gone), or in the second only (new)."""

    kind: str  # same, gone or new
    text: str


def compare(first: str, second: str) -> list[Change]:
    """Return the pieces in order; without the new ones they are the first text, and so on."""
    old, new = _WORDS.findall(first), _WORDS.findall(second)
    words = _fewest_edits(old, new)
    if words is None:
        words = [Change("gone", word) for word in old] + [Change("new", word) for word in new]
    return list(_joined(words))


def _joined(words: Sequence[Change]) -> Iterator[Change]:
    """Join neighbours; where words were replaced, what is gone stands before what is new."""
    for is_same, run in groupby(words, key=lambda word: word.kind == "same"):
        pieces = list(run)
        for kind in ["same"] if is_same else ["gone", "new"]:
            if text := "".join(piece.text for piece in pieces if piece.kind == kind):
                yield Change(kind, text)


def _fewest_edits(old: Sequence[str], new: Sequence[str]) -> list[Change] | None:
    """Return every word with its kind, by the fewest edits; None when there are too many.

    Source: Myers, Algorithmica 1986, "An O(ND) Difference Algorithm and Its Variations".
    """
    reached = {1: 0}  # on each diagonal (words of old - words of new), how far in old one gets
    history = []
    for edits in range(min(len(old) + len(new), MOST_EDITS) + 1):
        history.append(dict(reached))
        for diagonal in range(-edits, edits + 1, 2):
            x = _step(reached, diagonal, edits)
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            reached[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _walk_back(history, old, new)
    return None


def _step(reached: dict[int, int], diagonal: int, edits: int) -> int:
    """Return where one more edit leads: a new word from above, or a word gone from below."""
    if _is_new(reached, diagonal, edits):
        return reached[diagonal + 1]
    return reached[diagonal - 1] + 1


def _is_new(reached: dict[int, int], diagonal: int, edits: int) -> bool:
    return diagonal == -edits or (
        diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1]
    )


def _walk_back(
    history: Sequence[dict[int, int]], old: Sequence[str], new: Sequence[str]
) -> list[Change]:
    changes = []
    x, y = len(old), len(new)
    for edits in range(len(history) - 1, -1, -1):
        reached, diagonal = history[edits], x - y
        is_new = _is_new(reached, diagonal, edits)
        before = diagonal + 1 if is_new else diagonal - 1
        start_x = reached[before]
        start_y = start_x - before
        while x > max(start_x, 0) and y > max(start_y, 0):
            x, y = x - 1, y - 1
            changes.append(Change("same", old[x]))
        if edits:
            changes.append(Change("new", new[start_y]) if is_new else Change("gone", old[start_x]))
            x, y = start_x, start_y
    return changes[::-1]
