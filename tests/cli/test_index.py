import pytest

from peerqa.search.updating import index_posts
from tests.fakes import WordsEncoder


@pytest.fixture
def encoder(app, monkeypatch):
    encoder = WordsEncoder()
    monkeypatch.setattr(app.extensions["peerqa.search"].encoders, "_encoder", encoder)
    return encoder


def test_before_the_first_organization_there_is_nothing_to_show(peerqa):
    assert peerqa("index", "status").said == "There is no organization yet.\n"


def test_it_says_how_far_the_index_is(peerqa, question, session, encoder):
    before = peerqa("index", "status", "--json").json["indexes"][0]
    index_posts([question.id], encoder)

    after = peerqa("index", "status", "--json").json["indexes"][0]

    assert (before["post_count"], before["indexed_count"]) == (1, 0)
    assert (after["post_count"], after["indexed_count"]) == (1, 1)
    assert "1 of 1 posts" in peerqa("index", "status").said


def test_a_check_fails_until_the_index_is_made_anew(peerqa, question, encoder):
    ran = peerqa("index", "check", "--json")
    assert (ran.status, ran.json["gap_count"]) == (1, 1)
    assert "peerqa index rebuild" in peerqa("index", "check").said

    assert peerqa("index", "rebuild", "--json").json["vectors"] >= 1

    assert peerqa("index", "check").said == "The index is equal to the database.\n"


def test_without_a_model_there_is_no_index_to_check(peerqa, question):
    ran = peerqa("index", "check", "--json")

    assert ran.status == 1
    assert ran.json["error"]["code"] == "model-missing"
