"""A model in place of another, which is kept."""

from pathlib import Path

import pytest

from indexer.artefact import exchange_with, put_instead, verify
from tests.indexer.test_artefact import make_artefact


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_artefact(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize(
    "step", ["folder_beside", "shutil.copyfile", "put_in_place", "exchange_with"]
)
def test_a_model_that_is_put_instead_of_another_is_whole_wherever_it_stops(
    folder, tmp_path, monkeypatch, step
):
    old = verify(folder)
    make_artefact(tmp_path / "new", graph=b"another")

    def stop(*_args, **_more):
        raise InterruptedError

    with monkeypatch.context() as patched:
        patched.setattr(f"indexer.artefact.{step}", stop)
        with pytest.raises(InterruptedError):
            put_instead(tmp_path / "new", folder, before=tmp_path / "before")

    assert verify(folder) == old
    if (tmp_path / "before").exists():
        assert verify(tmp_path / "before") == old
    assert not list(tmp_path.glob(".before.new-*"))


def test_a_model_that_was_put_instead_can_be_taken_back(folder, tmp_path):
    old, new = verify(folder), make_artefact(tmp_path / "new", graph=b"another")

    put_instead(tmp_path / "new", folder, before=tmp_path / "before")
    assert (verify(folder), verify(tmp_path / "before")) == (new, old)
    assert not (tmp_path / "new").exists()

    exchange_with(tmp_path / "before", folder)
    assert verify(folder) == old
