import pytest

from peerqa.search.updating import index_posts
from peerqa.services import answers
from tests.conftest import NOON
from tests.fakes import WordsEncoder

TITLE = "How do I reset the label printer?"


@pytest.fixture
def thread(app, session, question, bob, monkeypatch):
    """An answered question, indexed, and an encoder that finds it."""
    encoder = WordsEncoder()
    monkeypatch.setattr(app.extensions["peerqa.search"].encoders, "_encoder", encoder)
    answer = answers.post_answer(
        session, question=question, author=bob, body="Hold the feed button.", at=NOON
    )
    session.commit()
    index_posts([question.id, answer.id], encoder)
    return question


@pytest.mark.parametrize("command", ["similar", "search"])
def test_a_program_reads_the_shape_of_the_api(peerqa, thread, command):
    found = peerqa(command, TITLE, "--json").json

    first = (found["hits"] + found["related"])[0]
    assert first["question"] == thread.id
    assert first["title"] == TITLE
    assert first["url"].endswith(f"/questions/{thread.id}")
    assert set(first) == {
        "question", "kind", "title", "url", "probability", "state", "verified", "answer",
        "sentence",
    }  # fmt: skip


def test_a_person_reads_titles_and_the_sentence(peerqa, thread):
    said = peerqa("search", TITLE).said

    assert f"#{thread.id} {TITLE}" in said
    assert "“Hold the feed button.”" in said


def test_nothing_near_is_said(peerqa, organization):
    assert peerqa("similar", "Where is the sun?").said == "Nothing near was found.\n"


def test_without_an_organization_the_way_on_is_said(peerqa):
    ran = peerqa("search", "anything")

    assert ran.status == 1
    assert "peerqa admin create" in ran.noted


def test_another_organization_finds_nothing_of_it(peerqa, thread, carol):
    found = peerqa("search", TITLE, "--organization", "Elsewhere", "--json").json

    assert (found["hits"], found["related"]) == ([], [])
