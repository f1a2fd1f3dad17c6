"""One evaluation: read, put in, index, look up, judge."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic

from peerqa.errors import N_
from peerqa.evaluation.corpus import Corpus, make_corpus
from peerqa.evaluation.feedback import simulate
from peerqa.evaluation.figures import compare, follow_typing, gate_as_json, judge
from peerqa.evaluation.folder import BrokenFolder, Folder, Query, read_folder
from peerqa.evaluation.halves import HALVES, Half, choose_half
from peerqa.evaluation.methods import Methods
from peerqa.search.candidates import MAX_TYPED_BODY
from peerqa.services.questions import MAX_TITLE
from peerqa.temporary_home import MakeApp, Tell, temporary_home

TARGET = 0.8


def run(
    make_app: MakeApp,
    path: Path,
    *,
    half: Half | None,
    target: float,
    tell: Tell,
    feedback: int = 0,
) -> Mapping[str, object]:
    """Evaluate a folder in a home that is made for it, and removed after it.

    Args:
        make_app: from the settings in the environment, which become those of this run.
        path: of a folder in BEIR layout.
        half: of the queries; None for all of them.
        target: precision target of the gate, in (0, 1).
        feedback: rows of it that are made up on the other half, to learn a gate from.
        tell: hears how far it is.

    Raises:
        BrokenFolder: names the file and the line, and what to do.
        ModelUnavailable: there is nothing to encode with.
    """
    began = monotonic()
    folder = read_folder(path)
    check_half(folder, half)
    with temporary_home(make_app, prefix="peerqa-eval-") as app:
        corpus = make_corpus(app, folder.documents, tell)
        indexed = monotonic()
        figures = evaluate(corpus, folder, half=half, target=target, tell=tell, feedback=feedback)
    return {
        **figures,
        "indexing_seconds": round(indexed - began, 1),
        "seconds": round(monotonic() - began, 1),
    }


def evaluate(
    corpus: Corpus,
    folder: Folder,
    *,
    half: Half | None,
    target: float,
    tell: Tell,
    feedback: int = 0,
) -> Mapping[str, object]:
    """Look a half of the queries up in a corpus that is indexed, and judge what is found."""
    queries = choose_half(folder, half)
    methods = Methods(corpus)
    answered = [query for query in queries if folder.wanted(query)]
    figures = compare(methods, folder, answered, tell)
    gate = judge(methods, folder, queries, target=target)
    learned: dict[str, object] = {}
    if feedback and half:
        tell(f"Learning from {feedback} rows of feedback on the other half.")
        other = choose_half(folder, next(each for each in HALVES if each != half))
        said = simulate(methods, folder, other, queries, rows=feedback, target=target)
        learned["feedback"] = said.as_json()
    return {
        **figures,
        "gate": gate_as_json(gate),
        **learned,
        "first_words": follow_typing(methods, folder, queries, target=target, tell=tell),
        "documents": len(folder.documents),
        "queries": len(queries),
        "with_answer": len(answered),
        "half": half or "all",
        "model": corpus.encoder.model,
        "changed": _changed(corpus, queries),
    }


def check_half(folder: Folder, half: Half | None) -> None:
    """See that there is something to measure.

    Raises:
        BrokenFolder: no query has an answer.
    """
    if any(folder.wanted(query) for query in choose_half(folder, half)):
        return
    if half is None:
        raise BrokenFolder(
            N_("No query has an answer. Write query, document and a score of 1 in qrels/test.tsv.")
        )
    raise BrokenFolder(
        N_("No query of the half “%(half)s” has an answer. Leave --half away."), half=half
    )


def _changed(corpus: Corpus, queries: Sequence[Query]) -> dict[str, int]:
    """Return what of the folder had to be changed, in words, and how often."""
    typed = {
        "typed titles were cut to what a title may have": sum(
            len(query.title.strip()) > MAX_TITLE for query in queries
        ),
        "typed bodies were cut to what a look-up takes": sum(
            len(query.body) > MAX_TYPED_BODY for query in queries
        ),
    }
    return {what: count for what, count in {**corpus.changed, **typed}.items() if count}
