import pytest

from indexer.artefact import read_provenance
from tests.indexer.test_artefact import make_artefact


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Where the model is, once it is made."""
    folder = tmp_path / "model"
    monkeypatch.setenv("PEERQA_MODEL_DIR", str(folder))
    return folder


def test_no_model_is_a_sentence_with_the_way_on(peerqa, folder):
    ran = peerqa("model", "show", "--json")

    assert ran.status == 1
    assert ran.json["error"]["code"] == "model-missing"
    assert "peerqa model prepare" in ran.noted


def test_a_model_says_where_it_comes_from(peerqa, folder):
    made = make_artefact(folder)

    shown = peerqa("model", "show", "--json").json

    assert shown["model"] == made.model
    assert shown["source"] == made.source
    assert shown["sha256"] == dict(made.sha256)
    assert made.model in peerqa("model", "show").said


def test_a_model_is_carried_to_another_machine(peerqa, folder, tmp_path, monkeypatch):
    made = make_artefact(folder)
    file = tmp_path / "model.tar.gz"
    assert peerqa("model", "export", str(file), "--json").json["model"] == made.model

    monkeypatch.setenv("PEERQA_MODEL_DIR", str(tmp_path / "elsewhere"))
    assert peerqa("model", "import", str(file)).status == 0

    assert read_provenance(tmp_path / "elsewhere") == made


def test_a_file_that_is_no_model_is_refused(peerqa, folder, tmp_path):
    (tmp_path / "holiday.tar.gz").write_bytes(b"sun")

    assert peerqa("model", "import", str(tmp_path / "holiday.tar.gz")).status == 1
    assert not folder.exists()


def test_a_model_that_cannot_be_prepared_is_refused_with_the_way_round(peerqa, folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    ran = peerqa("model", "prepare", "--json")

    assert ran.json["error"]["code"] == "preparation-failed"
    assert "peerqa model import" in ran.noted
