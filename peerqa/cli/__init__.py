"""The command line: `peerqa COMMAND`. Built for people and for scripts alike.

A command's module is imported when the command is called, so that `peerqa --help` is there at once
and only `model prepare` ever loads torch. What all commands share is in output.py and opening.py.
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from peerqa.cli.output import report_refusal
from peerqa.cli.parent import follow_parent

if TYPE_CHECKING:
    from peerqa.cli.opening import MakeApp

# module, its click command, and the line in the overview
Entry = tuple[str, str, str]

_COMMANDS: dict[str, Entry] = {
    "serve": ("serving", "serve", "Serve the pages and do the work behind them."),
    "worker": ("working", "worker", "Do the work behind the pages, and serve none."),
    "demo": ("demo", "demo", "Serve the demo company, with one-click sign-in."),
    "demo-lms": ("demo_lms", "demo_lms", "Serve the demo LMS alone; demo serves it too."),
    "admin": ("people", "admin", "Make the first organization and admin; make sign-in links."),
    "token": ("people", "token", "Give programs access to the API."),
    "import": ("importing", "group", "Bring in questions and answers from elsewhere."),
    "similar": ("finding", "similar", "Show earlier questions that answer this one."),
    "search": ("finding", "search", "Search the questions and answers."),
    "gate": ("gate", "gate", "See and set how sure an earlier answer must be to be shown."),
    "tune": ("tuning", "tune", "Learn from an organization, and keep what wins."),
    "index": ("index", "index", "Look after the search index."),
    "model": ("model", "model", "Prepare the sentence model, or carry it to another machine."),
    "outbox": ("outbox", "outbox", "See what waits to be done, and try again what failed."),
    "mail": ("mailing", "mail", "Try the mail server."),
    "audit": ("auditing", "audit", "See who did what, and that the trail was not changed."),
    "recognition": ("recognizing", "recognition", "See that the ledger of help is right."),
    "backup": ("backing_up", "backup", "Write all data into one file, while PeerQA serves."),
    "restore": ("backing_up", "restore", "Bring back what a backup holds."),
    "copy-database": ("copying", "copy_database", "Move SQLite to PostgreSQL, row by row."),
    "migrate": ("migrating", "migrate", "Bring the database up to this version."),
    "bench": ("benching", "bench", "Measure how fast PeerQA is here, on a corpus of its own."),
    "eval": ("evaluating", "evaluate", "Measure how good PeerQA finds, on labelled questions."),
    "eval-routing": (
        "evaluating_routing",
        "evaluate_routing",
        "Measure how well those who know are found, on a history that is replayed.",
    ),
    "doctor": ("doctor", "doctor", "Check the installation, with a remedy for what is amiss."),
}


class Commands(click.Group):
    """The commands in the order of the table above; a refusal becomes a sentence and exit 1."""

    entries: Mapping[str, Entry] = _COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return all names without importing anything."""
        return [name for name, (module, _, _) in self.entries.items() if _is_there(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the one command that is called."""
        module, attribute, _ = self.entries.get(cmd_name, ("", "", ""))
        if not module or not _is_there(module):
            return None
        command = getattr(import_module(_full(module)), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.entries[name][2]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:  # Any: as in click
        """Run the command; what it refuses is said in one sentence."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if not report_refusal(error):
                raise
            ctx.exit(1)


def commands(create_app: "MakeApp", more: Mapping[str, Entry] | None = None) -> click.Group:
    """Return the command line of the app that this function makes.

    Args:
        more: commands of packages that this one may not know, by name; modules with their package.
    """

    @click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(package_name="peerqa")
    @click.pass_context
    def peerqa(context: click.Context) -> None:
        """PeerQA: where people at work ask each other."""
        context.obj = create_app
        follow_parent()

    assert isinstance(peerqa, Commands)
    peerqa.entries = {**_COMMANDS, **(more or {})}
    return peerqa


def _is_there(module: str) -> bool:
    # to look for a module of another package would import that package
    return "." in module or find_spec(_full(module)) is not None


def _full(module: str) -> str:
    return module if "." in module else f"{__name__}.{module}"
