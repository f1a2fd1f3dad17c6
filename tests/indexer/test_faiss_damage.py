"""The saved index is a cache: damage is noticed when it is opened, never searched in."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from indexer import faiss_base, saving
from indexer.errors import (
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnavailable,
    SavingFailed,
)
from indexer.faiss_index import Change, OrganizationIndex, write_base
from indexer.lists import Layout

MODEL = "words@1"
DIMENSION = 8
FILES = ["vectors.faiss", "columns.npy", "manifest.json", "exact.f16"]
DIVIDED = Layout(lists_from=1, whole_below=1)


def save(
    folder: Path,
    *,
    revision: int,
    count: int = 20,
    dimension: int = DIMENSION,
    layout: Layout | None = None,
) -> None:
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
        layout=layout,
    )


def open_index(
    folder: Path, *, model: str = MODEL, dimension: int = DIMENSION
) -> OrganizationIndex:
    return OrganizationIndex.open(folder, model=model, dimension=dimension)


def current(folder: Path) -> Path:
    return folder / (folder / "current").read_text().strip()


def write_over(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A base in lists, which has every kind of file."""
    save(tmp_path, revision=1, layout=DIVIDED)
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
    write_over(path, path.read_bytes()[:-1])

    with pytest.raises(IndexDamaged):
        open_index(saved)


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_noticed_wherever_it_is(saved, name):
    path = current(saved) / name
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        flipped = bytearray(content)
        flipped[place] ^= 0x10
        write_over(path, flipped)

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
    backup = saved.with_name("backup")
    shutil.copytree(saved, backup)
    save(saved, revision=2, count=30)
    shutil.rmtree(saved)
    backup.rename(saved)

    index = open_index(saved)

    assert (index.revision, index.size) == (1, 20)
    index.apply([Change(0, 100, None)], revision=2)
    assert (index.revision, index.size) == (2, 19)


def test_damage_is_mended_by_saving_again(saved):
    (current(saved) / "columns.npy").unlink()
    (saved / "current").write_bytes(b"\xff")

    save(saved, revision=2)

    assert open_index(saved).revision == 2


def test_no_other_generation_is_kept(saved):
    save(saved, revision=2)
    save(saved, revision=3)

    assert list(saved.glob("generation-*")) == [current(saved)]


def test_a_generation_that_goes_while_it_is_opened_is_followed_by_its_successor(saved, monkeypatch):
    compare = faiss_base.compare_files

    def replaced_meanwhile(generation, manifest):
        if manifest.revision == 1:
            save(saved, revision=2)
        compare(generation, manifest)

    monkeypatch.setattr(faiss_base, "compare_files", replaced_meanwhile)

    assert open_index(saved).revision == 2


def test_no_file_is_written_to_by_accident(saved):
    """A mapped file that is cut short ends the process that reads it."""
    modes = {path.stat().st_mode & 0o777 for path in current(saved).iterdir()}

    assert modes == {0o444}


def test_a_file_cut_short_after_it_was_opened_costs_exactness_alone(saved):
    index = open_index(saved)
    query = np.eye(DIMENSION, dtype=np.float32)[0]
    found = index.search(query, k=5)
    path = current(saved) / "exact.f16"
    write_over(path, path.read_bytes()[:50])

    roughly = index.search(query, k=5)

    assert [each.similarity for each in roughly] == pytest.approx(
        [each.similarity for each in found], abs=0.02
    )
    assert index.similarities(query, [119]) == {}
    with pytest.raises(IndexDamaged):
        open_index(saved)


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

    monkeypatch.setattr(saving.faiss, "write_index", refuse)

    with pytest.raises(SavingFailed, match="disk space"):
        save(saved, revision=2)

    assert open_index(saved).revision == 1
    assert not list(saved.glob(".generation.new-*"))


SAVE_FOR_EVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.indexer.test_faiss_damage import DIVIDED, save
print("ready", flush=True)
for revision in range(2, 100_000):
    layout = DIVIDED if revision % 2 else None
    save(Path(sys.argv[1]), revision=revision, count=1_500, layout=layout)
"""


@pytest.mark.parametrize("delay_ms", [0, 7, 13, 29, 41])
def test_a_process_killed_while_saving_leaves_a_whole_index(saved, delay_ms):
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", SAVE_FOR_EVER, str(saved), root]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.05 + delay_ms / 1000)
        process.kill()

    index = open_index(saved)

    assert index.size == (20 if index.revision == 1 else 1_500)
    save(saved, revision=index.revision + 1)
    assert open_index(saved).revision == index.revision + 1


LOOK_TWICE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import numpy as np
from tests.indexer.test_faiss_damage import DIMENSION, open_index
index = open_index(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
index.search(np.ones(DIMENSION, np.float32), k=50)
"""


def test_a_mapped_file_cut_short_in_place_ends_the_process_and_the_next_one_notices(tmp_path):
    """What the README says cannot be helped; nothing of ours ever does this to a file."""
    save(tmp_path, revision=1, count=9_000)
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", LOOK_TWICE, str(tmp_path), root]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdout.readline() == "open\n"
        path = current(tmp_path) / "vectors.faiss"
        path.chmod(0o644)
        os.truncate(path, 100)
        process.communicate("go on\n")

    assert process.returncode == -signal.SIGBUS
    with pytest.raises(IndexDamaged):
        open_index(tmp_path)


def test_every_kind_of_damage_is_one_family_for_callers():
    assert all(
        issubclass(error, IndexUnavailable) for error in (IndexDamaged, IndexMismatch, IndexMissing)
    )
