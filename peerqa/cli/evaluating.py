"""`peerqa eval`: how good ranking and gate are, on labelled questions or on recorded evidence."""

from pathlib import Path
from typing import cast

import click

from peerqa.cli.opening import open_app
from peerqa.cli.output import json_option, organization_option, say, show
from peerqa.database import db
from peerqa.evaluation.halves import HALVES, Half
from peerqa.evaluation.live import evaluate_live
from peerqa.evaluation.running import TARGET, run
from peerqa.evaluation.table import lines, live_lines
from peerqa.services.organizations import get_organization


@click.command("eval")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option(
    "--half", type=click.Choice(HALVES),
    help="Only these queries: tune on one half, report the other. Threads are not split.",
)  # fmt: skip
@click.option(
    "--target", type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help=f"Precision target of the gate; {TARGET:g}, and with --live the organization's own.",
)  # fmt: skip
@click.option(
    "--feedback", type=click.IntRange(1, 10_000), metavar="ROWS",
    help="With --half: learn a gate from so many rows of made-up feedback on the other half.",
)  # fmt: skip
@click.option("--live", is_flag=True, help="Judge the gate by what colleagues said to its hits.")
@organization_option
@json_option
def evaluate(
    folder: Path | None,
    half: str | None,
    target: float | None,
    feedback: int | None,
    live: bool,
    organization: str | None,
) -> None:
    """Measure how good ranking and gate are, on labelled questions (DIR) or with --live.

    DIR is in BEIR layout: corpus.jsonl, queries.jsonl, qrels/test.tsv. It is indexed in a temporary
    home; the real one is not touched. 11,000 documents take a few minutes.
    """
    if live:
        if folder is not None or half is not None or feedback is not None:
            raise click.UsageError("--live takes neither DIR nor --half nor --feedback.")
        _show_live(organization, target)
        return
    if folder is None or organization is not None:
        raise click.UsageError("Name a DIR to evaluate, or --live; --organization is for --live.")
    if feedback is not None and half is None:
        raise click.UsageError("--feedback wants --half: who measures must not have said it.")
    make_app = click.get_current_context().find_root().obj
    figures = run(
        make_app, folder, half=cast("Half | None", half), target=target or TARGET, tell=say,
        feedback=feedback or 0,
    )  # fmt: skip
    show(figures, lines=lines(figures))


def _show_live(name: str | None, target: float | None) -> None:
    open_app()
    session = db.session()
    organization = get_organization(session, name)
    figures = evaluate_live(session, organization, target=target or organization.precision_target)
    show(figures, lines=live_lines(figures))
