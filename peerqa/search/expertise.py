"""Gathers what is near a question, for who might know, and lets questions climb the ladder.

The worker's timer calls it. What is near is found outside any write transaction; the decision is
services/routing's, which knows no vectors. While the encoder or the index is not there yet, a
question waits for it, some minutes and no longer: then words alone must do.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.models import Organization, Question
from peerqa.search.candidates import Typed
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import Reader
from peerqa.services.routing import ladder
from peerqa.services.routing.evidence import readable
from peerqa.services.routing.scoring import Numbers
from peerqa.settings import Settings

PATIENCE = timedelta(minutes=10)  # with an encoder or an index that is not there
BY_WORDS = 0.3  # similarity of what was found by words alone: near, and nobody knows how near
MOST_BODY = 2_000  # characters that are compared

log = structlog.get_logger()


def numbers_of(settings: Settings) -> Numbers:
    """Return the numbers of the ladder, as the installation has chosen them."""
    return Numbers(
        **{name: getattr(settings, f"routing_{name}") for name in Numbers.__dataclass_fields__}
    )


class Expertise:
    """What the worker's timer calls."""

    def __init__(self, engine: SearchEngine, numbers: Numbers) -> None:
        self._engine = engine
        self._numbers = numbers

    def run(self) -> None:
        """Let every question that is due climb."""
        due = ladder.list_due(db.session(), at=utc_now())
        db.session().rollback()
        for question_id in due:
            self._climb(question_id, at=utc_now())

    def _climb(self, question_id: int, *, at: datetime) -> None:
        session = db.session()
        question = session.get(Question, question_id)
        near: Mapping[int, float] | None = {}
        if question is not None and ladder.waits(
            question, at=at, fresh_days=self._numbers.fresh_days
        ):
            is_patient = question.created_at > at - PATIENCE
            near = self.gather(session, question, is_patient=is_patient)
        session.rollback()
        if near is None:
            return
        with transaction() as writing:
            made = ladder.climb(writing, question_id, near, at=at, numbers=self._numbers)
        if made:
            log.info("routing.asked", question=question_id, people=len(made))

    def gather(
        self, session: Session, question: Question, *, is_patient: bool = False
    ) -> Mapping[int, float] | None:
        """Return question → similarity of what is near; None while it cannot be said.

        Args:
            is_patient: say nothing by words alone, where an encoder is about to be there.
        """
        organization = session.get_one(Organization, question.organization_id)
        reader = Reader(
            organization.id, organization.precision_target, organization.language,
            frozenset(readable(question)),
        )  # fmt: skip
        typed = Typed(question.title, question.plain[:MOST_BODY])
        found = self._engine.finder.find(session, reader, typed, count=self._numbers.near)
        if found.query is None and is_patient and self._engine.find_encoder() is not None:
            return None
        return {
            each.owner: BY_WORDS if each.similarity is None else each.similarity
            for each in found.ranked[: self._numbers.near + 1]
            if each.owner != question.id
        }
