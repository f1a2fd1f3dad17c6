"""Tells whether a text is English, by its share of stop words; made for samples, not for one text.

An English text of some length holds hardly less than a quarter of them, one in another language a
few that are spelled alike ("in", "so", "die").
"""

import re

from indexer.words import STOP_WORDS

FEWEST_WORDS = 8  # fewer say nothing
FEWEST_STOP_WORDS = 0.15  # of an English text's words
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MOST_CHARACTERS = 2_000


def is_english(text: str) -> bool | None:
    """Tell whether a text is English; None when it is too short to say."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text[:_MOST_CHARACTERS])]
    if len(words) < FEWEST_WORDS:
        return None
    shares = {
        language: sum(word in known for word in words) / len(words)
        for language, known in STOP_WORDS.items()
    }
    return shares["en"] >= FEWEST_STOP_WORDS and shares["en"] == max(shares.values())
