"""What `peerqa tune` brings: learned from one half of labelled threads, measured on the other.

    python -m tests.labelled.tuning FOLDER MODEL_FOLDER [--fine-tune] [--fewest EXAMPLES THREADS]

FOLDER is in BEIR layout, as for `peerqa eval`. Its documents become questions of an installation of
its own; the queries of the tuning half that have an answer are asked there by a dozen people and
marked as duplicates; then the command runs, and titles of the other half are looked up before and
after. MODEL_FOLDER holds a prepared model; a copy of it is tuned.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from indexer.evaluation import METRICS, bootstrap, score
from peerqa.app import create_app
from peerqa.cli import commands
from peerqa.cli.output import say
from peerqa.database import transaction
from peerqa.evaluation import corpus as corpora
from peerqa.evaluation.corpus import Corpus, make_corpus, open_corpus
from peerqa.evaluation.folder import Folder, Query, read_folder
from peerqa.evaluation.halves import choose_half
from peerqa.evaluation.methods import Methods, typed
from peerqa.models import Member, Organization, Question, Space
from peerqa.models.space import Role
from peerqa.search import tuning as learning
from peerqa.services import answers, members, questions
from peerqa.services.exchange.source import fit_title
from peerqa.temporary_home import temporary_home

PEOPLE = 12
Figures = dict[str, list[float]]


def mark_duplicates(folder: Folder, asked: dict[str, int]) -> int:
    """Ask the queries of the tuning half again, and mark them; returns how many."""
    wanted = [query for query in choose_half(folder, "tune") if folder.wanted(query)]
    with transaction() as session:
        space = session.scalars(select(Space)).one()
        first = session.scalars(select(Member).order_by(Member.id)).first()
        assert first is not None
        members.join_space(session, member=first, space=space, role=Role.STEWARD)
        people = [
            members.create_member(
                session, organization=session.get_one(Organization, space.organization_id),
                name=f"Person {n}", email=f"person{n}@example.org", at=corpora.BEGAN,
            )
            for n in range(PEOPLE)
        ]  # fmt: skip
        session.flush()
        for n, query in enumerate(wanted):
            original = session.get_one(Question, asked[next(iter(folder.wanted(query)))])
            if original.answer_count == 0:  # a link to what has no answer teaches nothing
                answers.post_answer(
                    session, question=original, author=first, body="See above.", at=corpora.BEGAN
                )
            title, _ = fit_title(query.title, longest=questions.MAX_TITLE)
            again = questions.post_question(
                session, space=space, author=people[n % PEOPLE], title=title, at=corpora.BEGAN
            )
            questions.mark_duplicate(
                session, question=again, of=original, by=first, at=corpora.BEGAN
            )
    return len(wanted)


def measure(corpus: Corpus, folder: Folder, queries: list[Query]) -> Figures:
    """Return the figures of every query, looked up as the product does."""
    methods, found = Methods(corpus), {}
    for query in queries:
        wanted = folder.wanted(query)
        hits = methods.look_up(typed(query)).documents[:10]
        found[query.id] = score([wanted.get(each, 0.0) for each in hits], list(wanted.values()))
    return found


def compare(app: Flask, folder: Folder, *, fine_tune: bool) -> dict[str, object]:
    """Measure, tune, and measure again."""
    corpus = make_corpus(app, folder.documents, say)
    asked = {document: question for question, document in corpus.documents.items()}
    count = mark_duplicates(folder, asked)
    corpora._index(app, corpus.engine, say)
    report = [query for query in choose_half(folder, "report") if folder.wanted(query)]
    before = measure(open_corpus(app, corpus.documents, {}), folder, report)
    began = time.monotonic()
    arguments = ["tune", "--json", *(["--fine-tune"] if fine_tune else [])]
    ran = CliRunner().invoke(commands(lambda **_: app), arguments, catch_exceptions=False)
    tuned = json.loads(ran.stdout.splitlines()[-1])
    seconds = time.monotonic() - began
    after = measure(open_corpus(app, corpus.documents, {}), folder, report)
    gain = np.array([np.subtract(after[each], before[each]) for each in before])
    return {
        "tuned_on": count,
        "reported_on": len(report),
        "seconds": round(seconds),
        "before": dict(zip(METRICS, np.mean(list(before.values()), axis=0).round(4), strict=True)),
        "after": dict(zip(METRICS, np.mean(list(after.values()), axis=0).round(4), strict=True)),
        "gain": dict(zip(METRICS, bootstrap(gain).round(4).tolist(), strict=True)),
        "tune": tuned,
    }


def main() -> None:
    """Print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--fine-tune", action="store_true")
    parser.add_argument("--fewest", type=int, nargs=2, help="instead of what is enough")
    given = parser.parse_args()
    if given.fewest:
        learning.FEWEST_EXAMPLES, learning.FEWEST_THREADS = given.fewest
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(given.model, Path(scratch) / "model")
        os.environ["PEERQA_MODEL_DIR"] = str(Path(scratch) / "model")
        with temporary_home(lambda: create_app(with_doors=False), prefix="peerqa-tune-") as app:
            figures = compare(app, read_folder(given.folder), fine_tune=given.fine_tune)
    sys.stdout.write(json.dumps(figures, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
