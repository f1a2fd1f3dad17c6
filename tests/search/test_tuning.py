"""Learning the order of hits: what it learns from, when it keeps it, and taking it back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from indexer.ranking import DEFAULT_WEIGHTS, Weights
from peerqa.models import LookUp, LookUpHit, Member, Tuning
from peerqa.search.examples import read_examples
from peerqa.search.hits import reader_of
from peerqa.search.tuning import store_weights, tune_weights
from peerqa.search.undoing import NothingToUndo, undo_last
from peerqa.services import questions
from tests.conftest import NOON
from tests.fakes import WordsEncoder

ENOUGH = 22  # threads, each asked again twice
BEFORE = NOON - timedelta(days=1)
NOBODY = lambda _: None  # noqa: E731 - hears how far it is


@pytest.fixture
def encoder() -> WordsEncoder:
    return WordsEncoder(dimension=2048)  # words that differ are hardly near by chance


@pytest.fixture
def learn(session, engine, organization, encoder):
    """Return a function that learns as the command does, and keeps what wins."""

    def learn(at=NOON):
        session.commit()
        found = read_examples(session, organization, since=BEFORE)
        organization_id = organization.id
        tuned = tune_weights(
            session, engine, organization, found, model=encoder.model, advance=NOBODY
        )
        if tuned.verdict == "kept":
            store_weights(organization_id, tuned, found, model=encoder.model, at=at)
        engine.weights.forget()
        return tuned

    return learn


def confirm(session, organization, question_id, typed, *, by="person 1", outcome="confirmed"):
    count = session.scalar(select(func.count()).select_from(LookUp))
    look_up = LookUp(
        organization_id=organization.id, key=f"page {count}", pseudonym=by, hour_at=NOON,
        surface="ask", typed=typed, outcome="typed",
    )  # fmt: skip
    session.add(look_up)
    session.flush()
    session.add(LookUpHit(look_up_id=look_up.id, question_id=question_id, outcome=outcome))
    session.commit()


def test_weights_that_win_on_what_was_held_back_order_look_ups(
    engine, session, organization, alice, ask_again, learn, encoder, settings
):
    ask_again(ENOUGH)
    found = read_examples(session, organization, since=BEFORE).examples[:6]

    def count_right() -> int:
        reader = reader_of(alice)
        looked_up = [
            engine.rehearse(session, reader, title=each.typed, without=each.without).hits[0]
            for each in found
        ]
        threads = [each.thread for each in found]
        return sum(hit.question.id == of for hit, of in zip(looked_up, threads, strict=True))

    before = count_right()
    tuned = learn()

    assert tuned.verdict == "kept"
    assert tuned.weights.coverage > DEFAULT_WEIGHTS.coverage
    assert tuned.comparison is not None
    assert 0 < tuned.comparison.low <= tuned.comparison.gain
    assert engine.weights.find(session, organization.id, encoder.model) == tuned.weights
    (row,) = session.scalars(select(Tuning))
    assert (row.thread_count, row.example_count) == (ENOUGH, 2 * ENOUGH)
    assert row.measured["threads"] + row.measured["examples"] < 2 * ENOUGH + ENOUGH
    assert engine.weights.find(session, organization.id, "other@1") == DEFAULT_WEIGHTS
    assert before < 3 < count_right()

    assert learn().verdict == "defaults-best"  # nothing better is known than what is in force

    def undo():
        return undo_last(session, engine, organization, settings, at=NOON, watch=None)

    undone = undo()
    engine.weights.forget()
    assert undone.kind == "weights"
    assert engine.weights.find(session, organization.id, encoder.model) == DEFAULT_WEIGHTS
    with pytest.raises(NothingToUndo):
        undo()


@pytest.mark.parametrize("numbers", [(9.0, 0.1), (float("nan"), 0.1), (0.5, -3.0)])
def test_numbers_that_nobody_can_have_learned_are_not_used(
    engine, session, organization, encoder, numbers
):
    session.add(
        Tuning(
            organization_id=organization.id, kind="weights", model=encoder.model, made=None,
            agreement=numbers[0], coverage=numbers[1], thread_count=1, example_count=1,
            measured={}, tuned_at=NOON,
        )
    )  # fmt: skip
    session.commit()

    assert engine.weights.find(session, organization.id, encoder.model) == DEFAULT_WEIGHTS


def test_without_evidence_nothing_is_learned(session, organization, learn):
    tuned = learn()

    assert (tuned.verdict, tuned.weights, tuned.comparison) == ("too-few", Weights(), None)
    assert session.scalars(select(Tuning)).first() is None


def test_what_one_person_says_is_too_little(ask_again, learn, people):
    ask_again(ENOUGH, by=people[:1])

    assert learn().verdict == "too-few"


def test_another_organization_is_not_learned_from(session, carol, ask_again):
    ask_again(2)

    assert read_examples(session, carol.organization, since=BEFORE).examples == []


def test_what_is_deleted_unanswered_or_contradicts_itself_teaches_nothing(
    session, organization, ask_again, asked, alice, steward
):
    ask_again(2)
    told = read_examples(session, organization, since=BEFORE)
    first = told.examples[0]
    assert {each.is_open for each in told.examples} == {True}
    session.execute(
        update(Member.metadata.tables["post"])
        .where(Member.metadata.tables["post"].c.id.in_(first.without))
        .values(deleted_at=NOON)
    )
    session.commit()
    confirm(session, organization, asked[0].id, "the brake squeaks awfully")
    confirm(session, organization, asked[0].id, "The brake  squeaks awfully", outcome="refused")
    confirm(session, organization, asked[1].id, "the chain fell off again")
    confirm(session, organization, asked[2].id, "the CHAIN fell off again")
    confirm(session, organization, asked[3].id, "a wheel is wobbling")
    confirm(session, organization, asked[4].id, asked[4].title)
    confirm(session, organization, asked[5].id, "pedal")
    questions.delete_question(session, question=asked[6], by=steward, at=NOON)
    confirm(session, organization, asked[6].id, "the light stays dark")
    confirm(session, organization, asked[7].id, "the bell rings no more", by="person 2")

    found = read_examples(session, organization, since=BEFORE)

    typed = {each.typed for each in found.examples if not each.without}
    assert typed == {"a wheel is wobbling", "the bell rings no more"}
    assert (found.duplicates, found.confirmed, found.contradicting) == (3, 2, 2)
    later = read_examples(session, organization, since=NOON + timedelta(hours=1))
    assert (later.duplicates, later.confirmed) == (3, 0)


def test_anonymous_and_closed_ones_are_told_apart(session, organization, ask_again, closed_space):
    ask_again(2)
    first, second, *_ = read_examples(session, organization, since=BEFORE).examples
    table = Member.metadata.tables
    session.execute(
        update(table["post"]).where(table["post"].c.id.in_(first.without)).values(author_id=None)
    )
    session.execute(
        update(table["question"])
        .where(table["question"].c.id.in_(second.without))
        .values(visibility="space", space_id=closed_space.id)
    )
    session.commit()

    found = {
        each.typed: each for each in read_examples(session, organization, since=BEFORE).examples
    }

    assert not found[first.typed].is_named
    assert found[first.typed].is_open
    assert found[second.typed].is_named
    assert not found[second.typed].is_open
