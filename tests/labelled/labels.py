"""The labelled sets: questions as people type them, and what in the demo company answers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from peerqa.demo.shapes import Company
from peerqa.markup import render

FOLDER = Path(__file__).parent
HALVES = ("tune", "report")


@dataclass(frozen=True)
class SentenceLabel:
    """What somebody typed, and the quotations of one answer that say it."""

    typed: str
    thread: str
    answer: int
    half: str
    right: Sequence[str]

    def is_right(self, passage: str) -> bool:
        """Tell whether a passage contains a quotation, or lies in one."""
        return any(quoted in passage or passage in quoted for quoted in self.right)


@dataclass(frozen=True)
class GermanQuestion:
    """What a German colleague typed; no thread where the company has no answer to it."""

    typed: str
    thread: str | None


@dataclass(frozen=True)
class GermanThread:
    """A thread of the company, told in German."""

    key: str
    title: str
    body: str
    answer: str


def load_sentences() -> list[SentenceLabel]:
    return [SentenceLabel(**entry) for entry in _read("sentences.yaml")["sentences"]]


def load_german_questions() -> list[GermanQuestion]:
    return [GermanQuestion(**entry) for entry in _read("german.yaml")["questions"]]


def load_german_corpus() -> list[GermanThread]:
    return [GermanThread(**entry) for entry in _read("german.yaml")["corpus"]]


def plain_answers(company: Company) -> dict[tuple[str, int], str]:
    """Return the plain text of every answer, by its thread and its place there."""
    return {
        (thread.key, place): render(reply.body).plain
        for thread in company.threads
        for place, reply in enumerate(thread.replies)
    }


def _read(name: str) -> dict:
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))
