"""Measures how much of what was typed a thread speaks of.

Long threads blur: the vector of a narrative answer is near to nothing in particular, while
the few rare words of a question still occur in it. Stop words and stems are the caller's.
"""

from collections.abc import Collection, Mapping
from math import log


def coverages(words: Collection[str], texts: Mapping[int, Collection[str]]) -> dict[int, float]:
    """Return for each text which share of the words it contains; rare words weigh more.

    What is rare is counted in these texts. Counting in all of an organization's posts was
    measured to order and to judge no better, and would cost a look into the words index.

    Args:
        words: each once.
        texts: key to the words of a text.

    Returns:
        In [0, 1]; 0 for every text when there are no words.
    """
    weights = {
        word: log(1 + len(texts) / (sum(word in text for text in texts.values()) + 0.5))
        for word in words
    }
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(texts, 0.0)
    return {
        key: sum(weight for word, weight in weights.items() if word in text) / whole
        for key, text in texts.items()
    }
