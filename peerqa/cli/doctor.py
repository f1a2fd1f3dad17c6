"""`peerqa doctor`: one line for each thing that can be amiss, and what to do about it.

It only looks: it migrates nothing, repairs nothing, and goes on when a check cannot be made.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from peerqa.cli.checks import data, machine
from peerqa.cli.checks.finding import Finding, State
from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, show

COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


@click.command()
@json_option
def doctor() -> None:
    """Check the installation, with a remedy for what is amiss; exit 1 when something fails."""
    app = open_app(with_tables=False)
    findings = [finding for check in _checks(app) for finding in check]
    worst = State.FAIL if any(each.state is State.FAIL for each in findings) else State.OK
    show(
        {"ok": worst is State.OK, "findings": [asdict(each) for each in findings]},
        lines=_lines(findings),
    )
    if worst is State.FAIL:
        click.get_current_context().exit(1)


def _checks(app: Flask) -> Iterator[Sequence[Finding]]:
    for check in machine.CHECKS:
        yield list(check(app))
    for check in (*data.CHECKS, *app.extensions.get("peerqa.checks", ())):
        yield _guarded(check, app)


def _guarded(check: Callable[[Flask], Iterator[Finding]], app: Flask) -> Sequence[Finding]:
    """Make a check that asks the database; what the database is not fit for is left out."""
    try:
        return list(check(app))
    except SQLAlchemyError:
        return []  # the first of these checks said so


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings:
        state = click.style(f"{each.state:5}", fg=COLOURS[each.state])
        yield f"{state} {each.check:14} {each.said}"
        if each.remedy:
            yield f"{'':20} → {each.remedy}"
