"""Which passage the product would show for each labelled question, and how often it is right.

The passages, the rounding of their stored vectors and the choice are the product's own.
    python -m tests.labelled.choosing MODEL_FOLDER    prints the shares, and what was wrong
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.encoder import OnnxEncoder
from indexer.passages import mix, nearest, quotable
from peerqa.demo.company import load_company
from peerqa.demo.shapes import Company
from tests.labelled.labels import HALVES, SentenceLabel, load_sentences, plain_answers


@dataclass(frozen=True)
class Choice:
    """A labelled question, the passages of its answer, and the place of the one chosen."""

    label: SentenceLabel
    passages: Sequence[str]
    place: int

    @property
    def is_right(self) -> bool:
        return self.label.is_right(self.passages[self.place])

    @property
    def is_first_right(self) -> bool:
        return self.label.is_right(self.passages[0])

    @property
    def chance(self) -> float:
        """Return the share of its passages that are right."""
        return sum(map(self.label.is_right, self.passages)) / len(self.passages)


@dataclass(frozen=True)
class Shares:
    """How often the choice is right, and how often the first passage or any would be."""

    count: int
    chosen: float
    first: float
    chance: float


def choose_all(
    encoder: OnnxEncoder, labels: Sequence[SentenceLabel], company: Company
) -> list[Choice]:
    """Choose a passage for each question as a look-up does."""
    plain = plain_answers(company)
    titles = {thread.key: thread.title for thread in company.threads}
    answers = {(label.thread, label.answer) for label in labels}
    passages = {answer: quotable(titles[answer[0]], plain[answer]) for answer in answers}
    vectors = {
        answer: mix(
            encoder.encode([titles[answer[0]]])[0],
            encoder.encode([each.text for each in own]),
            encoder.encode([each.in_context for each in own]),
        ).astype(np.float16)
        for answer, own in passages.items()
    }
    choices = []
    for label in labels:
        answer = (label.thread, label.answer)
        place = nearest(encoder.encode([label.typed])[0], vectors[answer])
        choices.append(Choice(label, [each.text for each in passages[answer]], place))
    return choices


def share_right(choices: Sequence[Choice], half: str) -> Shares:
    """Return the shares of one half."""
    own = [choice for choice in choices if choice.label.half == half]
    return Shares(
        count=len(own),
        chosen=sum(choice.is_right for choice in own) / len(own),
        first=sum(choice.is_first_right for choice in own) / len(own),
        chance=sum(choice.chance for choice in own) / len(own),
    )


def tell(choices: Sequence[Choice]) -> Iterator[str]:
    """Yield the shares of each half, then every wrong choice with what is right."""
    for half in HALVES:
        shares = share_right(choices, half)
        yield (
            f"{half}: {shares.count} questions, chosen {shares.chosen:.3f}, "
            f"first passage {shares.first:.3f}, at random {shares.chance:.3f}"
        )
    for choice in choices:
        if not choice.is_right:
            label = choice.label
            yield f"\n{label.half} {label.thread} {label.answer}: {label.typed}"
            yield f"  chosen: {choice.passages[choice.place]!r}"
            yield from (f"  right:  {quoted!r}" for quoted in label.right)


if __name__ == "__main__":
    everything = choose_all(OnnxEncoder.open(Path(sys.argv[1])), load_sentences(), load_company())
    sys.stdout.writelines(f"{line}\n" for line in tell(everything))
