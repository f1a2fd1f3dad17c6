"""Files and functions stay short enough to be read in one go, and are named after their subject."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ["peerqa", "indexer", "lti", "migrations", "tests"]
LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 40
NAMES_OF_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

# "path" or "path::function": the reason why it is better long than cut.
EXCEPTIONS: dict[str, str] = {}


def test_no_file_is_longer_than_one_can_read_in_one_go():
    lengths = {_name(path): len(_lines(path)) for path in _modules()}

    assert _too_long(lengths, LINES_OF_A_FILE) == {}


def test_no_function_is_longer_than_a_screen():
    lengths = dict(function for path in _modules() for function in _functions(path))

    assert _too_long(lengths, LINES_OF_A_FUNCTION) == {}


def test_every_module_is_named_after_its_subject():
    nameless = [
        _name(path)
        for path in _modules()
        if NAMES_OF_NOTHING & {path.stem, *path.relative_to(ROOT).parts[:-1]}
    ]

    assert nameless == []


def test_every_exception_is_still_needed():
    lengths = {_name(path): len(_lines(path)) for path in _modules()}
    functions = dict(function for path in _modules() for function in _functions(path))
    needed = {name for name, length in lengths.items() if length > LINES_OF_A_FILE} | {
        name for name, length in functions.items() if length > LINES_OF_A_FUNCTION
    }

    assert EXCEPTIONS.keys() - needed == set()


def _too_long(lengths: dict[str, int], limit: int) -> dict[str, int]:
    return {n: length for n, length in lengths.items() if length > limit and n not in EXCEPTIONS}


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's name and its lines, without decorators and docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            told = node.body[0] if ast.get_docstring(node) is not None else None
            docstring = told.end_lineno - told.lineno + 1 if told else 0
            yield f"{_name(path)}::{node.name}", node.end_lineno - node.lineno + 1 - docstring


def _modules() -> list[Path]:
    # A migration is never edited after its release: what it says once may be long.
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path for path in found if "versions" not in path.parts]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
