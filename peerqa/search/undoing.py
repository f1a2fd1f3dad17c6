"""Takes back what `peerqa tune` kept, the latest step first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from peerqa.database import transaction
from peerqa.errors import N_, Conflict
from peerqa.models import Organization, Tuning
from peerqa.search.weights import WEIGHTS, find_last_step


class NothingToUndo(Conflict):
    """No step is left."""

    code = "nothing-to-undo"


@dataclass(frozen=True)
class Undone:
    """What was taken back."""

    organization: str
    kind: str  # weights or model
    model: str  # that serves afterwards
    sentence: str

    def as_json(self) -> dict[str, object]:
        """Return what programs are told."""
        return {"organization": self.organization, "undone": self.kind, "model": self.model}


def undo_last(session: Session, organization: Organization, *, at: datetime) -> Undone:
    """Take the organization's latest step back; what was in force before is so again.

    Raises:
        NothingToUndo: there is none.
    """
    step = find_last_step(session, organization, WEIGHTS)
    if step is None:
        raise NothingToUndo(N_("Nothing that was learned is in force: there is nothing to undo."))
    name, model, step_id = organization.name, step.model, step.id
    session.rollback()
    with transaction() as writing:
        row = writing.get(Tuning, step_id)
        assert row is not None, "steps are never deleted"
        row.undone_at = at
    return Undone(name, WEIGHTS, model, f"{name}: hits are ordered as they were before.")
