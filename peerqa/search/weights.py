"""The weights that look-ups are ordered by: what the organization learned, or the defaults.

Kept for a minute for each organization, as gates are. Weights of another model are none of ours,
and numbers outside of the range that is learned in are not used.
"""

from sqlalchemy import bindparam, select

from indexer.ranking import DEFAULT_WEIGHTS, Weights
from indexer.tuning import is_within
from peerqa.models import Tuning
from peerqa.search.gates import KeptAMinute

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


class LearnedWeights(KeptAMinute[Weights]):
    """The weights that this process knows."""

    def __init__(self) -> None:
        super().__init__(_LEARNED, read_weights, DEFAULT_WEIGHTS)


def read_weights(agreement: float | None, coverage: float | None) -> Weights | None:
    """Return the weights; None when there are none, or none to order by."""
    if agreement is None or coverage is None:  # SQLite keeps NaN as NULL
        return None
    weights = Weights(agreement, coverage)
    return weights if is_within(weights) else None
