"""Takes back what `peerqa tune` kept, the latest step first.

A step is in force when it is of the model that serves; so a run that was killed between a row and
its files left nothing to undo. The model that served before comes back with its vectors, its gate
and its weights; only what was posted or edited since is encoded.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from indexer import artefact
from indexer.errors import ModelUnavailable
from peerqa.database import transaction
from peerqa.errors import N_, Conflict
from peerqa.models import Organization, Tuning
from peerqa.search.engine import SearchEngine
from peerqa.search.generations import Watch, before_tuning, complete, engine_of
from peerqa.search.weights import MODEL, WEIGHTS
from peerqa.settings import Settings


class NothingToUndo(Conflict):
    """No step is left."""

    code = "nothing-to-undo"


class ModelGone(Conflict):
    """The model before is not there any more."""

    code = "model-gone"


@dataclass(frozen=True)
class Undone:
    """What was taken back."""

    organization: str
    kind: str  # weights or model
    model: str  # that serves afterwards
    encoded: int  # posts that had to be encoded for it

    @property
    def sentence(self) -> str:
        """What people are told."""
        if self.kind == WEIGHTS:
            return f"{self.organization}: hits are ordered as they were before."
        return (
            f"{self.model} serves again, with its gate and its weights; {self.encoded} posts were "
            "encoded for it."
        )

    def as_json(self) -> dict[str, object]:
        """What programs are told."""
        return {
            "organization": self.organization,
            "undone": self.kind,
            "model": self.model,
            "encoded": self.encoded,
        }


def undo_last(
    session: Session,
    engine: SearchEngine,
    organization: Organization,
    settings: Settings,
    *,
    at: datetime,
    watch: Watch,
) -> Undone:
    """Take the organization's latest step back; what was in force before is so again.

    Raises:
        NothingToUndo: there is none.
        ModelGone: with what to do.
        ModelUnavailable: no model serves.
    """
    serving, name = engine.encoders.open().model, organization.name
    step = _find_step(session, organization, serving)
    if step is None:
        raise NothingToUndo(N_("Nothing that was learned is in force: there is nothing to undo."))
    kind, step_id, model, encoded = step.kind, step.id, serving, 0
    if kind == MODEL:
        model = step.model
        encoded = _bring_back(model, settings, watch=watch)
    session.rollback()
    with transaction() as writing:
        row = writing.get(Tuning, step_id)
        assert row is not None, "steps are never deleted"
        row.undone_at = at
    return Undone(name, kind, model, encoded)


def _find_step(session: Session, organization: Organization, serving: str) -> Tuning | None:
    return session.scalars(
        select(Tuning)
        .where(
            Tuning.organization_id == organization.id,
            Tuning.undone_at.is_(None),
            or_(
                and_(Tuning.kind == WEIGHTS, Tuning.model == serving),
                and_(Tuning.kind == MODEL, Tuning.made == serving),
            ),
        )
        .order_by(Tuning.id.desc())
        .limit(1)
    ).first()


def _bring_back(model: str, settings: Settings, *, watch: Watch) -> int:
    """Let the model before serve, its index complete; returns how many posts were encoded."""
    folder = before_tuning(settings)
    try:
        is_there = artefact.verify(folder).model == model
    except ModelUnavailable:
        is_there = False
    if not is_there:
        raise ModelGone(
            N_(
                "The model that served before, %(model)s, is not kept any more. Run `peerqa model "
                "prepare` to go back to the one that PEERQA_MODEL names; the worker encodes anew."
            ),
            model=model,
        )
    before = engine_of(settings, folder)
    encoded = complete(before, watch=watch)
    artefact.exchange_with(folder, settings.model_dir)
    return encoded
