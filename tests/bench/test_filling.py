import numpy as np
import pytest

from indexer.documents import Kind
from indexer.faiss_index import OrganizationIndex
from peerqa.app import create_app
from peerqa.bench import looking
from peerqa.bench.filling import fill, index_for_real
from peerqa.bench.ground import Sizes, prepare
from peerqa.database import db
from peerqa.models import Embedding, Sentence
from peerqa.schema import migrate_empty
from peerqa.search.indexes import read_vector
from peerqa.settings import Settings
from tests.fakes import WordsEncoder


@pytest.fixture
def ground(tmp_path):
    """A small ground in a home of its own, on a stand-in for the model."""
    app = create_app(Settings(home=tmp_path, model_dir=tmp_path / "no-model", secret_key="k" * 32))
    with app.app_context():
        migrate_empty(db.engine)
        app.extensions["peerqa.search"].encoders.use(WordsEncoder())
        yield prepare(app, Sizes(questions=120, look_ups=12), lambda sentence: None)
        db.session.remove()
        db.engine.dispose()


def test_every_question_gets_three_vectors_of_length_one_and_one_base(ground):
    rate = index_for_real(ground)
    assert fill(ground) == 360

    rows = db.session().query(Embedding.question_id, Embedding.kind, Embedding.vector).all()
    lengths = [np.linalg.norm(read_vector(row.vector)) for row in rows]
    assert {(row.question_id, row.kind) for row in rows} == {
        (thread.question_id, kind)
        for thread in ground.threads
        for kind in (Kind.TITLE, Kind.TITLE_BODY, Kind.ANSWER)
    }
    assert np.allclose(lengths, 1, atol=1e-5)
    assert rate.texts > 3 * ground.sizes.encoded  # passages are encoded as well
    base = OrganizationIndex.open(
        ground.engine.indexes.folder_of(ground.organization_id, ground.encoder.model),
        model=ground.encoder.model,
        dimension=ground.encoder.dimension,
    )
    assert base.size == 360


def test_every_answer_has_passages_of_its_own_text(ground):
    index_for_real(ground)
    fill(ground)

    posts = {post for (post,) in db.session().query(Sentence.post_id).distinct()}

    assert posts == {thread.answer_id for thread in ground.threads}


def test_look_ups_are_measured_beside_their_floor(ground):
    index_for_real(ground)
    fill(ground)

    figures = looking.measure(ground)

    measured = figures["similar_in_process"]
    assert measured["look_ups"] == len(set(ground.typed)) == 12
    assert measured["by_words_only"] == 0
    assert measured["ratio"] > 0
    assert all(figures["floor"][part]["p50_ms"] > 0 for part in ("encode", "faiss", "words"))
