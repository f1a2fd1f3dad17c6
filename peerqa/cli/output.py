"""How every command answers: results on standard output, everything else on standard error.

With --json the result is one object on the last line of standard output, and so is a refusal:
{"error": {"code": …, "message": …}}. A refusal exits 1, a wrong call exits 2, and nothing prompts.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from indexer.errors import IndexerError
from peerqa.errors import PeerQAError

if TYPE_CHECKING:
    from rich.progress import Progress

Command = TypeVar("Command", bound=Callable[..., Any])  # Any: whatever options a command takes

_JSON = "peerqa.json"


def json_option(command: Command) -> Command:
    """Add --json; the command itself hears nothing of it and calls show()."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="Print one JSON object on the last line.",
    )(command)


def organization_option(command: Command) -> Command:
    """Add --organization; without it the only organization is meant."""
    return click.option(
        "--organization", metavar="NAME", help="Needed only where there are several."
    )(command)


def show(result: Mapping[str, object], *, lines: Iterable[str]) -> None:
    """Print what the command found out or did.

    Args:
        result: printed with --json; what JSON can hold.
        lines: printed without, for people.
    """
    if _wants_json():
        click.echo(json.dumps(result))
    else:
        for line in lines:
            click.echo(line)


def say(sentence: str) -> None:
    """Tell the person at the terminal something that is not the result."""
    click.echo(sentence, err=True)


@contextmanager
def progress() -> Iterator["Progress"]:
    """Open progress bars on standard error; add tasks to them. Silent where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bars:
        yield bars


def report_refusal(error: Exception) -> bool:
    """Say what was refused, when it was refused on purpose; False for any other failure."""
    refusal = _read_refusal(error)
    if refusal is None:
        return False
    code, message = refusal
    say(message)
    if _wants_json():
        click.echo(json.dumps({"error": {"code": code, "message": message}}))
    return True


def _read_refusal(error: Exception) -> tuple[str, str] | None:
    if isinstance(error, PeerQAError):
        return error.code, str(error)
    if isinstance(error, IndexerError):
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower(), str(error)
    if "sqlalchemy" in sys.modules:
        from sqlalchemy.exc import OperationalError

        if isinstance(error, OperationalError):
            reason = str(error.orig).strip().partition("\n")[0]
            return (
                "database-unavailable",
                f"The database cannot be used: {reason}. See: peerqa doctor",
            )
    return None


def _remember(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        context.find_root().meta[_JSON] = True


def _wants_json() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_JSON))
