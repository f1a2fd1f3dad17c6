"""R5, the index is a cache, and R6, the model may fail: words at once, the rest by itself."""

import os
import shutil
import threading
import time

import pytest
from sqlalchemy import select, update

from indexer.errors import ModelUnavailable
from indexer.generation import CURRENT
from indexer.lists import Layout
from peerqa.models import Embedding, IndexRevision
from peerqa.search import encoders, indexes, maintenance, saving, upkeep
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of
from peerqa.search.updating import index_posts
from peerqa.services import answers, questions
from tests.conftest import NOON
from tests.fakes import WordsEncoder

TYPED = "How can I reset the label printer?"


@pytest.fixture
def encoder():
    return WordsEncoder()


@pytest.fixture
def start(settings, tmp_path, encoder):
    """Return a function that starts a process's engine on the same folder."""

    def start(with_encoder=encoder):
        engine = SearchEngine(settings.model_copy(update={"home": tmp_path}))
        engine.encoders.use(with_encoder)
        return engine

    return start


@pytest.fixture
def thread(session, space, question, alice, bob, encoder):
    """An answered question among others, all indexed."""
    answer = answers.post_answer(
        session, question=question, author=bob, body="Hold the feed button.", at=NOON
    )
    others = [
        questions.post_question(
            session, space=space, author=alice, title=f"Where is the key of room {n}?", at=NOON
        )
        for n in range(20)
    ]
    session.commit()
    index_posts([post.id for post in (question, answer, *others)], encoder)
    return question


def first_hit(engine, session, member):
    results = engine.search(session, reader_of(member), query=TYPED)
    return results.hits[0].question.id, results.by_words_only


def folder_of(engine, organization, encoder):
    return engine.indexes.folder_of(organization.id, encoder.model)


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


DAMAGE = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "flipped": flip_a_byte,
}


DIVIDED = Layout(lists_from=1, whole_below=1)


@pytest.mark.few_on_postgresql
@pytest.mark.parametrize("layout", [None, DIVIDED], ids=["whole", "divided"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_to_any_file_is_noticed_and_mended(
    session, organization, alice, thread, start, encoder, damage, layout
):
    saving.save_base(session, start(), organization, encoder, layout=layout)
    folder = folder_of(start(), organization, encoder)
    for name in [path.relative_to(folder) for path in files_of(folder)]:
        shutil.rmtree(folder)
        saving.save_base(session, start(), organization, encoder, layout=layout)
        victims = [path for path in files_of(folder) if path.name == name.name]
        victims[0].chmod(0o644)
        DAMAGE[damage](victims[0])

        engine = start()
        assert first_hit(engine, session, alice)[0] == thread.id, name
        upkeep.Upkeep(engine).run()

        report = maintenance.check(session, start(), organization)
        assert report.is_equal, (name, report)


def test_far_behind_and_damaged_means_words_until_the_worker_has_saved(
    session, organization, alice, thread, start, encoder, monkeypatch
):
    monkeypatch.setattr(indexes, "MOST_CAUGHT_UP", 5)
    monkeypatch.setattr(indexes, "LOOK_AGAIN_SECONDS", 0.0)
    engine = start()

    assert first_hit(engine, session, alice) == (thread.id, True)
    saving.save_base(session, start(), organization, encoder)

    deadline = time.monotonic() + 5
    while first_hit(engine, session, alice) != (thread.id, False):
        assert time.monotonic() < deadline, "the new base was not opened"
        time.sleep(0.02)


def test_a_base_of_another_model_is_never_searched(
    session, organization, alice, thread, start, encoder
):
    saving.save_base(session, start(), organization, encoder)
    other = WordsEncoder(model="words@2")
    engine = start(other)
    shutil.copytree(
        folder_of(engine, organization, encoder), folder_of(engine, organization, other)
    )

    assert first_hit(engine, session, alice)[0] == thread.id
    upkeep.Upkeep(engine).run()

    report = maintenance.check(session, start(other), organization)
    assert report.is_equal, report


def test_an_older_generation_catches_up(
    session, organization, alice, bob, steward, thread, start, encoder
):
    saving.save_base(session, start(), organization, encoder)
    late = questions.post_question(
        session, space=thread.space, author=bob, title="Who waters the plants?", at=NOON
    )
    questions.delete_question(session, question=thread, by=steward, at=NOON)
    session.commit()
    index_posts([late.id, thread.id], encoder)  # and the answer's row was lost

    engine = start()
    results = engine.search(session, reader_of(alice), query="Who waters the plants?")

    assert results.hits[0].question.id == late.id
    assert maintenance.check(session, start(), organization).lost_count == 1
    maintenance.rebuild(session, start(), organization)
    assert maintenance.check(session, start(), organization).is_equal


def test_a_database_put_back_to_an_older_state_gets_a_new_base(
    session, organization, thread, start, encoder
):
    session.execute(update(IndexRevision).values(revision=50))
    session.execute(update(Embedding).values(revision=50))
    session.commit()
    saving.save_base(session, start(), organization, encoder)
    session.execute(update(IndexRevision).values(revision=7))
    session.execute(update(Embedding).values(revision=7))
    session.commit()

    engine = start()
    upkeep.Upkeep(engine).run()

    assert maintenance.status(session, engine)[0].base_revision == 7


def test_a_save_that_was_killed_leaves_the_old_base(
    session, organization, alice, thread, start, encoder, monkeypatch
):
    saving.save_base(session, start(), organization, encoder)
    folder = folder_of(start(), organization, encoder)
    before = (folder / CURRENT).read_text()

    def killed(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("indexer.saving.make_current", killed)
    with pytest.raises(KeyboardInterrupt):
        saving.save_base(session, start(), organization, encoder)
    session.rollback()

    assert (folder / CURRENT).read_text() == before
    assert first_hit(start(), session, alice) == (thread.id, False)


def test_tombstones_go_with_the_next_base(session, organization, steward, thread, start, encoder):
    questions.delete_question(session, question=thread, by=steward, at=NOON)
    session.commit()
    index_posts([thread.id], encoder)
    saving.save_base(session, start(), organization, encoder)

    assert session.scalars(select(Embedding.id).where(Embedding.vector.is_(None))).all() == []
    assert session.scalars(select(Embedding).where(Embedding.post_id == thread.id)).all() == []


def test_missing_vectors_are_filled_in_by_the_worker(
    session, organization, question, start, encoder
):
    session.commit()
    index_posts([question.id], None)  # the model was away
    engine = start()
    assert maintenance.check(session, engine, organization).gap_count == 1

    upkeep.Upkeep(engine).run()

    assert maintenance.check(session, start(), organization).is_equal


class HangingEncoder(WordsEncoder):
    """Hangs while told to."""

    def __init__(self):
        super().__init__()
        self.goes_on = threading.Event()

    def encode(self, texts):
        assert self.goes_on.wait(60)
        return super().encode(texts)


def test_a_hanging_model_costs_a_moment_and_recovers(
    session, alice, thread, start, settings, monkeypatch
):
    monkeypatch.setattr(encoders, "REST_SECONDS", 0.3)
    hanging = HangingEncoder()
    engine = start(hanging)

    for _ in range(6):
        begun = time.monotonic()
        assert first_hit(engine, session, alice) == (thread.id, True)
        assert time.monotonic() - begun < 1.2 * 5  # R6, five times
    assert engine.encoders.state() == "hanging"

    hanging.goes_on.set()
    deadline = time.monotonic() + 10
    while first_hit(engine, session, alice) != (thread.id, False):
        assert time.monotonic() < deadline, "the encoder did not come back"
        time.sleep(0.05)
    assert engine.encoders.state() == "ready"


def test_a_missing_model_is_taken_up_when_it_comes(
    session, settings, tmp_path, alice, thread, monkeypatch
):
    monkeypatch.setattr(encoders, "LOOK_AGAIN_SECONDS", 0.0)
    engine = SearchEngine(
        settings.model_copy(update={"home": tmp_path, "model_dir": tmp_path / "none"})
    )
    assert first_hit(engine, session, alice) == (thread.id, True)
    wait_for(lambda: engine.encoders.state() == "missing")

    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "provenance.json").write_text("{}")
    assert first_hit(engine, session, alice) == (thread.id, True)
    wait_for(lambda: engine.encoders.find() is None and engine.encoders.state() == "damaged")

    monkeypatch.setattr(encoders.OnnxEncoder, "open", lambda _folder: WordsEncoder())
    wait_for(lambda: first_hit(engine, session, alice) == (thread.id, False))


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.few_on_postgresql
@pytest.mark.model
@pytest.mark.parametrize("damage", ["deleted", "truncated", "flipped"])
@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "provenance.json"])
def test_a_damaged_model_means_words(
    session, settings, tmp_path, alice, thread, model_folder, name, damage
):
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    DAMAGE[damage](folder / name)
    engine = SearchEngine(settings.model_copy(update={"home": tmp_path, "model_dir": folder}))

    with pytest.raises(ModelUnavailable):
        engine.encoders.open()

    assert first_hit(engine, session, alice) == (thread.id, True)
    assert engine.encoders.state() in {"missing", "damaged"}
