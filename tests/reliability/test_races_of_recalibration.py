"""Sixteen workers learn at once: one row, of the evidence that was read last."""

from datetime import timedelta

from sqlalchemy import select

from peerqa.database import db
from peerqa.models import FittedGate, Organization, Space
from peerqa.search.engine import SearchEngine
from peerqa.search.recalibrating import recalibrate
from tests.conftest import NOON
from tests.fakes import WordsEncoder
from tests.reliability.arena import THREADS, Arena, Stage


def test_workers_that_learn_at_once_leave_one_row_of_the_latest(arena: Arena, stage: Stage):
    def learn(number: int) -> object:
        engine = SearchEngine(arena.app.extensions["peerqa.settings"])
        engine.encoders.use(WordsEncoder())
        organization = _organization(stage)
        return recalibrate(engine, organization, at=NOON + timedelta(hours=number), days=90)

    stored = arena.rush(learn)

    assert stored[THREADS - 1] is True
    rows = arena.read(_rows_of(stage))
    assert rows == [NOON + timedelta(hours=THREADS - 1)]


def _organization(stage: Stage) -> Organization:
    session = db.session()
    return session.get_one(Organization, session.get_one(Space, stage.space).organization_id)


def _rows_of(stage: Stage):
    def look(session) -> list[object]:
        return list(
            session.scalars(
                select(FittedGate.fitted_at).where(
                    FittedGate.organization_id
                    == session.get_one(Space, stage.space).organization_id
                )
            )
        )

    return look
