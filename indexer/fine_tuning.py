"""Trains the model on an organization's own pairs: what was typed, and the thread it leads to.

Beside `prepare` the only module that uses torch, and only when called. In a batch every thread
stands once, and what belongs to the others is wrong for it (in-batch negatives), beside titles
drawn from everything that was asked. A plain loop does: the trainer of sentence-transformers
wants two more packages for the same gradient. Half of what was learned is kept, since weights
half way back forget less of what they knew.

Source: Henderson et al., 2017, "Efficient Natural Language Response Suggestion for Smart Reply",
for the loss; Wortsman et al., CVPR 2022, "Robust fine-tuning of zero-shot models", for the half.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import FineTuningFailed
from indexer.prepare import find_source, has_libraries, load_source, quiet

EPOCHS = 3
BATCH = 16  # pairs, of as many threads
OTHERS = 16  # titles beside them that are wrong for all
MAX_TOKENS = 64  # of a training text; at 128 and with 32 others training took 3.5 GB of memory
LEARNING_RATE = 2e-5
SCALE = 20.0  # of a cosine, as in sentence-transformers
KEPT_SHARE = 0.5
SEED = 20261123


@dataclass(frozen=True, slots=True)
class Pair:
    """What was typed, and texts of the thread that it leads to."""

    typed: str
    texts: Sequence[str]
    thread: int


def check_libraries() -> None:
    """See that there is something to train with.

    Raises:
        FineTuningFailed: with what to do.
    """
    if not has_libraries():  # what was trained is prepared, too
        raise FineTuningFailed(
            "Fine-tuning needs PyTorch, which this installation goes without (TORCH=none). Set it "
            "up with PyTorch, or leave --fine-tune away."
        )


def count_steps(pairs: Sequence[Pair]) -> int:
    """Return how many batches training takes."""
    return EPOCHS * -(-len(pairs) // BATCH)


def fine_tune(
    source: str,
    pairs: Sequence[Pair],
    others: Sequence[str],
    target: Path,
    *,
    advance: Callable[[int], None],
    prefix: str = "",
) -> None:
    """Train the source on the pairs, and save it for `prepare` in the folder `target`.

    Args:
        source: as `prepare` takes it; always the model before any tuning.
        pairs: of two threads at the least.
        others: titles of everything that was asked.
        target: must not be there.
        advance: hears how many batches are done.
        prefix: before every text, as `prepare` will put it.

    Raises:
        FineTuningFailed: with the reason; something may be left in `target`.
    """
    check_libraries()
    try:
        with quiet():
            model = load_source(find_source(source))
            before = {name: value.clone() for name, value in model.state_dict().items()}
            _train(model, pairs, others, advance, prefix)
            model.load_state_dict(_half_way(before, model.state_dict()))
            model.eval().save(str(target))
    except Exception as error:  # torch, safetensors and the hub share no base class
        raise FineTuningFailed(f"The model {source!r} could not be fine-tuned: {error}.") from error


def _train(
    model: Any,
    pairs: Sequence[Pair],
    others: Sequence[str],
    advance: Callable[[int], None],
    prefix: str,
) -> None:
    """Change the model's weights. Any: sentence_transformers is not imported for its types."""
    import torch

    torch.manual_seed(SEED)
    chance = random.Random(SEED)  # noqa: S311 - the same training for the same pairs
    whole = model.max_seq_length
    model.max_seq_length = min(MAX_TOKENS, whole or MAX_TOKENS)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    steps = count_steps(pairs)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / steps))

    def embed(texts: list[str]) -> Any:
        vectors = model(model.tokenize([prefix + text for text in texts]))["sentence_embedding"]
        return torch.nn.functional.normalize(vectors, dim=1)

    for step in range(steps):
        batch = _draw(pairs, chance)
        own = {text for each in batch for text in each.texts}
        wrong = [text for text in _sample(others, chance) if text not in own]
        right = [chance.choice(each.texts) for each in batch]
        cosines = embed([each.typed for each in batch]) @ embed([*right, *wrong]).T
        loss = torch.nn.functional.cross_entropy(SCALE * cosines, torch.arange(len(batch)))
        loss.backward()  # type: ignore[no-untyped-call]  # its own lack
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        rates.step()
        advance(step + 1)
    model.max_seq_length = whole


def _draw(pairs: Sequence[Pair], chance: random.Random) -> list[Pair]:
    """Return a batch in which no thread stands twice; threads come alike, however often asked."""
    by_thread: dict[int, list[Pair]] = {}
    for each in pairs:
        by_thread.setdefault(each.thread, []).append(each)
    threads = chance.sample(sorted(by_thread), min(BATCH, len(by_thread)))
    return [chance.choice(by_thread[thread]) for thread in threads]


def _sample(others: Sequence[str], chance: random.Random) -> list[str]:
    return chance.sample(list(others), min(OTHERS, len(others)))


def _half_way(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return weights between the two; what is no real number is as it was."""
    return {
        name: value + KEPT_SHARE * (after[name] - value) if value.is_floating_point() else value
        for name, value in before.items()
    }
