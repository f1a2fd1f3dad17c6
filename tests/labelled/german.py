"""How well questions typed in German find their answers, by the product's own look-up.

Twice: against the company's threads, which are English, and against some of them told in German.
    python -m tests.labelled.german MODEL_FOLDER    prints both, beside a search by words
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence

from peerqa.app import create_app
from peerqa.demo.company import load_company
from peerqa.demo.shapes import Thread
from peerqa.evaluation.corpus import make_corpus
from peerqa.evaluation.folder import Document, Folder, Query
from peerqa.evaluation.running import TARGET, evaluate
from peerqa.markup import render
from peerqa.temporary_home import MakeApp, temporary_home
from tests.labelled.labels import load_german_corpus, load_german_questions

Figures = Mapping[str, Mapping[str, object]]
SHOWN = ("like", "words", "meaning", "peerqa")
GATE = ("target", "shown", "precision", "recall", "false_alarms", "auc")


def english_threads() -> Folder:
    """Return the German questions, to be asked of all threads of the company but duplicates."""
    return _folder(
        [
            Document(
                id=thread.key,
                place=thread.key,
                title=thread.title,
                text=render(thread.body).plain,
                answer=_best(thread),
            )
            for thread in load_company().threads
            if thread.duplicate_of is None
        ]
    )


def german_threads() -> Folder:
    """Return the German questions, to be asked of the threads that are told in German."""
    return _folder(
        [
            Document(each.key, each.key, each.title, each.body, each.answer)
            for each in load_german_corpus()
        ]
    )


def measure(make_app: MakeApp, folder: Folder) -> Mapping[str, object]:
    """Put the documents into an installation of its own, and look the questions up there."""
    with temporary_home(make_app, prefix="peerqa-german-") as app:
        corpus = make_corpus(app, folder.documents, lambda sentence: None)
        return evaluate(corpus, folder, half=None, target=TARGET, tell=lambda sentence: None)


def tell(name: str, folder: Folder, measured: Mapping[str, object]) -> Iterator[str]:
    """Yield the figures as lines."""
    answered = sum(bool(folder.wanted(query)) for query in folder.queries)
    yield f"{name}: {len(folder.documents)} threads, {answered} of {len(folder.queries)} answered"
    methods: Figures = measured["methods"]  # type: ignore[assignment]  # as JSON has it
    for method in SHOWN:
        figures = methods[method]
        yield f"  {method:8}" + "".join(
            f"  {what} {figures[what]:.3f}" for what in ("p@1", "success@10", "mrr@10")
        )
    gate: Mapping[str, object] = measured["gate"]  # type: ignore[assignment]
    yield "  gate    " + "".join(f"  {what} {gate[what]}" for what in GATE)


def _best(thread: Thread) -> str:
    """Return the accepted answer of a thread, else its first one."""
    ranked = sorted(thread.replies, key=lambda reply: not reply.is_accepted)
    return ranked[0].body if ranked else ""


def _folder(documents: Sequence[Document]) -> Folder:
    """Put the questions beside documents; what none of these answers is unanswered."""
    known = {document.id for document in documents}
    questions = load_german_questions()
    return Folder(
        documents=documents,
        queries=[Query(str(place), each.typed, "") for place, each in enumerate(questions)],
        qrels={
            str(place): {each.thread: 1.0}
            for place, each in enumerate(questions)
            if each.thread in known
        },
    )


if __name__ == "__main__":
    os.environ["PEERQA_MODEL_DIR"] = sys.argv[1]
    for name, folder in (("English", english_threads()), ("German", german_threads())):
        lines = tell(name, folder, measure(create_app, folder))
        sys.stdout.writelines(f"{line}\n" for line in lines)
