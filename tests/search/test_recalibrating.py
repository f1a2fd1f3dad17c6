"""Learning from an organization's own evidence: what counts, what does not, and what it changes."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, func, select, update

from indexer.calibration import CONSERVATIVE_PRIOR
from peerqa.models import FittedGate, OutboxRow
from peerqa.search import gate_measures, gates
from peerqa.search.gates import KEPT_SECONDS, Gates
from peerqa.search.hits import reader_of
from peerqa.search.recalibrating import Recalibration, recalibrate
from peerqa.services import recalibration
from tests.conftest import NOON
from tests.fakes import WordsEncoder

MODEL = WordsEncoder().model
DAYS = 90
LATER = NOON + timedelta(hours=1)


def learn(engine, session, organization, *, at=NOON, anew=False) -> bool:
    session.commit()
    return recalibrate(engine, organization, at=at, days=DAYS, anew=anew)


def row_of(session, organization) -> FittedGate:
    session.expire_all()
    return session.scalars(
        select(FittedGate).where(FittedGate.organization_id == organization.id)
    ).one()


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_feedback_makes_a_gate_of_its_own(engine, session, organization, much_said):
    assert learn(engine, session, organization)

    row = row_of(session, organization)
    assert (row.verdict, row.model) == ("own", MODEL)
    assert (row.confirmed_count, row.refused_count, row.duplicate_count) == (10, 20, 0)
    gate = engine.gates.find(session, organization.id, MODEL)
    assert gate.probability(0.6, 0.26) < CONSERVATIVE_PRIOR.probability(0.6, 0.26) - 0.1
    measures = gate_measures.read(row.measured)
    assert measures is not None
    assert (measures.precision.count, measures.precision.of) == (10, 30)
    assert sum(point.answered.of for point in measures.curve) == 30
    assert measures.recall is None


def test_look_ups_are_judged_by_it(engine, session, organization, alice, asked, much_said):
    before = engine.similar(session, reader_of(alice), title="How is the fork fitted?")
    learn(engine, session, organization)
    after = engine.similar(session, reader_of(alice), title="How is the fork fitted?")

    (was,), (now,) = before.hits, [*after.hits, *after.related][:1]
    assert was.question.id == now.question.id
    assert (was.similarity, was.gap, was.model) == (now.similarity, now.gap, MODEL)
    gate = engine.gates.find(session, organization.id, MODEL)
    assert now.probability == gate.probability(now.similarity, now.gap) != was.probability


def test_little_feedback_leaves_the_prior_and_says_so(engine, session, organization, judge, asked):
    judge([asked[0].id], "confirmed")

    learn(engine, session, organization)

    row = row_of(session, organization)
    assert (row.verdict, row.bias, row.confirmed_count) == ("too-few", None, 1)
    assert engine.gates.find(session, organization.id, MODEL) is CONSERVATIVE_PRIOR


def test_at_night_nothing_is_learned_from_half_an_index(
    engine, session, organization, much_said, question
):
    session.commit()
    nightly = Recalibration(engine, evidence_days=36_500)

    nightly.run()
    assert count(session, FittedGate) == 0

    session.execute(delete(OutboxRow).where(OutboxRow.topic == "index"))
    session.commit()
    nightly.run()
    assert row_of(session, organization).verdict == "own"


def test_the_same_evidence_is_learned_from_once(engine, session, organization, much_said, judge):
    assert learn(engine, session, organization)
    assert not learn(engine, session, organization, at=LATER)
    assert row_of(session, organization).fitted_at == NOON

    assert learn(engine, session, organization, at=LATER, anew=True)
    assert count(session, FittedGate) == 1
    assert row_of(session, organization).fitted_at == LATER


def test_new_evidence_and_another_target_are_learned_from(
    engine, session, organization, much_said, judge, asked
):
    learn(engine, session, organization)
    judge([asked[0].id], "refused")
    assert learn(engine, session, organization, at=LATER)

    organization.precision_target = 0.9
    assert learn(engine, session, organization, at=LATER)


def test_later_evidence_is_not_overwritten_by_earlier(engine, session, organization, much_said):
    learn(engine, session, organization, at=LATER)

    assert not learn(engine, session, organization, at=NOON, anew=True)
    assert row_of(session, organization).fitted_at == LATER


def test_evidence_of_another_organization_is_never_used(
    engine, session, organization, carol, much_said
):
    session.commit()

    assert learn(engine, session, carol.organization)
    assert row_of(session, carol.organization).verdict == "too-few"
    assert row_of(session, carol.organization).refused_count == 0
    assert engine.gates.find(session, carol.organization_id, MODEL) is CONSERVATIVE_PRIOR


def test_evidence_is_forgotten_with_time(engine, session, organization, much_said):
    learn(engine, session, organization)

    assert learn(engine, session, organization, at=NOON + timedelta(days=DAYS + 2))
    assert row_of(session, organization).verdict == "too-few"


def test_figures_of_another_model_teach_nothing(engine, session, organization, judge, asked):
    ids = [question.id for question in asked]
    for model in ("other@1", None):
        judge(ids, "confirmed", model=model)
        judge(ids, "refused", model=model)

    learn(engine, session, organization)

    assert row_of(session, organization).confirmed_count == 0


def test_a_gate_of_another_model_is_left_alone_and_comes_back_with_it(
    engine, session, organization, much_said
):
    learn(engine, session, organization)
    own = engine.gates.find(session, organization.id, MODEL)

    engine.encoders.use(WordsEncoder("words@2"))
    assert engine.gates.find(session, organization.id, "words@2") is CONSERVATIVE_PRIOR
    learn(engine, session, organization, at=LATER)

    rows = gates.list_rows(session, organization)
    assert [(row.model, row.verdict) for row in rows] == [("words@2", "too-few"), (MODEL, "own")]
    assert engine.gates.find(session, organization.id, MODEL) == own


def test_a_model_that_changes_while_links_are_looked_up_teaches_nothing(
    engine, session, organization, duplicates, monkeypatch
):
    session.commit()
    encoder = engine.encoders.open()

    look = engine.rehearse

    def change_then_look(*args, **more):
        engine.encoders.use(WordsEncoder("words@2"))
        return look(*args, **more)

    monkeypatch.setattr(engine, "rehearse", change_then_look)
    learn(engine, session, organization)

    row = row_of(session, organization)
    assert (row.model, row.duplicate_count, row.verdict) == (encoder.model, 0, "too-few")


@pytest.mark.parametrize(
    "weights",
    [(float("nan"), 1.9, 28.0), (5.0, 1.0, 20.0), (-7.0, 1.9, -28.0), (-7.0, 1.9, 1e300)],
)
def test_numbers_that_cannot_be_judged_by_are_left_alone_and_learned_anew(
    engine, session, organization, much_said, weights
):
    learn(engine, session, organization)
    session.execute(
        update(FittedGate).values(dict(zip(("bias", "similarity", "gap"), weights, strict=True)))
    )
    session.commit()
    session.expire_all()
    engine.gates.forget()

    assert engine.gates.find(session, organization.id, MODEL) is CONSERVATIVE_PRIOR
    assert gates.is_damaged(row_of(session, organization))
    assert learn(engine, session, organization, at=LATER)  # though the evidence is the same
    assert not gates.is_damaged(row_of(session, organization))


def test_duplicates_teach_and_tell_the_recall(engine, session, organization, duplicates):
    learn(engine, session, organization)

    row = row_of(session, organization)
    assert row.duplicate_count == len(duplicates)
    measures = gate_measures.read(row.measured)
    assert measures is not None
    assert measures.precision is None
    assert (measures.recall.of, measures.false_alarms.of) == (len(duplicates), len(duplicates))


def test_without_an_encoder_nothing_is_learned(engine, session, organization, much_said, settings):
    from peerqa.search.engine import SearchEngine

    assert not learn(SearchEngine(settings), session, organization)
    assert count(session, FittedGate) == 0


def test_the_worker_learns_for_each_organization_and_twice_is_harmless(
    engine, session, organization, carol, much_said
):
    session.commit()
    worker = Recalibration(engine, evidence_days=36_500)

    for _ in range(2):
        worker.run()

    assert count(session, FittedGate) == 2
    worker.handle([str(organization.id), "987654"])  # one that is gone, too
    assert count(session, FittedGate) == 2


def test_it_is_asked_for_once(session, organization):
    for _ in range(2):
        recalibration.ask_to_recalibrate(session, organization=organization, at=NOON)

    assert recalibration.is_waiting(session, organization)
    assert count(session, OutboxRow) == 1


def test_a_gate_is_read_once_a_minute_in_one_query(session, organization, monkeypatch):
    heard = []
    event.listen(session.connection(), "before_cursor_execute", lambda *call: heard.append(call[2]))
    clock = [1_000.0]
    monkeypatch.setattr(gates.time, "monotonic", lambda: clock[0])
    known = Gates()

    for seconds in (0, 1, KEPT_SECONDS - 2, KEPT_SECONDS + 2):
        clock[0] = 1_000.0 + seconds
        assert known.find(session, organization.id, MODEL) is CONSERVATIVE_PRIOR

    assert len([statement for statement in heard if "FROM gate" in statement]) == 2
    assert known.find(session, organization.id, None) is CONSERVATIVE_PRIOR  # by words alone


def test_what_was_measured_is_taken_back_as_it_was_and_nonsense_is_not():
    share = gate_measures.Share(8, 10, 0.49, 0.94)
    point = gate_measures.CurvePoint(0.8, 0.9, 0.85, share)
    measures = gate_measures.Measures(0.8, [point], share, None, share, 0.03)

    assert gate_measures.read(measures.as_json()) == measures
    for nonsense in ({}, {"a": 1}, {**measures.as_json(), "curve": [{"low": 1}]}):
        assert gate_measures.read(nonsense) is None


def test_what_is_stored_of_a_gate_names_nobody(engine, session, organization, much_said):
    learn(engine, session, organization)

    row = row_of(session, organization)
    stored = str([getattr(row, column.key) for column in FittedGate.__table__.columns])
    assert "person" not in stored
    assert "fitted" not in stored  # nor what was typed or asked
