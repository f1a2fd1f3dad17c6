"""Undoing a batch: what it added goes, what it changed is as before, and nothing else is touched.

What colleagues added to imported posts since would go with them, so that is refused and counted
unless it is forced. A batch on which a later one builds is undone after that one. The row of the
batch itself stays, with the instant of its undoing.
"""

from collections import Counter
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.errors import N_, Conflict, NotFound
from peerqa.models import (
    Comment,
    ImportBatch,
    ImportedChange,
    ImportedThing,
    Organization,
    Post,
    Question,
)
from peerqa.services import audit
from peerqa.services.exchange.doomed import count_uses, find_doomed, find_later_batch
from peerqa.services.exchange.removing import LEFTOVERS, remove_links, remove_posts, remove_unused
from peerqa.services.exchange.report import UndoReport
from peerqa.services.exchange.restoring import restore
from peerqa.services.moderating.audit_acts import Source
from peerqa.services.recognition import ledger


class ImportInUse(Conflict):
    """Colleagues, or a later import, have built on what the import brought."""

    code = "import-in-use"


def undo_batch(
    session: Session, batch_id: int, *, at: datetime, is_forced: bool = False
) -> UndoReport:
    """Take a batch back.

    Args:
        is_forced: also remove what colleagues added to its posts since.

    Raises:
        NotFound: there is no such batch.
        Conflict: it was undone already.
        ImportInUse: colleagues have built on it, or a later import has.
    """
    batch = _hold_batch(session, batch_id)
    later = find_later_batch(session, batch)
    if later is not None:
        raise ImportInUse(
            N_("Import %(later)s builds on import %(batch)s: undo %(later)s first."),
            later=later, batch=batch.id,
        )  # fmt: skip
    doomed = find_doomed(session, batch)
    uses = count_uses(session, batch, doomed)
    if uses and not is_forced:
        raise ImportInUse(
            N_("Colleagues have used what this import brought since: %(uses)s. "
               "Undo with --force to lose that too."),
            batch=batch.id, uses=_listed(uses),
        )  # fmt: skip
    settled = [*doomed.answers, *_accepted_by(session, batch)]
    restored = _restore_changes(session, batch, at=at)
    remove_links(session, batch)
    remove_posts(session, doomed, at=at)
    ledger.settle(session, settled, why=ledger.Why.REMOVED, at=at)
    session.execute(
        delete(ImportedThing).where(
            ImportedThing.batch_id == batch.id,
            ImportedThing.kind.not_in([kind for kind, _ in LEFTOVERS]),
        )
    )
    removed = {
        "questions": len(doomed.questions),
        "answers": len(doomed.answers),
        "comments": len(doomed.comments),
    }
    for kind, model in LEFTOVERS:
        removed[f"{kind}s"] = remove_unused(session, batch, kind, model)
    batch.undone_at = at
    _note(session, batch, removed, is_forced=is_forced, at=at)
    return UndoReport(batch.id, removed, restored)


def _accepted_by(session: Session, batch: ImportBatch) -> set[int]:
    """Return the answers of which the batch says, or said before, that they solved it."""
    links = select(ImportedThing.id, ImportedThing.state).where(ImportedThing.kind == "accepted")
    changes = select(ImportedChange.before).join(
        ImportedThing, ImportedThing.id == ImportedChange.imported_thing_id
    )
    own = session.execute(links.where(ImportedThing.batch_id == batch.id))
    changed = session.scalars(
        changes.where(ImportedChange.batch_id == batch.id, ImportedThing.kind == "accepted")
    )
    return {int(state) for _, state in own} | {int(before["state"]) for before in changed}


def _note(
    session: Session, batch: ImportBatch, removed: dict[str, int], *, is_forced: bool, at: datetime
) -> None:
    audit.record(
        session, "import.undone", by=Source.COMMAND, thing=batch,
        organization=batch.organization_id, at=at, forced=is_forced,
        questions=removed["questions"], answers=removed["answers"], comments=removed["comments"],
    )  # fmt: skip


def _hold_batch(session: Session, batch_id: int) -> ImportBatch:
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound(N_("There is no import %(batch)s."), batch=batch_id)
    session.execute(  # imports and undoings of an organization queue here
        select(Organization.id)
        .where(Organization.id == batch.organization_id)
        .with_for_update(key_share=True)
    )
    session.refresh(batch)
    if batch.undone_at is not None:
        raise Conflict(N_("Import %(batch)s was undone already."), batch=batch_id)
    return batch


def _restore_changes(session: Session, batch: ImportBatch, *, at: datetime) -> int:
    """Give back what the batch changed its former state; returns how many things."""
    rows = session.execute(
        select(ImportedChange, ImportedThing)
        .join(ImportedThing, ImportedThing.id == ImportedChange.imported_thing_id)
        .where(ImportedChange.batch_id == batch.id)
    ).all()
    for change, thing in rows:
        if thing.kind in {"accepted", "duplicate"}:
            _restore_link(session, thing, change.before["state"])
        else:
            post = session.get_one(Post, thing.thing_id)
            restore(session, thing, post, change.before, at=at)
            if "body" in change.before and not isinstance(post, Comment):
                outbox.ask(session, "index", str(post.id), at=at)
    session.execute(delete(ImportedChange).where(ImportedChange.batch_id == batch.id))
    return len(rows)


def _restore_link(session: Session, thing: ImportedThing, before: str) -> None:
    """Point the link where it pointed, unless people have pointed it elsewhere since."""
    column = Question.accepted_id if thing.kind == "accepted" else Question.duplicate_of_id
    session.execute(
        update(Question)
        .where(Question.id == thing.thing_id, column == int(thing.state))
        .values({column: int(before)}),
        execution_options={"synchronize_session": False},
    )
    thing.state = before
    session.flush()


def _listed(uses: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in uses.items())
