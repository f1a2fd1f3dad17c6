"""Which passages of an answer may be quoted, and the vector that each is chosen by.

A passage's vector holds more than the passage, so that the choice costs nothing while somebody
types. Added is the passage in its context: the question's title and the passage before it give a
short sentence or a list item the words that it does without. Taken out is a share of the title
itself: every passage of the answer is near to it, so it hides the detail that was asked for. A
lead-in ("Do this:") is never chosen, what follows it is.

Measured on the half of the labelled set that was tuned on (tests/labelled, 153 questions, mean of
six ways to put the texts into batches, which alone moves the share by .005), the share of right
passages: .694 by the passage alone, .704 without lead-ins, .729 without a share of the title,
.744 with the context as well; from .735 to .748 around the weights that were kept.

Tried, and not kept: the passage in its context alone (.51); the passage after it in the context
too (.73), or without the title (.71), or the title alone (.72); the vectors of its neighbours
added (.71); what all passages of the answer share taken out (.74). Each of these gave little and
would cost while somebody types, or may be this set's own: typed words that few passages hold (.755
at best), a preference for later passages (.75), for digits where a number is asked for (.70).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.documents import cut, text_hash
from indexer.sentences import Span, split

RECIPE = 2
"""Counts up whenever passages are cut or encoded otherwise, so that stored ones are made anew."""

CONTEXT_WEIGHT = 1.0
TITLE_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Quotable:
    """A passage that may be quoted, and the two texts that its vector is made of."""

    span: Span
    text: str
    in_context: str


def quotable(title: str, text: str) -> list[Quotable]:
    """Return the passages of an answer that may be chosen, in order; none of blank text alone.

    Args:
        title: of the question that is answered.
        text: of the answer, plain.
    """
    spans = split(text)
    chosen = [span for span in spans if not _leads_in(text, span)] or spans
    before = {after: text[span.start : span.end] for span, after in pairwise(spans)}
    passages = []
    for span in chosen:
        passage = text[span.start : span.end]
        together = f"{before[span]} {passage}" if span in before else passage
        passages.append(Quotable(span, passage, cut(f"{title.strip()}\n{together}")))
    return passages


def mix(
    title: NDArray[np.float32], alone: NDArray[np.float32], in_context: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the vectors that passages are chosen by.

    Args:
        title: shape (dimension,), length 1.
        alone: of the passages' texts, shape (n, dimension), rows of length 1.
        in_context: likewise, of the passages in their context.

    Returns:
        Shape (n, dimension); rows are of any length.
    """
    shared = np.outer(alone @ title, title)
    return (alone + CONTEXT_WEIGHT * in_context - TITLE_WEIGHT * shared).astype(np.float32)


def nearest(query: NDArray[np.float32], vectors: NDArray[np.float32]) -> int:
    """Return which row is nearest to the query; the first one of equals.

    Args:
        query: shape (dimension,), length 1.
        vectors: as mix() gives them, shape (n, dimension), n at least 1; float16 as stored.
    """
    return int((vectors.astype(np.float32, copy=False) @ query).argmax())


def passages_hash(title: str, text: str) -> str:
    """Return what stored passages are known by: the text they lie in, the recipe, the title."""
    return f"{text_hash(text)}.{RECIPE}.{text_hash(title)[:8]}"


def is_of_text(stored: str, text: str) -> bool:
    """Whether passages lie in this text, whatever they were encoded with."""
    return stored.partition(".")[0] == text_hash(text)


def is_of_title(stored: str, title: str) -> bool:
    """Whether passages were encoded under this title."""
    return stored.rpartition(".")[2] == text_hash(title)[:8]


def _leads_in(text: str, span: Span) -> bool:
    """Tell a lead-in from the end of the text and from code, which may end in a colon too."""
    ends_in_colon = text[span.end - 1] in ":："
    return (
        ends_in_colon and not text.startswith("\n```", span.end) and bool(text[span.end :].strip())
    )
