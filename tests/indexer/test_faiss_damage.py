"""The saved index is a cache: damage is noticed when it is opened, never searched in."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from indexer import faiss_base
from indexer.errors import (
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnavailable,
    SavingFailed,
)
from indexer.faiss_index import Change, OrganizationIndex, write_base

MODEL = "words@1"
DIMENSION = 8
FILES = ["vectors.faiss", "ids.npy", "owners.npy", "by_id.npy", "by_owner.npy", "manifest.json"]


def save(folder: Path, *, revision: int, count: int = 20, dimension: int = DIMENSION) -> None:
    vectors = np.random.default_rng(revision).normal(size=(count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    write_base(
        folder,
        model=MODEL,
        dimension=dimension,
        revision=revision,
        ids=range(count),
        owners=range(100, 100 + count),
        vectors=vectors,
    )


def open_index(
    folder: Path, *, model: str = MODEL, dimension: int = DIMENSION
) -> OrganizationIndex:
    return OrganizationIndex.open(folder, model=model, dimension=dimension)


def current(folder: Path) -> Path:
    return folder / (folder / "current").read_text().strip()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save(tmp_path, revision=1)
    return tmp_path


def test_nothing_saved_is_missing(tmp_path):
    with pytest.raises(IndexMissing, match="peerqa index rebuild"):
        open_index(tmp_path / "never")


@pytest.mark.parametrize("name", FILES)
def test_a_deleted_file_is_noticed(saved, name):
    (current(saved) / name).unlink()

    with pytest.raises(IndexDamaged, match="peerqa index rebuild"):
        open_index(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_noticed(saved, name):
    path = current(saved) / name
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(IndexDamaged):
        open_index(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_noticed_wherever_it_is(saved, name):
    path = current(saved) / name
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        flipped = bytearray(content)
        flipped[place] ^= 0x10
        path.write_bytes(flipped)

        with pytest.raises(IndexDamaged):
            open_index(saved)


@pytest.mark.parametrize(
    "content", [b"", b"generation-9-gone\n", b"\xff\xfe", b"../../etc", b"generation-1\x00"]
)
def test_a_pointer_to_nowhere_is_noticed(saved, content):
    (saved / "current").write_bytes(content)

    with pytest.raises(IndexDamaged):
        open_index(saved)


def test_a_lost_generation_is_noticed(saved):
    shutil.rmtree(current(saved))

    with pytest.raises(IndexDamaged):
        open_index(saved)


@pytest.mark.parametrize(("model", "dimension"), [("other@2", DIMENSION), (MODEL, 16)])
def test_vectors_of_another_model_are_refused(saved, model, dimension):
    with pytest.raises(IndexMismatch, match=MODEL):
        open_index(saved, model=model, dimension=dimension)


def test_an_older_generation_catches_up_by_revision(saved):
    older = (saved / "current").read_text()
    save(saved, revision=2, count=30)
    (saved / "current").write_text(older)

    index = open_index(saved)

    assert (index.revision, index.size) == (1, 20)
    index.apply([Change(0, 100, None)], revision=2)
    assert (index.revision, index.size) == (2, 19)


def test_damage_is_mended_by_saving_again(saved):
    (current(saved) / "ids.npy").unlink()
    (saved / "current").write_bytes(b"\xff")

    save(saved, revision=2)

    assert open_index(saved).revision == 2


def test_only_the_generation_before_is_kept(saved):
    first = current(saved)
    save(saved, revision=2)
    second = current(saved)
    assert first.exists()

    save(saved, revision=3)

    assert sorted(saved.glob("generation-*")) == sorted([second, current(saved)])


def test_an_open_index_goes_on_while_new_ones_are_saved(saved):
    index = open_index(saved)
    query = np.eye(DIMENSION, dtype=np.float32)[0]
    before = index.search(query, k=5)

    for revision in range(2, 6):
        save(saved, revision=revision)

    assert index.search(query, k=5) == before


def test_what_a_kill_left_behind_is_swept(saved):
    left_behind = saved / ".generation.new-abcdefgh"
    left_behind.mkdir()
    (left_behind / "vectors.faiss").write_bytes(b"half")

    assert open_index(saved).revision == 1
    save(saved, revision=2)

    assert not left_behind.exists()
    assert open_index(saved).revision == 2


@pytest.mark.parametrize("error", [OSError("No space left on device"), RuntimeError("write error")])
def test_a_full_disk_leaves_what_was_saved(saved, monkeypatch, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(faiss_base.faiss, "write_index", refuse)

    with pytest.raises(SavingFailed, match="disk space"):
        save(saved, revision=2)

    assert open_index(saved).revision == 1
    assert not list(saved.glob(".generation.new-*"))


SAVE_FOR_EVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.indexer.test_faiss_damage import save
print("ready", flush=True)
for revision in range(2, 100_000):
    save(Path(sys.argv[1]), revision=revision, count=1_500)
"""


@pytest.mark.parametrize("delay_ms", [0, 7, 13, 29, 41])
def test_a_process_killed_while_saving_leaves_a_whole_index(saved, delay_ms):
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", SAVE_FOR_EVER, str(saved), root]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.05 + delay_ms / 1000)
        process.kill()

    index = open_index(saved)

    assert index.size == (20 if index.revision == 1 else 1_500)
    save(saved, revision=index.revision + 1)
    assert open_index(saved).revision == index.revision + 1


def test_every_kind_of_damage_is_one_family_for_callers():
    assert all(
        issubclass(error, IndexUnavailable) for error in (IndexDamaged, IndexMismatch, IndexMissing)
    )
