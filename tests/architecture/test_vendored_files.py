"""What comes from others is exactly what is listed: files for the browser, and packages."""

import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "peerqa" / "static" / "vendor"


def test_every_vendored_file_is_the_one_that_is_listed():
    rows = re.findall(r"^\| ([\w.-]+) \|.*\| ([0-9a-f]{64}) \|", _list(), flags=re.MULTILINE)
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "README.md"
    }

    assert found == dict(rows)


def test_vendored_files_are_third_parties_with_their_version():
    rows = re.findall(r"^\| [\w.-]+ \| ([\w-]+) \| ([\d.]+) \|", _list(), flags=re.MULTILINE)

    assert rows
    assert set(rows) - _third_parties() == set()


def test_every_package_we_name_is_a_third_party_with_the_version_that_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["dependencies"] + project["optional-dependencies"]["test"]
    lock = (ROOT / "requirements-test.lock").read_text()
    locked = dict(reversed(re.findall(r"^([\w-]+)==([^ ]+)", lock, flags=re.MULTILINE)))
    ours = {re.match(r"[\w-]+", line)[0] for line in named}

    assert {(name, locked[name]) for name in ours} - _third_parties() == set()


def _third_parties() -> set[tuple[str, str]]:
    text = (ROOT / "THIRD_PARTY.md").read_text()
    return set(re.findall(r"^\| ([\w-]+) \| ([^ |]+) \|", text, flags=re.MULTILINE))


def _list() -> str:
    return (VENDOR / "README.md").read_text()
