import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
import time
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.artefact import (
    Parity,
    Provenance,
    checksums,
    export_artefact,
    import_artefact,
    read_provenance,
    verify,
)
from indexer.errors import ModelDamaged, ModelMissing

FILES = ["model.onnx", "tokenizer.json", "provenance.json"]


def make_artefact(
    folder: Path, *, graph: bytes = b"graph", name: str = "tiny", tuned_from: str = ""
) -> Provenance:
    """A folder that is an artefact in every respect but that nothing runs."""
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(graph)
    (folder / "tokenizer.json").write_text("{}")
    provenance = Provenance(
        name=name,
        source="tests",
        revision="1",
        weights_sha256="",
        dimension=8,
        max_tokens=16,
        libraries={"onnx": "1"},
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        parity=Parity(cosine_min=0.98, cosine_mean=0.99, sample_count=24),
        sha256=checksums(folder),
        tuned_from=tuned_from,
    )
    (folder / "provenance.json").write_text(provenance.to_json())
    return provenance


def archive_of(file: Path, members: dict[str, bytes | tarfile.TarInfo]) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
            else:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_artefact(tmp_path / "model")
    return tmp_path / "model"


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_provenance_says_what_was_written(folder):
    provenance = read_provenance(folder)

    assert provenance == verify(folder)
    assert provenance.created_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert provenance.parity == Parity(0.98, 0.99, 24)
    assert Provenance.from_json(provenance.to_json()) == provenance


def test_the_identity_changes_with_the_files_and_with_nothing_else(tmp_path):
    one = make_artefact(tmp_path / "one")
    same = make_artefact(tmp_path / "same")
    other = make_artefact(tmp_path / "other", graph=b"another graph")

    assert one.model == same.model
    assert one.model.startswith("tiny@")
    assert one.model != other.model


def test_no_model_is_missing_and_says_what_to_do(tmp_path):
    with pytest.raises(ModelMissing, match="peerqa model import FILE"):
        verify(tmp_path / "never")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_deleted_file_is_noticed(folder, name):
    (folder / name).unlink()

    with pytest.raises(ModelDamaged, match="peerqa model prepare"):
        verify(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_byte_is_noticed(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[0] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ModelDamaged):
        verify(folder)


@pytest.mark.parametrize(
    "field", [each.name for each in fields(Provenance) if each.default is MISSING]
)
def test_a_provenance_without_a_field_is_damaged(folder, field):
    said = json.loads((folder / "provenance.json").read_text())
    del said[field]
    (folder / "provenance.json").write_text(json.dumps(said))

    with pytest.raises(ModelDamaged):
        read_provenance(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b'{"name": 1}'])
def test_a_provenance_that_is_something_else_is_damaged(folder, content):
    (folder / "provenance.json").write_bytes(content)

    with pytest.raises(ModelDamaged):
        read_provenance(folder)


def test_a_model_travels_as_one_file(folder, tmp_path):
    exported = export_artefact(folder, tmp_path / "model.tar.gz")

    imported = import_artefact(tmp_path / "model.tar.gz", tmp_path / "deep" / "elsewhere")

    assert imported == exported
    assert contents(tmp_path / "deep" / "elsewhere") == contents(folder)


def test_the_same_model_exports_to_the_same_bytes(folder, tmp_path):
    for name in ("a.tar.gz", "b.tar.gz"):
        export_artefact(folder, tmp_path / name)

    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_an_import_replaces_the_model_that_was_there(folder, tmp_path):
    make_artefact(tmp_path / "new", graph=b"new graph")
    export_artefact(tmp_path / "new", tmp_path / "new.tar.gz")

    import_artefact(tmp_path / "new.tar.gz", folder)

    assert (folder / "model.onnx").read_bytes() == b"new graph"
    assert [path.name for path in tmp_path.glob(".model.new*")] == []


def test_a_damaged_model_is_not_exported(folder, tmp_path):
    (folder / "model.onnx").write_bytes(b"other")

    with pytest.raises(ModelDamaged):
        export_artefact(folder, tmp_path / "model.tar.gz")

    assert not (tmp_path / "model.tar.gz").exists()


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


HOSTILE = {
    "a path upwards": {"../model.onnx": b"x"},
    "an absolute path": {"/tmp/model.onnx": b"x"},
    "a folder": {"sub/model.onnx": b"x"},
    "another name": {"run.sh": b"x"},
    "a symbolic link": {"model.onnx": link("model.onnx", "/etc/passwd", tarfile.SYMTYPE)},
    "a hard link": {"model.onnx": link("model.onnx", "/etc/passwd", tarfile.LNKTYPE)},
    "a directory": {"model.onnx": link("model.onnx", "", tarfile.DIRTYPE)},
    "a device": {"model.onnx": link("model.onnx", "", tarfile.CHRTYPE)},
    "a huge provenance": {"provenance.json": b" " * ((1 << 20) + 1)},
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_refused_and_the_model_stays(folder, tmp_path, members):
    before = contents(folder)

    with pytest.raises(ModelDamaged):
        import_artefact(archive_of(tmp_path / "bad.tar.gz", members), folder)

    assert contents(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".model.lock",
        "bad.tar.gz",
        "model",
    ]


def test_a_member_given_twice_is_refused(folder, tmp_path):
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as archive:
        for name in [*FILES, "model.onnx"]:
            archive.add(folder / name, name)

    with pytest.raises(ModelDamaged, match=r"model\.onnx"):
        import_artefact(tmp_path / "bad.tar.gz", folder)


def test_an_archive_whose_checksums_differ_is_refused(folder, tmp_path):
    members = contents(folder) | {"model.onnx": b"exchanged"}

    with pytest.raises(ModelDamaged, match=r"model\.onnx"):
        import_artefact(archive_of(tmp_path / "bad.tar.gz", members), folder)

    assert verify(folder)


def test_an_archive_without_a_part_is_refused(folder, tmp_path):
    members = {"tokenizer.json": b"{}"}

    with pytest.raises(ModelDamaged, match="lacks"):
        import_artefact(archive_of(tmp_path / "bad.tar.gz", members), folder)


@pytest.mark.parametrize("kept", [0, 10, 60])
def test_a_cut_archive_is_refused(folder, tmp_path, kept):
    export_artefact(folder, tmp_path / "model.tar.gz")
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes((tmp_path / "model.tar.gz").read_bytes()[:kept])

    with pytest.raises(ModelDamaged):
        import_artefact(cut, folder)

    assert verify(folder)


def test_something_that_is_no_archive_is_refused(folder, tmp_path):
    (tmp_path / "text.tar.gz").write_bytes(gzip.compress(b"just a text" * 100))

    with pytest.raises(ModelDamaged, match="peerqa model export"):
        import_artefact(tmp_path / "text.tar.gz", folder)


def test_a_path_without_a_file_says_so(folder, tmp_path):
    with pytest.raises(ModelMissing, match="Check the path"):
        import_artefact(tmp_path / "never.tar.gz", folder)


def test_what_a_kill_left_behind_is_swept_by_the_next_import(folder, tmp_path):
    shutil.copytree(folder, tmp_path / ".model.new-abcdefgh")
    export_artefact(folder, tmp_path / "model.tar.gz")

    import_artefact(tmp_path / "model.tar.gz", folder)

    assert not (tmp_path / ".model.new-abcdefgh").exists()
    assert verify(folder)


IMPORT_FOR_EVER = """
import sys
from pathlib import Path
from indexer.artefact import import_artefact
print("ready", flush=True)
while True:
    for file in sys.argv[2:]:
        import_artefact(Path(file), Path(sys.argv[1]))
"""


@pytest.mark.parametrize("delay_ms", [0, 3, 7, 11, 17])
def test_a_process_killed_while_importing_leaves_a_whole_model(folder, tmp_path, delay_ms):
    make_artefact(tmp_path / "new", graph=b"new graph" * 10_000)
    archives = [tmp_path / "old.tar.gz", tmp_path / "new.tar.gz"]
    for source, archive in zip((folder, tmp_path / "new"), archives, strict=True):
        export_artefact(source, archive)
    command = [sys.executable, "-c", IMPORT_FOR_EVER, *map(str, [folder, *archives])]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.02 + delay_ms / 1000)
        process.kill()

    assert verify(folder)
    import_artefact(archives[0], folder)
    assert not list(tmp_path.glob(".model.new-*"))


def test_a_provenance_from_before_there_was_tuning_is_read(folder):
    fields = json.loads((folder / "provenance.json").read_text())
    del fields["tuned_from"]
    (folder / "provenance.json").write_text(json.dumps(fields))

    assert verify(folder).tuned_from == ""
