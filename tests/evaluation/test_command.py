"""The command on a tiny folder, and on every folder that it cannot take."""

import json
import os
import subprocess
import sys

import pytest

from indexer.evaluation import METRICS
from peerqa.database import db
from peerqa.evaluation.corpus import make_corpus, open_corpus
from peerqa.evaluation.folder import read_folder
from peerqa.evaluation.halves import HALVES, choose_half
from peerqa.evaluation.methods import Methods, typed
from peerqa.evaluation.running import evaluate as evaluate_corpus
from peerqa.search.encoders import EncoderKeeper
from peerqa.temporary_home import installation_in, temporary_home
from tests.evaluation.conftest import make_app, write_folder

METHODS = ["like", "words", "meaning", "peerqa", "peerqa_with_body"]


def test_every_figure_is_there(ran):
    assert ran.status == 0, ran.noted
    found = ran.json
    assert list(found["methods"]) == list(found["intervals"]) == METHODS
    for name in METHODS:
        assert list(found["methods"][name]) == list(METRICS)
        for metric, (low, high) in found["intervals"][name].items():
            assert low <= found["methods"][name][metric] <= high
    assert found["gate"].keys() >= {
        "auc", "precision", "recall", "false_alarms", "ece", "shown", "target", "curve",
    }  # fmt: skip
    assert list(found["first_words"]) == ["3", "5", "8"]
    assert found["first_words"]["3"].keys() >= {"success@10", "shown"}
    assert (found["documents"], found["queries"], found["with_answer"]) == (5, 4, 3)
    assert found["half"] == "all"
    assert found["seconds"] > 0
    assert "Indexed" in ran.noted


def test_what_shares_the_words_is_found_by_every_method(ran):
    assert {figures["success@10"] for figures in ran.json["methods"].values()} == {1}


def test_what_had_to_be_changed_is_counted(ran):
    assert ran.json["changed"] == {
        "titles were cut to what a title may have": 1,
        "titles were empty or too short, so the first words of the text stand in": 1,
    }


def test_the_same_folder_gives_the_same_figures_and_leaves_nothing_behind(
    evaluate, folder, ran, tmp_path, monkeypatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("PEERQA_LOG_LEVEL", "ERROR")
    before = dict(os.environ)

    again = evaluate(folder, "--json").json

    for key in ("methods", "intervals", "gate", "first_words"):
        assert again[key] == ran.json[key]
    assert dict(os.environ) == before
    assert not list(temporary.iterdir())


def test_feedback_on_one_half_is_learned_from_and_measured_on_the_other(tmp_path, evaluate):
    """Every shown hit is confirmed or refused by the labels, and too little of both says so."""
    folder = write_folder(tmp_path / "two")
    half = next(each for each in HALVES if choose_half(read_folder(folder), each))

    found = evaluate(folder, "--half", half, "--feedback", 40, "--json").json
    said = evaluate(folder, "--half", half, "--feedback", 40).said

    assert found["feedback"]["verdict"] in ("own", "too-few", "no-better", "less-precise")
    assert found["feedback"]["rows"] <= 40
    assert found["feedback"]["confirmed"] <= found["feedback"]["rows"]
    assert found["feedback"]["before"] == found["gate"]
    if found["feedback"]["verdict"] != "own":
        assert found["feedback"]["after"] == found["gate"]
    assert "rows of feedback on the other half" in said


def test_people_read_a_table(evaluate, folder):
    said = evaluate(folder, "--target", "0.9").said

    assert "peerqa_with_body" in said
    assert "At the target 0.9" in said
    assert "5 documents; 4 queries (all), 3 of them with an answer." in said


def test_the_ranking_is_the_one_of_the_product(folder):
    read = read_folder(folder)
    with temporary_home(make_app, prefix="peerqa-test-") as app:
        corpus = make_corpus(app, read.documents, lambda sentence: None)
        methods = Methods(corpus)
        for query in read.queries:
            shown = corpus.engine.similar(db.session(), corpus.reader, title=query.title)
            searched = corpus.engine.search(db.session(), corpus.reader, query=query.title)
            found = methods.look_up(typed(query))
            judged = dict(zip(found.documents, found.probabilities, strict=True))
            for hit in searched.hits[:1]:
                assert found.documents[0] == corpus.documents[hit.question.id]
            for hit in (*shown.hits, *shown.related):
                assert judged[corpus.documents[hit.question.id]] == hit.probability


def test_a_corpus_that_was_kept_is_looked_up_without_indexing_it_again(folder, home):
    read = read_folder(folder)
    with installation_in(home, make_app) as app:
        made = make_corpus(app, read.documents, lambda sentence: None)
        first = evaluate_corpus(made, read, half=None, target=0.8, tell=lambda sentence: None)
    with installation_in(home, make_app) as app:
        opened = open_corpus(app, made.documents, made.changed)
        again = evaluate_corpus(opened, read, half=None, target=0.8, tell=lambda sentence: None)

    assert again == first


def write(name, text):
    return lambda folder: (folder / name).write_bytes(
        text if isinstance(text, bytes) else text.encode()
    )


def add(name, text):
    return lambda folder: (folder / name).write_text((folder / name).read_text() + text)


QRELS = "qrels/test.tsv"
BROKEN = {
    "no corpus": (lambda folder: (folder / "corpus.jsonl").unlink(), "corpus.jsonl in"),
    "no qrels": (lambda folder: (folder / QRELS).unlink(), "qrels/test.tsv in"),
    "an empty corpus": (write("corpus.jsonl", ""), "corpus.jsonl is empty"),
    "no query": (write("queries.jsonl", "\n"), "queries.jsonl is empty"),
    "no JSON": (add("corpus.jsonl", "{oh\n"), "corpus.jsonl, line 6 is no JSON"),
    "no object": (add("corpus.jsonl", "[1]\n"), "corpus.jsonl, line 6 is no JSON object"),
    "no _id": (add("corpus.jsonl", '{"title": "Who?"}\n'), "corpus.jsonl, line 6 has no _id"),
    "an _id twice": (
        add("queries.jsonl", '{"_id": "q2", "text": "Again"}\n'),
        "queries.jsonl, line 5 has the _id “q2” of queries.jsonl, line 2",
    ),
    "a title that is a number": (
        add("corpus.jsonl", '{"_id": "d9", "title": 3}\n'),
        "corpus.jsonl, line 6: “title” is no text",
    ),
    "metadata that is a text": (
        add("queries.jsonl", '{"_id": "q9", "text": "What?", "metadata": "x"}\n'),
        "queries.jsonl, line 5: “metadata” is no object",
    ),
    "a query without text": (
        add("queries.jsonl", '{"_id": "q9", "text": " "}\n'), "queries.jsonl, line 5 has no text",
    ),
    "a document of nothing": (
        add("corpus.jsonl", '{"_id": "d9", "title": "", "text": ""}\n'),
        "corpus.jsonl, line 6 has neither a title nor a text",
    ),
    "unknown ids": (
        add(QRELS, "q1\td77\t1\nq78\td1\t1\n"),
        "2 rows of qrels/test.tsv name an unknown query or document; the first is “d77” (qrels",
    ),
    "two columns": (add(QRELS, "q1\td2\n"), "qrels/test.tsv, line 5 has 2 columns"),
    "a score of words": (add(QRELS, "q1\td2\thigh\n"), "line 5: the score “high” is no whole"),
    "a score of two signs": (add(QRELS, "q1\td2\t--1\n"), "line 5: the score “--1” is no whole"),
    "two scores": (add(QRELS, "q1\td1\t0\n"), "qrels/test.tsv, line 5 scores “q1” and “d1” again"),
    "nothing right": (write(QRELS, "q1\td1\t0\n"), "No query has an answer"),
    "not UTF-8": (
        write("queries.jsonl", '{"_id": "q1", "text": "Grüße"}\n'.encode("latin-1")),
        "queries.jsonl, line 1 is not UTF-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_said_with_its_place(evaluate, folder, what):
    breaks, sentence = BROKEN[what]
    breaks(folder)

    ran = evaluate(folder, "--json")

    assert ran.status == 1
    assert sentence in ran.json["error"]["message"]
    assert sentence in ran.noted
    assert ran.json["error"]["code"] == "broken-evaluation"


def test_a_folder_that_is_not_there_is_named(evaluate, tmp_path):
    ran = evaluate(tmp_path / "nowhere")

    assert ran.status == 1
    assert f"There is no folder {tmp_path / 'nowhere'}." in ran.noted


def test_a_byte_order_mark_empty_lines_and_windows_line_ends_are_taken(folder):
    before = read_folder(folder)
    for name in ("corpus.jsonl", "queries.jsonl", QRELS):
        text = (folder / name).read_text().replace("\n", "\r\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n\r\n")

    assert read_folder(folder) == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["x", "--feedback", "9"],
        ["--live", "folder"],
        ["--live", "--half", "tune"],
        ["x", "--target", "1"],
    ],
)
def test_a_wrong_call_exits_two(evaluate, arguments):
    assert evaluate(*arguments).status == 2


def test_without_a_model_the_remedy_is_said(evaluate, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PEERQA_MODEL_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(EncoderKeeper, "use", lambda self, encoder: None)

    ran = evaluate(folder, "--json")

    assert ran.status == 1
    assert ran.json["error"]["code"] == "model-missing"
    assert "peerqa model" in ran.noted


@pytest.mark.model
def test_the_real_model_finds_other_words(folder, model_folder):
    (folder / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "My sticker machine flashes, how to restart it?"}\n'
        '{"_id": "q2", "text": "getting protective footwear"}\n'
        '{"_id": "q3", "text": "What is the weather in Lima?"}\n'
    )
    (folder / QRELS).write_text("q1\td1\t1\nq2\td2\t1\n")
    done = subprocess.run(
        [sys.executable, "-m", "peerqa", "eval", str(folder), "--json"],
        env=os.environ | {"PEERQA_MODEL_DIR": str(model_folder)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["methods"]["peerqa"]["p@1"] == found["methods"]["meaning"]["p@1"] == 1
    assert found["gate"]["false_alarms"] == 0
