"""The operators of the search box: `topic:printer author:"Ana Costa" is:open after:2026-01-31`.

A search is one text, so that it can be shared, kept and typed again: what the form beside the box
says is written as operators too. What is no operator stays words, and so does all that stands in
quotation marks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OPERATORS = ("topic", "space", "author", "is", "kind", "after", "before")
MOST_TERMS = 10  # of one search; a question has at most five topics
MOST_VALUE = 80  # characters of a value; longer ones name nothing

_PIECE = re.compile(
    rf'(?P<term>(?<!\S)(?P<key>{"|".join(OPERATORS)}):(?:"(?P<quoted>[^"]*)"|"?(?P<plain>[^\s"]+)"?))'
    r'|"[^"]*"|\S+|\s+',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Term:
    """One filter as it was typed."""

    key: str  # one of OPERATORS
    value: str  # never empty

    def __str__(self) -> str:
        """Return it as it is typed."""
        value = self.value.replace('"', "")
        return f'{self.key}:"{value}"' if re.search(r"\s", value) else f"{self.key}:{value}"


@dataclass(frozen=True)
class Asked:
    """A search: the words, and the filters in the order typed, each once."""

    words: str
    terms: Sequence[Term] = ()

    def __str__(self) -> str:
        """Return it as it is typed."""
        return " ".join(filter(None, [*map(str, self.terms), self.words]))

    def without(self, term: Term) -> "Asked":
        """Return the search without one of its filters."""
        return Asked(self.words, [each for each in self.terms if each != term])

    def plus(self, terms: Iterable[Term]) -> "Asked":
        """Return the search with more filters; one that it has stays one."""
        return Asked(self.words, list(dict.fromkeys([*self.terms, *terms])))


def read_search(typed: str) -> Asked:
    """Split what was typed into words and filters."""
    words: list[str] = []
    terms: list[Term] = []
    for piece in _PIECE.finditer(typed):
        value = " ".join((piece["quoted"] or piece["plain"] or "").split())
        if piece["term"] and value:
            terms.append(Term(piece["key"].lower(), value))
        else:
            words.append(piece[0])
    return Asked(" ".join("".join(words).split()), list(dict.fromkeys(terms)))
