"""A tiny folder in BEIR layout, and an installation that needs no model."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from peerqa.__main__ import MORE
from peerqa.app import create_app
from peerqa.cli import commands
from tests.cli.conftest import Ran
from tests.fakes import WordsEncoder

CORPUS = [
    {"_id": "d1", "title": "How do I reset the label printer?", "text": "It blinks red.",
     "metadata": {"answer": "Hold the feed button for five seconds."}},
    {"_id": "d2", "title": "Where do we order safety shoes?", "text": ""},
    {"_id": "d3", "title": "", "text": "The torque of the crank bolts is not in the manual."},
    {"_id": "d4", "title": "Who has the key of the paint room " * 6, "text": "It was lost."},
    {"_id": "d5", "title": "When does the carrier come on Fridays?", "text": ""},
]  # fmt: skip
QUERIES = [
    {"_id": "q1", "text": "reset the label printer", "metadata": {"body": "It blinks."}},
    {"_id": "q2", "text": "order safety shoes"},
    {"_id": "q3", "text": "torque of crank bolts"},
    {"_id": "q4", "text": "Is there a lunch menu for tomorrow?"},
]
QRELS = [("query-id", "corpus-id", "score"), ("q1", "d1", 1), ("q2", "d2", 1), ("q3", "d3", 1)]


def write_folder(path: Path) -> Path:
    (path / "qrels").mkdir(parents=True)
    for name, rows in (("corpus.jsonl", CORPUS), ("queries.jsonl", QUERIES)):
        (path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    (path / "qrels" / "test.tsv").write_text(
        "".join("\t".join(map(str, row)) + "\n" for row in QRELS)
    )
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder as it should be; tests break it."""
    return write_folder(tmp_path / "labelled")


def make_app(**_: object) -> Flask:
    app = create_app(with_doors=False)
    app.extensions["peerqa.search"].encoders.use(WordsEncoder())
    return app


def run_command(*arguments: object) -> Ran:
    result = CliRunner().invoke(
        commands(make_app, MORE), ["eval", *map(str, arguments)], catch_exceptions=False
    )
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def evaluate() -> Callable[..., Ran]:
    """Return a function that runs `peerqa eval …` on a stand-in for the model."""
    return run_command


@pytest.fixture(scope="package")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """How the command ended on the whole folder."""
    return run_command(write_folder(tmp_path_factory.mktemp("eval") / "labelled"), "--json")
