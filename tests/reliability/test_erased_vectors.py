"""What was deleted leaves the files of the index at the next turn of the worker."""

import os
import shutil
import threading

import numpy as np
import pytest
from sqlalchemy import select

from indexer import saving as files_of_bases
from indexer.faiss_index import OrganizationIndex
from indexer.generation import current_name, read_manifest
from indexer.lists import Layout
from peerqa.models import Embedding
from peerqa.search import indexes, maintenance, saving, upkeep
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of
from peerqa.search.indexes import Indexes, read_vector
from peerqa.search.updating import index_posts
from peerqa.services import questions
from tests.conftest import NOON
from tests.fakes import WordsEncoder

DIVIDED = Layout(lists_from=1, whole_below=1)


@pytest.fixture
def encoder():
    return WordsEncoder()


@pytest.fixture
def engine(settings, tmp_path, encoder):
    engine = SearchEngine(settings.model_copy(update={"home": tmp_path}))
    engine.encoders.use(encoder)
    return engine


@pytest.fixture
def asked(session, space, question, alice, encoder):
    """Questions, all indexed; the first one is about to be deleted."""
    others = [
        questions.post_question(
            session, space=space, author=alice, title=f"Where is the key of room {n}?", at=NOON
        )
        for n in range(20)
    ]
    session.commit()
    index_posts([post.id for post in (question, *others)], encoder)
    return [question, *others]


@pytest.fixture(params=[None, DIVIDED], ids=["whole", "divided"])
def based(request, session, engine, organization, encoder, asked):
    """A base of either kind of the questions."""
    saving.save_base(session, engine, organization, encoder, layout=request.param)
    return asked


def vector_of(session, post):
    return read_vector(session.scalars(select(Embedding.vector).filter_by(post_id=post.id)).first())


def traces_of(engine, vector):
    """Say where the vector stands, whole or in half precision; a file written anew names itself."""
    shapes = [vector.tobytes(), vector.astype("<f2").tobytes()]
    return [
        path
        for path in sorted(engine.indexes.folder.rglob("*"))
        if path.is_file() and any(shape in path.read_bytes() for shape in shapes)
    ]


def delete(session, question, steward, encoder):
    questions.delete_question(session, question=question, by=steward, at=NOON)
    session.commit()
    index_posts([question.id], encoder)


def test_a_deleted_question_leaves_no_vector_behind(
    session, engine, organization, steward, alice, based, encoder
):
    victim, other = based[0], based[1]
    gone, kept = vector_of(session, victim), vector_of(session, other)
    assert traces_of(engine, gone)
    delete(session, victim, steward, encoder)

    upkeep.Upkeep(engine).run()

    assert traces_of(engine, gone) == []
    assert traces_of(engine, kept)
    assert maintenance.check(session, engine, organization).is_equal
    results = engine.search(session, reader_of(alice), query=other.title)
    assert results.hits[0].question.id == other.id


def test_the_vector_of_an_edited_text_leaves_within_the_hour(
    session, engine, organization, based, encoder, monkeypatch
):
    keeper = upkeep.Upkeep(engine)
    keeper.run()
    edited, gone = based[0], vector_of(session, based[0])
    edited.title = "Who waters the plants?"
    session.commit()
    index_posts([edited.id], encoder)
    keeper.run()
    assert traces_of(engine, gone)

    monkeypatch.setattr(upkeep.time, "monotonic", lambda: 1e9)
    keeper.run()

    assert traces_of(engine, gone) == []
    assert maintenance.check(session, engine, organization).is_equal


def test_it_leaves_the_base_of_an_earlier_model_too(
    session, engine, organization, steward, based, encoder
):
    victim = based[0]
    later = WordsEncoder(model="words@2")
    gone = vector_of(session, victim)
    index_posts([post.id for post in based], later)
    engine.encoders.use(later)
    delete(session, victim, steward, later)

    upkeep.Upkeep(engine).run()

    assert traces_of(engine, gone) == []
    engine.encoders.use(encoder)  # should somebody go back to it
    assert maintenance.check(session, engine, organization).is_equal


def test_it_leaves_though_the_model_is_away(session, engine, steward, based, encoder):
    victim = based[0]
    gone = vector_of(session, victim)
    engine.encoders.use(None)
    delete(session, victim, steward, None)

    upkeep.Upkeep(engine).run()

    assert traces_of(engine, gone) == []


def test_a_turn_with_nothing_to_erase_writes_nothing(session, engine, organization, based, encoder):
    folder = engine.indexes.folder_of(organization.id, encoder.model)
    name = current_name(folder)
    keeper = upkeep.Upkeep(engine)

    for _ in range(3):
        keeper.run()

    assert current_name(folder) == name


def test_a_generation_that_a_kill_left_nameless_goes(
    session, engine, organization, based, encoder, monkeypatch
):
    folder = engine.indexes.folder_of(organization.id, encoder.model)

    def killed(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("indexer.generation.write_durably", killed)
        with pytest.raises(KeyboardInterrupt):
            saving.save_base(session, engine, organization, encoder)
    session.rollback()
    assert len(list(folder.glob("generation-*"))) == 2

    upkeep.Upkeep(engine).run()

    assert [path.name for path in folder.glob("generation-*")] == [current_name(folder)]
    assert maintenance.check(session, engine, organization).is_equal


def test_bases_of_an_organization_that_is_gone_go(session, engine, organization, based):
    left = engine.indexes.folder / "987654"
    shutil.copytree(engine.indexes.folder / str(organization.id), left)

    upkeep.Upkeep(engine).run()

    assert not left.exists()
    assert (engine.indexes.folder / str(organization.id)).exists()


def test_what_cannot_be_read_cannot_keep_a_vector(
    session, engine, organization, steward, based, encoder
):
    folder = engine.indexes.folder_of(organization.id, encoder.model)
    gone = vector_of(session, based[0])
    keeper = upkeep.Upkeep(engine)
    keeper.run()
    manifest = folder / current_name(folder) / "manifest.json"
    manifest.chmod(0o644)
    os.truncate(manifest, 10)
    delete(session, based[0], steward, encoder)

    keeper.run()
    keeper.run()

    assert traces_of(engine, gone) == []
    assert maintenance.check(session, engine, organization).is_equal


def test_a_large_organization_is_divided_and_stays_so(
    session, engine, organization, asked, encoder, monkeypatch
):
    monkeypatch.setattr(upkeep, "WORTH_SAVING", 1)
    layout = Layout(lists_from=20, whole_below=10)

    upkeep.Upkeep(engine, layout=layout).run()

    folder = engine.indexes.folder_of(organization.id, encoder.model)
    assert read_manifest(folder / current_name(folder)).lists > 0
    assert maintenance.check(session, engine, organization).is_equal


def test_a_new_base_is_saved_before_too_much_stands_in_every_memory(
    session, engine, organization, asked, encoder, monkeypatch
):
    monkeypatch.setattr(upkeep, "WORTH_SAVING", 1)
    monkeypatch.setattr(upkeep, "SHARE_WORTH_SAVING", 10)  # times what there is
    folder = engine.indexes.folder_of(organization.id, encoder.model)

    def is_needed():
        return upkeep.needs_base(session, organization, encoder, folder=folder, base_revision=0)

    assert not is_needed()
    monkeypatch.setattr(upkeep, "MOST_UNSAVED", 5)
    assert is_needed()


def test_a_process_that_may_have_missed_tombstones_waits_for_the_new_base(
    session, engine, organization, steward, based, encoder, monkeypatch
):
    monkeypatch.setattr(indexes, "LOOK_AGAIN_SECONDS", 60.0)  # it opens one base, and no second
    monkeypatch.setattr(indexes, "OPENING_SECONDS", 30.0)
    keeper = Indexes(engine.indexes.folder)
    assert keeper.find(session, organization.id, encoder) is not None
    delete(session, based[0], steward, encoder)
    saving.save_base(session, engine, organization, encoder)  # and no tombstone is left

    assert keeper.find(session, organization.id, encoder) is None  # look-ups go by words

    fresh = Indexes(engine.indexes.folder).find(session, organization.id, encoder)
    found = fresh.search(encoder.encode([based[0].title])[0], k=50)
    assert based[0].id not in {each.owner for each in found}


def test_two_workers_at_once_leave_one_whole_base(tmp_path):
    folder, vectors = tmp_path / "index", np.eye(16, dtype=np.float32)
    failed = []

    def work(worker):
        try:
            for revision in range(1, 8):
                files_of_bases.write_base(
                    folder, model="m", dimension=16, revision=revision, ids=range(16),
                    owners=range(16), vectors=vectors, layout=DIVIDED if worker else None,
                )  # fmt: skip
                files_of_bases.erase_from_base(folder, [revision], revision=revision)
                files_of_bases.sweep(folder)
        except Exception as error:
            failed.append(error)
            raise

    workers = [threading.Thread(target=work, args=(worker,)) for worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert failed == []
    base = OrganizationIndex.open(folder, model="m", dimension=16)
    assert base.size in (15, 16)
    assert [path.name for path in folder.glob("generation-*")] == [current_name(folder)]
    assert not list(folder.glob(".generation.new-*"))
