"""Learns each organization's gate from its own evidence, every night and when an admin asks.

All is read first and computed outside any write transaction. Two workers at once compute the same;
of two results the one that read its evidence later stays. What was learned for another model stays
where it is and is not used, so going back to that model goes back to its gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from indexer.calibration import CONSERVATIVE_PRIOR
from indexer.feedback import Learned, learn
from peerqa.clock import utc_now
from peerqa.database import db, insert_once, transaction
from peerqa.models import FittedGate, Organization
from peerqa.outbox import count_waiting
from peerqa.search.engine import SearchEngine
from peerqa.search.evidence import Evidence, Rehearsal, read_evidence, rehearse
from peerqa.search.gate_measures import Measures, measure
from peerqa.search.gates import find_row, is_damaged
from peerqa.services.organizations import list_organizations

log = structlog.get_logger()


@dataclass(frozen=True)
class Lesson:
    """What came of the evidence."""

    evidence: Evidence
    rehearsals: Sequence[Rehearsal]
    learned: Learned
    measures: Measures


class Recalibration:
    """What the worker's timer and its outbox call."""

    def __init__(self, engine: SearchEngine, *, evidence_days: int) -> None:
        self._engine = engine
        self._evidence_days = evidence_days

    def run(self) -> None:
        """Learn from whatever evidence is new, organization by organization.

        While posts wait to be indexed it waits for the next night: duplicates would be looked up
        in a half of what there is, and the evidence would not be new again afterwards.
        """
        session = db.session()
        if count_waiting(session).get("index"):
            log.info("gate.waits_for_index")
            return
        ids = [organization.id for organization in list_organizations(session)]
        for organization_id in ids:
            self._learn(organization_id, anew=False)

    def handle(self, keys: Sequence[str]) -> None:
        """Learn for the organizations that the outbox names."""
        for key in keys:
            self._learn(int(key), anew=True)

    def _learn(self, organization_id: int, *, anew: bool) -> None:
        organization = db.session().get(Organization, organization_id)
        if organization is not None:
            recalibrate(
                self._engine, organization, at=utc_now(), days=self._evidence_days, anew=anew
            )
        db.session().rollback()  # nothing of it stays open while the next is looked at


def recalibrate(
    engine: SearchEngine, organization: Organization, *, at: datetime, days: int, anew: bool = True
) -> bool:
    """Learn the organization's gate.

    Args:
        at: the evidence is read at this instant.
        days: how far back evidence goes.
        anew: also when the evidence is what it was the last time.

    Returns:
        Whether it learned; False without an encoder too, whose figures would be meant.
    """
    encoder = engine.find_encoder()
    if encoder is None:
        return False
    session, model = db.session(), encoder.model
    organization_id = organization.id
    since = at - timedelta(days=days)
    evidence = read_evidence(session, organization, model=model, since=since)
    row = find_row(session, organization, model)
    if row and row.evidence_hash == evidence.digest and not anew and not is_damaged(row):
        return False
    lesson = _take(session, engine, organization, evidence, model=model)
    with transaction() as writing:
        is_stored = _store(writing, organization_id, model, lesson, at=at)
    engine.gates.forget()
    log.info(
        "gate.learned", organization=organization_id, verdict=lesson.learned.verdict,
        feedback=len(evidence.feedback), links=len(lesson.rehearsals), stored=is_stored,
    )  # fmt: skip
    return is_stored


def _take(
    session: Session,
    engine: SearchEngine,
    organization: Organization,
    evidence: Evidence,
    *,
    model: str,
) -> Lesson:
    looked_up = [
        rehearse(session, engine, organization, link, model=model) for link in evidence.links
    ]
    rehearsals = [each for each in looked_up if each is not None]
    judged = list(evidence.feedback)
    for each in rehearsals:
        judged += [*each.asked_before, *each.never_asked]
    target = organization.precision_target
    learned = learn(judged, prior=CONSERVATIVE_PRIOR, target=target)
    measures = measure(evidence, rehearsals, learned.foretold, target=target)
    return Lesson(evidence, rehearsals, learned, measures)


def _store(
    session: Session, organization_id: int, model: str, lesson: Lesson, *, at: datetime
) -> bool:
    """Write the row, unless later evidence than this is in it; True when it was written."""
    gate = lesson.learned.gate if lesson.learned.verdict == "own" else None
    values = {
        "verdict": lesson.learned.verdict,
        "bias": gate.bias if gate else None,
        "similarity": gate.similarity if gate else None,
        "gap": gate.gap if gate else None,
        "confirmed_count": lesson.evidence.count(answered=True),
        "refused_count": lesson.evidence.count(answered=False),
        "duplicate_count": len(lesson.rehearsals),
        "evidence_hash": lesson.evidence.digest,
        "fitted_at": at,
        "measured": lesson.measures.as_json(),
    }
    if insert_once(session, FittedGate, organization_id=organization_id, model=model, **values):
        return True
    row = session.scalars(
        select(FittedGate)
        .where(FittedGate.organization_id == organization_id, FittedGate.model == model)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.fitted_at > at:
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True
