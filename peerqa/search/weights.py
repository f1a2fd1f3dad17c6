"""The weights that look-ups are ordered by: what the organization learned, or the defaults.

Kept for a minute for each organization, as gates are. Weights of another model are none of ours,
and numbers outside of the range that is learned in are not used.
"""

import time
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from indexer.ranking import DEFAULT_WEIGHTS, Weights
from indexer.tuning import is_within
from peerqa.models import Tuning
from peerqa.search.gates import KEPT_SECONDS

WEIGHTS, MODEL = "weights", "model"  # kinds of steps

_STEP = Tuning.__table__.c
# made once: making it takes longer than asking it
_LEARNED = (
    select(_STEP.agreement, _STEP.coverage)
    .where(
        _STEP.organization_id == bindparam("organization"),
        _STEP.model == bindparam("model"),
        _STEP.kind == WEIGHTS,
        _STEP.undone_at.is_(None),
    )
    .order_by(_STEP.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class _Kept:
    weights: Weights
    until: float  # by the monotonic clock


class LearnedWeights:
    """The weights that this process knows."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], _Kept] = {}

    def find(self, session: Session, organization_id: int, model: str | None) -> Weights:
        """Return the weights to order hits of this model by."""
        if model is None:
            return DEFAULT_WEIGHTS
        key, now = (organization_id, model), time.monotonic()
        kept = self._kept.get(key)
        if kept is None or kept.until < now:
            values = {"organization": organization_id, "model": model}
            row = session.execute(_LEARNED, values).one_or_none()
            weights = read_weights(*row) if row else None
            kept = _Kept(weights or DEFAULT_WEIGHTS, now + KEPT_SECONDS)
            self._kept[key] = kept
        return kept.weights

    def forget(self) -> None:
        """Read all of them again when they are needed."""
        self._kept.clear()


def read_weights(agreement: float | None, coverage: float | None) -> Weights | None:
    """Return the weights; None when there are none, or none to order by."""
    if agreement is None or coverage is None:  # SQLite keeps NaN as NULL
        return None
    weights = Weights(agreement, coverage)
    return weights if is_within(weights) else None
