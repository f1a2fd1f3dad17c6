"""Another model is put in place while look-ups go on."""

import time

import pytest
from sqlalchemy import select

from indexer.artefact import PROVENANCE
from indexer.errors import ModelDamaged
from indexer.files import folder_beside, put_in_place
from peerqa.models import Embedding
from peerqa.search import encoders
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of
from peerqa.search.upkeep import fill_all_gaps
from peerqa.services.questions import edit_question
from tests.conftest import NOON
from tests.fakes import WordsEncoder


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Return a function that puts a model in place, in the way that artefacts are."""
    monkeypatch.setattr(encoders, "LOOK_AGAIN_SECONDS", 0.0)
    folder = tmp_path / "model"
    made: dict[str, WordsEncoder] = {}

    def open_model(of):
        name = (of / PROVENANCE).read_text()
        if name == "broken":
            raise ModelDamaged("It is broken.")
        return made.setdefault(name, WordsEncoder(name))

    monkeypatch.setattr(encoders.OnnxEncoder, "open", open_model)

    def put(name: str):
        with folder_beside(folder) as fresh:
            (fresh / PROVENANCE).write_text(name)
            put_in_place(fresh, folder)
        return folder

    return put


@pytest.fixture
def serving(settings, tmp_path, put):
    return SearchEngine(settings.model_copy(update={"home": tmp_path, "model_dir": put("words@1")}))


def first(engine, session, reader):
    found = engine.search(session, reader, query="How is the fork fitted?")
    return found.hits[0].question.title, found.hits[0].model, found.by_words_only


def test_look_ups_go_over_to_it_without_a_gap_and_never_mix(
    serving, session, alice, asked, put, monkeypatch
):
    reader = reader_of(alice)
    assert first(serving, session, reader) == ("How is the fork fitted?", "words@1", False)
    fill_all_gaps(WordsEncoder("words@2"))

    begin, begun = serving.encoders.begin, []

    def begin_while_it_is_replaced(encoder, *args, **more):
        """Another look-up notices the new model between this one's two steps."""
        if not begun:
            put("words@2")
            assert serving.encoders.open().model == "words@2"
        begun.append(encoder.model)
        return begin(encoder, *args, **more)

    monkeypatch.setattr(serving.encoders, "begin", begin_while_it_is_replaced)
    assert first(serving, session, reader) == ("How is the fork fitted?", "words@1", False)
    assert first(serving, session, reader) == ("How is the fork fitted?", "words@2", False)
    assert begun == ["words@1", "words@2"]


def test_a_process_that_looks_up_notices_it_by_itself(serving, session, alice, asked, put):
    reader = reader_of(alice)
    first(serving, session, reader)
    fill_all_gaps(WordsEncoder("words@2"))
    put("words@2")

    deadline = time.monotonic() + 10
    while (found := first(serving, session, reader))[1] != "words@2":
        assert found == ("How is the fork fitted?", "words@1", False)
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not found[2]


def test_one_that_cannot_be_opened_is_left_alone_until_another_comes(serving, put):
    assert serving.encoders.open().model == "words@1"

    put("broken")
    assert serving.encoders.open().model == "words@1"
    assert serving.encoders.state() == "ready"

    put("words@2")
    assert serving.encoders.open().model == "words@2"


def test_one_that_was_given_is_kept(serving, put):
    serving.encoders.use(WordsEncoder("given@1"))
    put("words@2")

    assert serving.encoders.open().model == "given@1"


def test_a_model_that_no_longer_serves_forgets_a_text_that_was_edited(
    session, alice, question, index
):
    other = WordsEncoder("words@2")
    session.commit()
    fill_all_gaps(other)
    index(question)

    def known(model):
        rows = session.execute(
            select(Embedding.vector).where(
                Embedding.post_id == question.id, Embedding.model == model
            )
        ).all()
        return [row.vector is not None for row in rows]

    assert known("words@1") == known("words@2") == [True, True]
    edit_question(
        session, question=question, by=alice, title=question.title, body="It is green.",
        topic_names=[], version=question.version, at=NOON,
    )  # fmt: skip
    index(question)

    assert known("words@1") == [True, True]
    assert known("words@2") == [False, False]  # the title too, so that the gap is found
    assert fill_all_gaps(other) == 1
    assert known("words@1") == known("words@2") == [True, True]
