"""`peerqa model`: the sentence model. Only `prepare` loads torch, in a process of its own."""

import json
from pathlib import Path

import click

from indexer import artefact
from indexer.artefact import Provenance
from peerqa.cli.output import json_option, say, show
from peerqa.clock import utc_now
from peerqa.settings import read_settings

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def model() -> None:
    """Prepare the sentence model, or carry it to another machine."""


@model.command()
@json_option
def prepare() -> None:
    """Prepare the model that PEERQA_MODEL names, and put it in place of the one before."""
    from indexer.prepare import prepare as prepare_model

    settings = read_settings()
    made = prepare_model(
        settings.model,
        settings.model_dir,
        created_at=utc_now(),
        progress=say,
        prefix=settings.model_prefix,
    )
    _show(made, settings.model_dir)


@model.command("show")
@json_option
def show_model() -> None:
    """Verify the model in place, and show where it comes from."""
    folder = read_settings().model_dir
    _show(artefact.verify(folder), folder)


@model.command()
@click.argument("file", type=FILE)
@json_option
def export(file: Path) -> None:
    """Write the model into FILE (.tar.gz), for a machine that cannot prepare one."""
    made = artefact.export_artefact(read_settings().model_dir, file)
    if made.tuned_from:
        say("This model was trained on texts of your organization: the file is confidential.")
    show(
        {"file": str(file), "model": made.model, "bytes": file.stat().st_size},
        lines=[f"{made.model} was written to {file}."],
    )


@model.command("import")
@click.argument("file", type=FILE)
@json_option
def import_model(file: Path) -> None:
    """Put the model from FILE in place, after comparing its checksums."""
    folder = read_settings().model_dir
    _show(artefact.import_artefact(file, folder), folder)


def _show(provenance: Provenance, folder: Path) -> None:
    parity = provenance.parity
    show(
        {"model": provenance.model, "folder": str(folder), **json.loads(provenance.to_json())},
        lines=[
            f"{provenance.model} from {provenance.source}, {provenance.dimension} dimensions",
            f"prepared on {provenance.created_at:%Y-%m-%d}, in {folder}",
            f"cosine to the original: mean {parity.cosine_mean}, lowest {parity.cosine_min}",
        ],
    )
