"""A broken dump is refused by the name of the file, the line and what is wrong."""

import os
import zipfile
from pathlib import Path

import py7zr
import pytest

from peerqa.services.exchange.broken import BrokenSource
from peerqa.services.exchange.dump import open_dump
from peerqa.services.exchange.spool import open_spool
from peerqa.services.exchange.stackexchange import read_stackexchange
from tests.conftest import NOON
from tests.services.exchange.conftest import ignore
from tests.services.exchange.dumps import (
    answer,
    comment,
    link,
    question,
    row,
    user,
    vote,
    write_dump,
)

GOOD = {
    "Posts": [question(1), answer(2, 1)],
    "Users": [user(1, "Ann")],
    "Comments": [comment(1, 1)],
    "Votes": [vote(1, 1)],
    "PostLinks": [link(1, 1, 1)],
}


def read(path: Path, tmp_path: Path) -> int:
    """Read a dump; returns how many questions it has."""
    with open_spool(tmp_path) as spool, open_dump(path, spool.folder) as dump:
        read_stackexchange(dump, spool, at=NOON, step=ignore)
        return sum(len(chunk) for chunk in spool.new("question"))


def refusal(path: Path, tmp_path: Path) -> str:
    with pytest.raises(BrokenSource) as refused:
        read(path, tmp_path)
    return str(refused.value)


def pack_zip(folder: Path, path: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, prefix + file.name)
    return path


def pack_7z(folder: Path, path: Path, **more: str) -> Path:
    with py7zr.SevenZipFile(path, "w", **more) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"site/{file.name}")
    return path


@pytest.mark.parametrize("kind", ["folder", "zip", "nested zip", "7z"])
def test_a_dump_may_be_a_folder_or_an_archive(tmp_path, kind):
    folder = write_dump(tmp_path / "dump", GOOD)
    path = {
        "folder": lambda: folder,
        "zip": lambda: pack_zip(folder, tmp_path / "dump.zip"),
        "nested zip": lambda: pack_zip(folder, tmp_path / "dump.ZIP", "a/b/"),
        "7z": lambda: pack_7z(folder, tmp_path / "dump.7z"),
    }[kind]()

    assert read(path, tmp_path) == 1
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("import-")) == []


BROKEN_ROWS = {
    "Posts.xml, line 3: this row has no Id.": {"Posts": [row(PostTypeId=1)]},
    "Posts.xml, line 4, Id 2: this row has no PostTypeId.": {"Posts": [question(1), row(Id=2)]},
    "Posts.xml, line 3: Id is “x1”, which is no number.": None,
    "Posts.xml, line 3, Id 1: CreationDate is “yesterday”, which is no date.": {
        "Posts": [question(1, CreationDate="yesterday")]
    },
    "Posts.xml, line 3, Id 1: CreationDate is “2999-01-01T00:00:00”, which is still to come.": {
        "Posts": [question(1, CreationDate="2999-01-01T00:00:00")]
    },
    "Posts.xml, line 3, Id 1: this row has no CreationDate.": {
        "Posts": [question(1, CreationDate=None)]
    },
    "Posts.xml, line 3, Id 1: this row has no Title.": {"Posts": [question(1, title=None)]},
    "Posts.xml, line 4, Id 2: this row has no ParentId.": {"Posts": [question(1), answer(2, None)]},
    "Posts.xml, line 4, Id 1: this Id is there twice.": {"Posts": [question(1), question(1)]},
    "Posts.xml has no questions.": {"Posts": []},
    "Votes.xml, line 3, Id 1: this row has no VoteTypeId.": GOOD | {"Votes": [row(Id=1)]},
    "Users.xml, line 3: this row has no Id.": GOOD | {"Users": [row(DisplayName="A")]},
    "PostLinks.xml, line 3, Id 1: this row has no LinkTypeId.": GOOD | {"PostLinks": [row(Id=1)]},
    "Comments.xml, line 3, Id 1: this row has no CreationDate.": GOOD
    | {"Comments": [row(Id=1, PostId=1)]},
}


@pytest.mark.parametrize("told", BROKEN_ROWS)
def test_a_broken_row_is_named(tmp_path, told):
    files = BROKEN_ROWS[told] or {"Posts": [question(1).replace('Id="1"', 'Id="x1"', 1)]}
    path = write_dump(tmp_path / "dump", files)

    assert refusal(path, tmp_path) in {told, told.replace("line 3:", "line 3, Id x1:")}


BROKEN_FILES = {
    "Posts.xml is empty.": b"",
    "Posts.xml, line 1, column 1: this is not XML.": b"Id,Title\n1,Why?\n",
    "Posts.xml ends in the middle, at line 3: it is not complete.": (
        f"<posts>\n{question(1)}".encode()
    ),
    "Posts.xml ends in the middle, at line 2: it is not complete.": (
        f"<posts>\n{question(1)[:40]}".encode()
    ),
    "Posts.xml has no questions.": b"<html><body>Not found</body></html>",
    "Posts.xml has a document type or entities, which no dump has.": (
        b'<!DOCTYPE posts SYSTEM "file:///etc/passwd"><posts/>'
    ),
}


@pytest.mark.parametrize("told", BROKEN_FILES)
def test_a_broken_file_is_named(tmp_path, told):
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "Posts.xml").write_bytes(BROKEN_FILES[told])

    assert refusal(tmp_path / "dump", tmp_path) == told


def test_bytes_of_another_encoding_are_named(tmp_path):
    folder = write_dump(tmp_path / "dump", {"Posts": [question(1, "Caf?")]})
    file = folder / "Posts.xml"
    file.write_bytes(file.read_bytes().replace(b"Caf?", b"Caf\xe9?"))

    assert refusal(folder, tmp_path).startswith("Posts.xml, line 3, column ")


def test_a_dump_may_be_in_another_encoding_that_it_names(tmp_path):
    folder = tmp_path / "dump"
    folder.mkdir()
    text = f'<?xml version="1.0" encoding="utf-16"?><posts>{question(1, "Café?")}</posts>'
    (folder / "Posts.xml").write_bytes(text.encode("utf-16"))

    assert read(folder, tmp_path) == 1


def test_what_is_not_there_or_no_dump_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "no.zip").write_text("not a zip")
    (tmp_path / "no.7z").write_text("not a 7z")
    (tmp_path / "empty.zip").write_bytes(b"")

    assert refusal(tmp_path / "gone", tmp_path) == f"{tmp_path}/gone does not exist."
    assert refusal(tmp_path / "empty", tmp_path) == f"{tmp_path}/empty has no Posts.xml."
    assert "is neither a folder nor a .zip or .7z" in refusal(tmp_path / "notes.txt", tmp_path)
    for name in ("no.zip", "no.7z", "empty.zip"):
        assert refusal(tmp_path / name, tmp_path) == (
            f"{tmp_path}/{name} is damaged, or not the archive that its name says."
        )


def test_an_archive_without_posts_is_named(tmp_path):
    folder = write_dump(tmp_path / "dump", {"Badges": []})

    assert refusal(pack_zip(folder, tmp_path / "d.zip"), tmp_path).endswith("has no Posts.xml.")
    assert refusal(pack_7z(folder, tmp_path / "d.7z"), tmp_path).endswith("has no Posts.xml.")


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["zip", "7z"])
def test_a_cut_or_damaged_archive_is_refused(tmp_path, kind, cut):
    folder = write_dump(tmp_path / "dump", {"Posts": [question(n) for n in range(1, 200)]})
    path = (pack_zip if kind == "zip" else pack_7z)(folder, tmp_path / f"dump.{kind}")
    whole = path.read_bytes()

    path.write_bytes(whole[: int(len(whole) * cut)])
    assert "damaged" in refusal(path, tmp_path)
    middle = len(whole) // 3
    path.write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    assert "damaged" in refusal(path, tmp_path)


def test_a_locked_archive_is_named(tmp_path):
    folder = write_dump(tmp_path / "dump", GOOD)
    path = pack_7z(folder, tmp_path / "dump.7z", password="secret")

    assert refusal(path, tmp_path) == f"{path} is locked with a password."


def test_a_locked_zip_is_named(tmp_path):
    folder = write_dump(tmp_path / "dump", GOOD)
    path = pack_zip(folder, tmp_path / "dump.zip")
    whole = bytearray(path.read_bytes())
    at = whole.find(b"PK\x01\x02")
    while at >= 0:  # say in the table that each file is encrypted
        whole[at + 8] |= 1
        at = whole.find(b"PK\x01\x02", at + 1)
    path.write_bytes(whole)

    assert refusal(path, tmp_path) == f"{path} is locked with a password."


def test_what_a_killed_import_left_is_swept(tmp_path):
    (tmp_path / "import-old").mkdir()
    (tmp_path / "import-new").mkdir()
    os.utime(tmp_path / "import-old", (0, 0))

    with open_spool(tmp_path):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["import-new"]


def test_names_that_lead_out_of_an_archive_are_refused(tmp_path):
    for name in ("../Posts.xml", "/Posts.xml", "a/../../Posts.xml", "..\\Posts.xml"):
        with zipfile.ZipFile(tmp_path / "dump.zip", "w") as archive:
            archive.writestr(name, "<posts/>")

        assert "whose name leads out of it" in refusal(tmp_path / "dump.zip", tmp_path)


def test_two_dumps_in_one_archive_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "dump.zip", "w") as archive:
        archive.writestr("a/Posts.xml", "<posts/>")
        archive.writestr("b/Posts.xml", "<posts/>")

    assert refusal(tmp_path / "dump.zip", tmp_path).endswith("holds Posts.xml twice.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path):
    folder = write_dump(tmp_path / "dump", GOOD)
    (folder / "Posts.xml").chmod(0)

    assert refusal(folder, tmp_path).endswith("may not be read by this user.")
