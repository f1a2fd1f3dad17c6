"""`peerqa import`, as a person and as a script calls it."""

import json

import pytest
from sqlalchemy import func, select

from peerqa.models import ImportBatch, Organization, Question, Space
from peerqa.services import answers
from tests.conftest import NOON
from tests.services.exchange.dumps import answer, question, vote, write_dump

NONE = {"added": 0, "unchanged": 0, "updated": 0, "kept": 0}


@pytest.fixture
def dump(tmp_path):
    return str(
        write_dump(
            tmp_path / "dump",
            {"Posts": [question(1, "Why?"), answer(2, 1)], "Votes": [vote(1, 2)]},
        )
    )


@pytest.fixture
def faq(tmp_path):
    path = tmp_path / "faq.csv"
    path.write_text("question,answer,topics\nWhere is the key?,In the box.,keys\n")
    return str(path)


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


def test_a_dump_is_imported_once_and_undone(peerqa, session, dump):
    command = ("import", "stackexchange", dump, "--organization", "Acme", "--space", "Bikes")

    first = peerqa(*command, "--json")
    second = peerqa(*command, "--json")

    assert first.status == second.status == 0
    one = {**NONE, "added": 1}
    assert first.json == {
        "questions": one, "answers": one, "comments": NONE, "members": NONE, "topics": one,
        "votes": one, "accepted": NONE, "duplicates": NONE,
        "batch": first.json["batch"], "dry_run": False, "notices": [],
    }  # fmt: skip
    assert second.json["questions"] == {**NONE, "unchanged": 1}
    assert second.json["batch"] is None
    assert session.scalars(select(Space.name)).all() == ["Bikes"]

    undone = peerqa("import", "undo", str(first.json["batch"]), "--json")

    assert undone.json == {
        "batch": first.json["batch"],
        "removed": {
            "questions": 1, "answers": 1, "comments": 0, "members": 0, "topics": 1, "spaces": 1,
        },
        "restored": 0,
    }  # fmt: skip
    assert count(session, Question) == count(session, Space) == 0


def test_a_csv_file_is_imported(peerqa, session, organization, faq):
    ran = peerqa("import", "csv", faq, "--space", "Help", "--json")

    assert ran.json["questions"]["added"] == ran.json["answers"]["added"] == 1
    assert session.scalars(select(Question.organization_id)).all() == [organization.id]


@pytest.mark.parametrize("kind", ["stackexchange", "csv"])
def test_a_dry_run_says_the_same_and_does_nothing(peerqa, session, dump, faq, kind):
    path = dump if kind == "stackexchange" else faq
    command = ("import", kind, path, "--organization", "Acme", "--space", "S", "--json")

    tried = peerqa(*command, "--dry-run").json

    assert tried.pop("dry_run")
    assert tried.pop("batch") is None
    assert count(session, Organization) == count(session, ImportBatch) == 0
    done = peerqa(*command).json
    assert {name: done[name] for name in tried} == tried


def test_a_person_reads_what_was_done_and_how_to_take_it_back(peerqa, dump, tmp_path):
    ran = peerqa("import", "stackexchange", dump, "--organization", "Acme", "--space", "S")

    lines = ran.said.splitlines()
    assert lines[:2] == ["questions: 1 added", "answers: 1 added"]
    assert lines[-1].startswith("To take it back: peerqa import undo ")
    undone = peerqa("import", "undo", lines[-1].split()[-1])
    assert undone.said.startswith("Import ")
    assert "removed 1 questions, 1 answers" in undone.said


def test_notices_go_to_standard_error(peerqa, tmp_path):
    path = str(write_dump(tmp_path / "d", {"Posts": [question(1, Score=3), answer(2, 9)]}))
    ran = peerqa("import", "stackexchange", path, "--organization", "A", "--space", "S", "--json")

    assert len(ran.said.splitlines()) == 1
    assert ran.noted.splitlines() == ran.json["notices"]
    assert len(ran.json["notices"]) == 2


def test_what_is_refused_has_a_sentence_a_code_and_a_status(peerqa, session, tmp_path, dump):
    broken = str(write_dump(tmp_path / "b", {"Posts": [question(1, CreationDate="never")]}))
    command = ("import", "stackexchange", broken, "--organization", "Acme", "--space", "S")

    ran = peerqa(*command, "--json")

    told = "Posts.xml, line 3, Id 1: CreationDate is “never”, which is no date."
    assert ran.status == 1
    assert ran.json == {"error": {"code": "broken-import", "message": told}}
    assert ran.noted == f"{told}\n"
    assert peerqa(*command).said == ""
    assert count(session, Organization) == 0


def test_where_there_are_several_organizations_one_is_named(peerqa, dump, organization, carol):
    command = ("import", "stackexchange", dump, "--space", "S", "--json")

    assert peerqa(*command).json["error"]["code"] == "several-organizations"
    assert peerqa(*command, "--organization", "Northwind").status == 0


def test_without_any_organization_one_is_named(peerqa, dump):
    ran = peerqa("import", "stackexchange", dump, "--space", "S", "--json")

    assert ran.json["error"]["code"] == "not-found"


def test_a_space_is_asked_for(peerqa, dump):
    assert peerqa("import", "stackexchange", dump).status == 2


def test_a_colleagues_answer_is_not_lost_silently(peerqa, session, dump, organization, bob):
    ran = peerqa("import", "stackexchange", dump, "--space", "S", "--json")
    asked = session.scalars(select(Question)).one()
    answers.post_answer(session, question=asked, author=bob, body="I know.", at=NOON)

    refused = peerqa("import", "undo", str(ran.json["batch"]), "--json")

    assert refused.status == 1
    assert refused.json["error"]["code"] == "import-in-use"
    assert "1 answers" in refused.json["error"]["message"]
    forced = peerqa("import", "undo", str(ran.json["batch"]), "--force", "--json")
    assert forced.json["removed"]["answers"] == 2


def test_an_import_that_is_not_there_cannot_be_undone(peerqa):
    ran = peerqa("import", "undo", "77", "--json")

    assert json.loads(ran.said)["error"] == {
        "code": "not-found", "message": "There is no import 77.",
    }  # fmt: skip
