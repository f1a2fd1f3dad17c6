"""Tells which found questions say the same as each other, though nobody linked them.

By their vectors alone that cannot be told: "PDF to Word" and "Word to PDF" have a cosine of .98,
printers that differ by a digit .98, a front and a rear brake .96, "before" and "after" .97, while
"book a meeting room" in two wordings has .90. So two titles must hold the same words, but for
those that change nothing, and be near besides; where there are bodies these must be near as well.
Who asks in other words is left alone: two hits that say the same cost a line, a hidden one costs
an answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEAREST_TITLES = 0.9
NEAREST_WHOLES = 0.9
"""Cosines from which titles, and titles with their bodies, count as the same. Where Computer
Science Stack Exchange has a title twice, titles with bodies that were posted twice have .94 or
more, those of other questions ("Pumping lemma problem") .43 to .71."""

_NOTHING = """
    a an the i we you my our your me us it there one anyone anybody somebody someone do does did
    could may might would should is are was be been am please hi hello hey thanks of how can
    possible best way
"""
_ORDER = """
    to from into in on before after than over under with without by for instead between via versus
    vs as and or
"""
_WHETHER = """
    can may is are do does did should must could has have will would am any
"""
_WHAT = """
    what when where which who whom whose why
"""
_FILLERS = frozenset(_NOTHING.split())
_ORDERED = frozenset(_ORDER.split())
_ASKS_WHETHER = frozenset(_WHETHER.split())
_ASKS_WHAT = frozenset(_WHAT.split())
_HOW_TO = {("how", "to"), ("way", "to")}

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was found.

    Attributes:
        words: of the title, in order, lower case.
        vector: of the title, of length 1.
        whole: of title and body as one; None without a body.
    """

    owner: int
    words: Sequence[str]
    vector: Floats
    whole: Floats | None


def twins(asked: Sequence[Asked], *, stem: Callable[[str], str], language: str) -> dict[int, int]:
    """Return for each question that says the same as an earlier one of them which one that is.

    Args:
        asked: best first.
        stem: brings one word of the language to its stem.
        language: only of English it is known which words change nothing; of others the words must
            be the same in the same order.
    """
    same: dict[tuple[str, ...], list[Asked]] = {}
    found: dict[int, int] = {}
    for each in asked:
        earlier = same.setdefault(_said(each.words, stem, language), [])
        first = next((other for other in earlier if _are_near(each, other)), None)
        if first is None:
            earlier.append(each)
        else:
            found[each.owner] = first.owner
    return found


def _said(words: Sequence[str], stem: Callable[[str], str], language: str) -> tuple[str, ...]:
    if language.lower().split("-")[0] != "en":
        return tuple(map(stem, words))
    pairs = zip(("", *words), words, strict=False)
    words = [word for before, word in pairs if (before, word) not in _HOW_TO]
    asks = [word for word in words if word in _ASKS_WHAT]
    whether = "whether" if words and words[0] in _ASKS_WHETHER else "how"
    telling = [word for word in words if word not in _FILLERS]
    stems = [stem(word) for word in telling]
    if not _ORDERED.intersection(telling):
        stems.sort()
    return (asks[0] if asks else whether, *stems)


def _are_near(one: Asked, other: Asked) -> bool:
    if float(one.vector @ other.vector) < NEAREST_TITLES:
        return False
    if one.whole is None and other.whole is None:
        return True
    wholes = [each.vector if each.whole is None else each.whole for each in (one, other)]
    return float(wholes[0] @ wholes[1]) >= NEAREST_WHOLES
