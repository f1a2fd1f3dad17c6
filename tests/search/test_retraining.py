"""A model of the organization's own: when it takes over, when not, and the way back."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from indexer.artefact import read_provenance, verify
from indexer.encoder import OnnxEncoder
from indexer.errors import FineTuningFailed
from indexer.tuning import is_held_back
from peerqa.models import Embedding, FittedGate, Sentence, Tuning
from peerqa.search import encoders, retraining, tuning
from peerqa.search.engine import SearchEngine, patient
from peerqa.search.examples import read_examples
from peerqa.search.generations import before_tuning
from peerqa.search.hits import reader_of
from peerqa.search.retraining import ModelNotTunable, retrain
from peerqa.search.undoing import ModelGone, NothingToUndo, undo_last
from peerqa.search.updating import index_posts
from peerqa.services import questions
from peerqa.services.organizations import make_organization
from tests.conftest import NOON
from tests.fakes import WordsEncoder
from tests.indexer.test_artefact import make_artefact
from tests.search.test_tuning import BEFORE

TUNED = "tiny-tuned"
ENOUGH = 14  # threads


class KnowingEncoder(WordsEncoder):
    """Knows a word of the house: what starts with k means what starts with z."""

    def _encode(self, text):
        words = text.split()
        return super()._encode(" ".join(f"z{w[1:-1]}" if w[0] == "k" else w for w in words))


def watch(_what, _total):
    return lambda _done: None


@pytest.fixture
def place(settings, tmp_path, monkeypatch):
    """An installation whose model is a folder; what is made of it is the next in `makes`."""
    monkeypatch.setattr(encoders, "LOOK_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(tuning, "FEWEST_THREADS", 12.0)
    monkeypatch.setattr(tuning, "FEWEST_EXAMPLES", 24)
    make_artefact(tmp_path / "model")
    place = settings.model_copy(
        update={"home": tmp_path, "model_dir": tmp_path / "model", "model": "/source/tiny"}
    )
    opened: dict[str, WordsEncoder] = {}

    def open_model(folder: Path) -> WordsEncoder:
        made = verify(folder)
        kind = (
            KnowingEncoder if b"knowing" in (folder / "model.onnx").read_bytes() else WordsEncoder
        )
        return opened.setdefault(made.model, kind(made.model, dimension=2048))

    monkeypatch.setattr(OnnxEncoder, "open", open_model)
    return place


@pytest.fixture
def encoder(place) -> WordsEncoder:
    return OnnxEncoder.open(place.model_dir)


@pytest.fixture
def serving(place) -> SearchEngine:
    return SearchEngine(place)


@pytest.fixture
def training(monkeypatch):
    """Return a function that says what training makes."""

    def make(graph: bytes) -> list:
        trained_on = []

        def fake(_settings, pairs, titles, workshop, *, watch):
            trained_on.append((pairs, titles))
            make_artefact(workshop / "model", graph=graph, name=TUNED, tuned_from="tiny")
            return workshop / "model"

        monkeypatch.setattr(retraining, "_make", fake)
        return trained_on

    return make


@pytest.fixture
def tune(session, organization, place, serving):
    def tune(*, is_dry=False):
        session.commit()
        engine = patient(place, serving.encoders.open())
        found = read_examples(session, organization, since=BEFORE)
        return retrain(
            session, engine, organization, found, place, is_dry=is_dry, watch=watch
        )  # fmt: skip

    return tune


@pytest.fixture
def undo(session, organization, place, serving):
    return lambda: undo_last(session, serving, organization, place, at=NOON, watch=watch)


def models_in(session) -> set[str]:
    session.rollback()
    return {
        model.partition("@")[0]
        for table in (Embedding, Sentence, FittedGate)
        for model in session.scalars(select(table.model).distinct())
    }


def leftovers(place) -> set[str]:
    names = {path.name for path in place.home.iterdir()}
    return {name for name in names if "tun" in name and not name.endswith(".lock")}


def test_a_winner_takes_over_and_can_be_taken_back(
    session, space, alice, place, serving, ask_again, training, tune, undo
):
    ask_again(ENOUGH)
    before = serving.encoders.open().model
    training(b"knowing")

    made = tune()

    assert (made.verdict, made.before) == ("kept", before)
    assert made.comparison is not None
    assert made.comparison.low > 0
    assert verify(place.model_dir).model == made.after != before
    assert serving.encoders.open().model == made.after
    found = serving.search(session, reader_of(alice), query="How are k1x and b1x?")
    assert (found.hits[0].model, found.by_words_only) == (made.after, False)
    (row,) = session.scalars(select(Tuning))
    assert (row.kind, row.model, row.made, row.undone_at) == ("model", before, made.after, None)
    assert leftovers(place) == {"model.before-tuning"}
    assert models_in(session) == {"tiny", TUNED}

    later = questions.post_question(session, space=space, author=alice, title="New one?", at=NOON)
    session.commit()
    index_posts([later.id], serving.encoders.open())
    undone = undo()

    assert (undone.kind, undone.model, undone.encoded) == ("model", before, 1)
    assert verify(place.model_dir).model == before
    assert serving.encoders.open().model == before
    with pytest.raises(NothingToUndo):
        undo()


def test_of_a_loser_nothing_is_left(session, place, ask_again, training, tune):
    ask_again(ENOUGH)
    before = verify(place.model_dir)
    training(b"no better")

    made = tune()

    assert made.verdict == "no-better"
    assert made.comparison is not None
    assert not made.comparison.wins
    assert verify(place.model_dir) == before
    assert models_in(session) == {"tiny"}
    assert leftovers(place) == set()
    assert session.scalars(select(Tuning)).first() is None


def test_a_dry_run_compares_and_leaves_nothing(session, place, ask_again, training, tune):
    ask_again(ENOUGH)
    training(b"knowing")

    made = tune(is_dry=True)

    assert (made.verdict, made.after) == ("kept", made.before)
    assert models_in(session) == {"tiny"}
    assert leftovers(place) == set()


def test_it_is_trained_on_what_everybody_may_read_alone(
    session, place, ask_again, training, tune, closed_space
):
    ask_again(ENOUGH + 2)
    told = read_examples(session, place_organization(session), since=BEFORE).examples
    learned = [each for each in told if not is_held_back(each.thread)]
    hidden, nameless = learned[0], learned[1]
    ids = {*hidden.without}
    for row in session.scalars(select(questions.Question).where(questions.Question.id.in_(ids))):
        row.visibility, row.space_id = "space", closed_space.id
    for row in session.scalars(
        select(questions.Question).where(questions.Question.id.in_(nameless.without))
    ):
        row.author_id = None
    trained_on = training(b"no better")

    tune()

    ((pairs, titles),) = trained_on
    typed = {pair.typed for pair in pairs}
    assert typed == {each.typed for each in learned} - {hidden.typed, nameless.typed}
    assert all(pair.texts[0] and len(pair.texts) <= 3 for pair in pairs)
    assert hidden.typed not in titles


def place_organization(session):
    from peerqa.models import Organization

    return session.scalars(select(Organization)).one()


def test_a_run_that_was_killed_leaves_all_working_and_the_next_one_clears_up(
    session, alice, place, serving, ask_again, training, tune, monkeypatch
):
    """Killed: nothing that was meant to happen afterwards does."""
    ask_again(ENOUGH)
    before = verify(place.model_dir)
    training(b"knowing")
    with monkeypatch.context() as killed:

        def kill(*_args, **_more):
            killed.setattr(retraining, "_sweep", lambda *_: None)
            raise SystemExit

        killed.setattr(retraining.artefact, "put_instead", kill)
        with pytest.raises(SystemExit):
            tune()
    assert models_in(session) == {"tiny", TUNED}
    assert verify(place.model_dir) == before
    found = serving.search(session, reader_of(alice), query="How are k1x and b1x?")
    assert (found.hits[0].model, found.by_words_only) == (before.model, False)
    assert session.scalar(select(func.count()).select_from(Tuning)) == 1

    training(b"no better")
    tune()

    assert models_in(session) == {"tiny"}
    assert leftovers(place) == set()


def test_a_full_disk_leaves_all_as_it_was(session, place, ask_again, training, tune, monkeypatch):
    ask_again(ENOUGH)
    training(b"knowing")

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(retraining.artefact, "put_instead", full)
    with pytest.raises(OSError, match="No space"):
        tune()

    assert models_in(session) == {"tiny"}
    assert leftovers(place) == set()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 9))
    with pytest.raises(ModelNotTunable, match="too little space"):
        tune()


def test_where_no_model_can_be_trained_it_says_why(session, place, ask_again, tune, monkeypatch):
    assert tune().verdict == "too-few"

    with monkeypatch.context() as patched:
        patched.setattr(importlib.util, "find_spec", lambda _: None)
        with pytest.raises(FineTuningFailed, match=r"goes without \(TORCH=none\)"):
            tune()
    shutil.rmtree(place.model_dir)
    make_artefact(place.model_dir, name="foreign")
    with pytest.raises(ModelNotTunable, match="foreign is in place"):
        tune()
    several = place.model_copy(update={"vectors": "pgvector"})
    with pytest.raises(ModelNotTunable, match="several hosts"):
        retraining.check_tunable(session, several)
    make_organization(session, name="Second", at=NOON)
    with pytest.raises(ModelNotTunable, match="only where there is one"):
        tune()


def test_the_way_back_needs_the_model_before(session, place, ask_again, training, tune, undo):
    ask_again(ENOUGH)
    training(b"knowing")
    made = tune()
    shutil.rmtree(before_tuning(place))

    with pytest.raises(ModelGone, match="peerqa model prepare"):
        undo()

    assert read_provenance(place.model_dir).model == made.after
