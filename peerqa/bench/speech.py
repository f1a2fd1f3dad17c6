"""Texts that look like the demo company's: walks along the word pairs of what its people wrote.

The same seed gives the same texts. Words come as often as they do there, codes and names included,
so looking them up costs what it costs in a company of that size.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import pairwise
from random import Random
from typing import Any

import yaml

from peerqa.markup import render

SENTENCE_WORDS = (7, 17)
_END = ".!?:"


class Speech:
    """Knows which word follows which."""

    def __init__(self, sayings: Iterable[str]) -> None:
        """Listen to these texts."""
        self._following: dict[str, list[str]] = defaultdict(list)
        self._first: list[str] = []
        for saying in sayings:
            words = [word for word in saying.split() if not word.startswith("```")]
            self._first.extend(words[:1])
            for word, following in pairwise(words):
                self._following[word].append(following)
                if word[-1] in _END:
                    self._first.append(following)

    def sentence(self, random: Random, count: int, first: str | None = None) -> str:
        """Say a sentence of so many words, beginning with this one if it is known."""
        words = [first if first in self._following else random.choice(self._first)]
        while len(words) < count:
            words.append(random.choice(self._following.get(words[-1]) or self._first))
        return " ".join(words).rstrip(_END + ",;")

    def title(self, random: Random) -> str:
        """Ask something, in 6 to 12 words, 9 as a rule."""
        return self.sentence(random, random.randint(6, 12)) + "?"

    def text(self, random: Random, about: str) -> str:
        """Say something in about 60 words, each sentence beginning with a word of `about`."""
        left, said = random.randint(45, 75), []
        while left > 0:
            count = min(left, random.randint(*SENTENCE_WORDS))
            first = random.choice(about.rstrip(_END).split())
            said.append(self.sentence(random, max(count, 3), first) + ".")
            left -= count
        return " ".join(said)


def company_titles() -> list[str]:
    """Return the questions of the demo company, as they were asked."""
    return [thread["title"] for thread in _threads()]


def company_sayings() -> list[str]:
    """Return all that its people wrote about their questions."""
    bodies = [
        post.get("body", "") for thread in _threads() for post in (thread, *thread["answers"])
    ]
    return [render(body).plain for body in bodies]


def _threads() -> Iterator[dict[str, Any]]:  # Any: YAML
    """Read the company's files as data: how they become rows is the demo's business."""
    for file in sorted((files("peerqa") / "demo" / "company").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            content = yaml.safe_load(file.read_text("utf-8"))
            yield from ({"answers": [], **thread} for thread in content.get("threads", ()))
