"""Files made to exhaust the machine are refused at once and with little memory.

Bounds are five times those that are promised: only a hang or an avalanche can miss them.
"""

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import py7zr
import pytest

from peerqa.services.exchange.broken import BrokenSource
from peerqa.services.exchange.dump import open_dump
from peerqa.services.exchange.spool import open_spool
from peerqa.services.exchange.stackexchange import read_stackexchange
from tests.conftest import NOON
from tests.services.exchange.conftest import ignore
from tests.services.exchange.memory import peak_mb

HEAD = '<row Id="1" PostTypeId="1" CreationDate="2020-01-01T00:00:00" Title="Why?" Body="'
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
MEGABYTE = "a" * (1 << 20)

XML_BOMBS = {
    "entities": f'<!DOCTYPE x [<!ENTITY e0 "ha">{LAUGHS}]><posts>{HEAD}&e11;" /></posts>',
    "a document type": "<!DOCTYPE x [" + "<!ELEMENT a ANY>" * 200_000 + "]><posts/>",
    "one attribute": f'<posts>{HEAD}{MEGABYTE * 60}" /></posts>',
    "many attributes": "<posts><row " + " ".join(f'a{n}="1"' for n in range(2_000_000)) + " />",
    "deep nesting": "<posts>" + "<a>" * 5_000_000,
    "a text without rows": "<posts>" + MEGABYTE * 60,
    "a comment": "<posts><!--" + MEGABYTE * 60 + "--></posts>",
}


def refuse(path: Path, tmp_path: Path) -> tuple[str, float, float]:
    """Return the refusal, its seconds, and by how many megabytes the process grew."""
    before, started = peak_mb(), time.process_time()
    with pytest.raises(BrokenSource) as refused, open_spool(tmp_path) as spool:  # noqa: SIM117
        with open_dump(path, spool.folder) as dump:
            read_stackexchange(dump, spool, at=NOON, step=ignore)
    return str(refused.value), time.process_time() - started, peak_mb() - before


@pytest.mark.parametrize("name", XML_BOMBS)
def test_an_xml_bomb_is_refused_at_once(tmp_path, name):
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "Posts.xml").write_text(XML_BOMBS[name])

    told, seconds, grown_mb = refuse(tmp_path / "dump", tmp_path)

    assert told.startswith("Posts.xml")
    assert seconds < 5
    assert grown_mb < 100


def _zeros(count_mb: int) -> Iterator[bytes]:
    for _ in range(count_mb):
        yield bytes(1 << 20)


def test_a_zip_bomb_is_refused_by_its_table(tmp_path):
    path = tmp_path / "dump.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("Posts.xml", "w") as file,
    ):
        for piece in _zeros(200):
            file.write(piece)

    told, seconds, grown_mb = refuse(path, tmp_path)

    assert "no text shrinks so" in told
    assert seconds < 5
    assert grown_mb < 100


def test_a_7z_bomb_is_refused_by_its_table(tmp_path):
    path = tmp_path / "dump.7z"
    (tmp_path / "zeros").write_bytes(b"".join(_zeros(100)))
    with py7zr.SevenZipFile(
        path, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]
    ) as archive:
        archive.write(tmp_path / "zeros", "Posts.xml")

    told, seconds, grown_mb = refuse(path, tmp_path)

    assert "no text shrinks so" in told
    assert seconds < 5
    assert grown_mb < 100


def test_a_zip_with_a_huge_table_is_refused(tmp_path):
    path = tmp_path / "dump.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}", b"")

    told, seconds, grown_mb = refuse(path, tmp_path)

    assert "damaged" in told
    assert seconds < 5
    assert grown_mb < 100


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path):
    path = tmp_path / "dump.zip"
    content = f"<posts>{HEAD}x".encode() + b" " * 1_000_000 + b'" /></posts>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Posts.xml", content)
    size = len(content).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (500).to_bytes(4, "little")))

    told, _, grown_mb = refuse(path, tmp_path)

    assert "damaged" in told or "ends in the middle" in told
    assert grown_mb < 100
