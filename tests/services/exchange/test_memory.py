"""Memory stays the same however large a dump is: measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from peerqa.settings import CHECKOUT
from tests.services.exchange.dumps import write_large_dump

IMPORT = """
import json, sys
from pathlib import Path
from peerqa.clock import utc_now
from peerqa.services.exchange.dump import open_dump
from peerqa.services.exchange.preparing import render_texts
from peerqa.services.exchange.spool import open_spool
from peerqa.services.exchange.stackexchange import read_stackexchange
from tests.services.exchange.memory import peak_mb

def step(*_): pass

before, folder = peak_mb(), Path(sys.argv[2])
with open_spool(folder) as spool, open_dump(Path(sys.argv[1]), spool.folder) as dump:
    read_stackexchange(dump, spool, at=utc_now(), step=step)
    render_texts(spool, step=step)
    count = spool.count_texts()
print(json.dumps({"before": before, "peak": peak_mb(), "posts": count}))
"""


def run(*command: str, **more: str) -> dict:
    ran = subprocess.run(
        [sys.executable, "-c", *command], capture_output=True, check=True, cwd=CHECKOUT, text=True,
        env={"PATH": "", "PYTHONPATH": str(CHECKOUT), **more},
    )  # fmt: skip
    return json.loads(ran.stdout.splitlines()[-1])


def test_ten_megabytes_are_read_and_rendered_in_little_memory(tmp_path):
    dump = write_large_dump(tmp_path / "dump", questions=300, words=1900)
    assert (dump / "Posts.xml").stat().st_size > 10_000_000

    measured = run(IMPORT, str(dump), str(tmp_path))

    assert measured["posts"] == 900
    assert measured["peak"] - measured["before"] < 60


@pytest.mark.long
def test_a_hundred_megabytes_are_imported_within_three_hundred(tmp_path):
    dump = write_large_dump(tmp_path / "dump", questions=17_000, words=300)
    assert (dump / "Posts.xml").stat().st_size > 100_000_000
    command = (
        "import json, sys; from peerqa.app import create_app; from peerqa.cli import commands; "
        "from tests.services.exchange.memory import peak_mb; "
        "commands(create_app)(sys.argv[1:], standalone_mode=False); "
        "print(json.dumps(peak_mb()))"
    )

    peak_mb = run(
        command, "import", "stackexchange", str(dump), "--organization", "Large", "--space", "S",
        PEERQA_HOME=str(Path(tmp_path) / "home"),
    )  # fmt: skip

    assert peak_mb < 300
