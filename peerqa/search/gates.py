"""The gates that look-ups are judged by: an organization's own, or the prior that all begin with.

Read once a minute for each organization, so that most look-ups ask nothing; after a recalibration
every process judges by the new numbers within that minute. A row of another model is none of ours,
and numbers that cannot be judged by are left alone: then the prior holds.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from indexer.calibration import CONSERVATIVE_PRIOR, Gate, is_sane
from peerqa.models import FittedGate, Organization

KEPT_SECONDS = 60.0

Learned = TypeVar("Learned")

_GATE = FittedGate.__table__
# made once: making it takes longer than asking it
_WEIGHTS = select(_GATE.c.bias, _GATE.c.similarity, _GATE.c.gap).where(
    _GATE.c.organization_id == bindparam("organization"), _GATE.c.model == bindparam("model")
)


@dataclass(frozen=True)
class _Kept(Generic[Learned]):
    learned: Learned
    until: float  # by the monotonic clock


class KeptAMinute(Generic[Learned]):
    """What this process knows of what organizations learned for a model."""

    def __init__(
        self,
        statement: Select[Any],
        read: Callable[..., Learned | None],
        default: Learned,
    ) -> None:
        """Say where it is found.

        Args:
            statement: of one row, for :organization and :model.
            read: makes of a row's values what was learned; None of what is damaged.
            default: holds where nothing was learned.
        """
        self._statement = statement
        self._read = read
        self._default = default
        self._kept: dict[tuple[int, str], _Kept[Learned]] = {}

    def find(self, session: Session, organization_id: int, model: str | None) -> Learned:
        """Return what holds for look-ups by this model."""
        if model is None:
            return self._default
        key, now = (organization_id, model), time.monotonic()
        kept = self._kept.get(key)
        if kept is None or kept.until < now:
            values = {"organization": organization_id, "model": model}
            row = session.execute(self._statement, values).one_or_none()
            learned = self._read(*row) if row else None
            kept = _Kept(self._default if learned is None else learned, now + KEPT_SECONDS)
            self._kept[key] = kept
        return kept.learned

    def forget(self) -> None:
        """Read all of it again when it is needed."""
        self._kept.clear()


class Gates(KeptAMinute[Gate]):
    """The gates that this process knows."""

    def __init__(self) -> None:
        super().__init__(_WEIGHTS, read_gate, CONSERVATIVE_PRIOR)


def read_gate(bias: float | None, similarity: float | None, gap: float | None) -> Gate | None:
    """Return the gate of these weights; None when there are none, or none to judge by."""
    if bias is None or similarity is None or gap is None:  # SQLite keeps NaN as NULL
        return None
    gate = Gate(bias, similarity, gap, source="feedback of the organization")
    return gate if is_sane(gate) else None


def find_row(session: Session, organization: Organization, model: str) -> FittedGate | None:
    """Return what was last learned for this model."""
    return session.scalars(
        select(FittedGate).where(
            FittedGate.organization_id == organization.id, FittedGate.model == model
        )
    ).one_or_none()


def list_rows(session: Session, organization: Organization) -> Sequence[FittedGate]:
    """Return what was learned for each model, whichever serves now; newest first."""
    return session.scalars(
        select(FittedGate)
        .where(FittedGate.organization_id == organization.id)
        .order_by(FittedGate.fitted_at.desc(), FittedGate.id)
    ).all()


def is_damaged(row: FittedGate) -> bool:
    """Whether it should hold the organization's own gate, and does not."""
    return row.verdict == "own" and read_gate(row.bias, row.similarity, row.gap) is None
