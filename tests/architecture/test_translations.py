"""Each catalogue says the sentences of the code that it should, with the same places in them.

`python -m tests.architecture.test_translations` writes the catalogues anew: new sentences stand
there with an empty translation, those that are gone from the code are gone, the others are kept.
"""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from peerqa import languages

ROOT = Path(__file__).parents[2]
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None}
# Commands speak English; so does what only they say.
COMMANDS = ("peerqa/cli/", "peerqa/bench/", "peerqa/evaluation/", "peerqa/demo/lms/",
            "peerqa/backups.py", "peerqa/restoring.py", "peerqa/copying", "peerqa/schema.py",
            "peerqa/services/exchange/", "peerqa/search/retraining.py", "peerqa/search/undoing.py",
            "peerqa/demo/seeding.py", "lti/admin/commands.py", "lti/admin/checks.py")  # fmt: skip
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|<[^>]+>|\n")
CATALOGUES = [language for language in languages.LANGUAGES if language != languages.ENGLISH]


def sources() -> Iterator[tuple[Path, str, dict[str, str]]]:
    """Yield what holds sentences: file, Babel's method for it, the options of that."""
    for folder in ("peerqa", "lti"):
        for path in sorted((ROOT / folder).rglob("*")):
            inside = path.relative_to(ROOT).as_posix()
            if inside.startswith(COMMANDS):
                continue
            if path.suffix == ".py":
                yield path, "python", {}
            elif path.suffix == ".html" or (
                path.parent.name == "letters" and path.suffix == ".txt"
            ):
                yield path, "jinja2", {"trimmed": "true"}


@cache
def extract() -> Catalog:
    """Return every sentence in the code."""
    found = Catalog(fuzzy=False)
    for path, method, options in sources():
        for _line, sentence, _comments, context in extract_from_file(
            method, path, keywords=KEYWORDS, options=options
        ):
            found.add(sentence, context=context)
    return found


def read(language: str) -> Catalog:
    path = languages.FOLDER / language / "messages.po"
    with path.open("rb") as source:
        return read_po(source, locale=language)


def write_anew(language: str) -> None:
    """Add what is new in the code, forget what is gone; what stands at the top stays."""
    path = languages.FOLDER / language / "messages.po"
    top = path.read_text(encoding="utf-8").partition("\n\n")[0].rstrip()
    catalogue = read(language)
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    if language not in languages.COMPLETE:  # it holds what it says; the rest is in English
        for message in list(catalogue):
            if message.id and not any(translations(message)):
                catalogue.delete(message.id)
    sentences = BytesIO()
    write_po(sentences, catalogue, width=100, no_location=True, sort_output=True, omit_header=True)
    path.write_text(f"{top}\n\n{sentences.getvalue().decode().strip()}\n", encoding="utf-8")


def translations(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def places(text: str) -> set[str]:
    """Return what a sentence and its translation must both have."""
    return set(PLACES.findall(text))


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_translation_has_the_same_places(language: str):
    """But for the number of one thing, which may be said as a word, or not at all."""
    wrong = []
    for message in read(language):
        if not message.id or not any(translations(message)):
            continue
        forms = message.id if isinstance(message.id, tuple) else (message.id,)
        free = {"%(num)s"} if len(forms) > 1 else set()
        wrong += [
            (message.id, said)
            for said in translations(message)
            if places(said) - free != places(forms[-1]) - free
        ]
    assert wrong == []


def test_what_is_complete_has_all_sentences_and_no_other():
    """Run the module to find the missing ones: they stand in the catalogue with an empty msgstr."""
    sentences = {message.id for message in extract() if message.id}
    for language in languages.COMPLETE:
        if language == languages.ENGLISH:
            continue
        said = {message.id for message in read(language) if all(translations(message))}
        assert sorted(map(str, sentences - said)) == [], language
        assert sorted(map(str, said - sentences - {""})) == [], language


if __name__ == "__main__":
    for each in CATALOGUES:
        write_anew(each)
