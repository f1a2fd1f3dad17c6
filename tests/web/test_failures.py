"""What goes wrong is a page, or a piece of one, with a sentence, a way on and no secrets."""

import pytest
import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from peerqa.errors import Busy, Conflict
from peerqa.services import reading
from tests.web.conftest import text_of


def raising(error):
    def fail(*_args, **_more):
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT secret", {}, Exception("server closed the connection")),
        PoolTimeout("QueuePool limit"),
        Busy("Many people are writing at this moment. Please try again in a few seconds."),
    ],
)
def test_a_database_that_is_away_is_a_calm_503(browse, alice, monkeypatch, error):
    monkeypatch.setattr(reading, "list_questions", raising(error))

    response = browse(alice).get("/")

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "Please try again in a few seconds." in text_of(response)
    assert "secret" not in response.text
    assert "Alice" not in response.text, "the page asks the database nothing"


def test_what_nobody_foresaw_has_a_number_that_the_log_has_too(browse, alice, monkeypatch):
    monkeypatch.setattr(reading, "list_questions", raising(ValueError("alice@example.org")))

    with structlog.testing.capture_logs() as logs:
        response = browse(alice).get("/?q=private")

    assert response.status_code == 500
    failed = next(log for log in logs if log["event"] == "request.failed")
    assert failed["request"] in text_of(response)
    assert failed["error"] == "ValueError"
    assert any("reading" in place or "lists.py" in place for place in failed["at"])
    assert "alice@example.org" not in str(logs)
    assert "private" not in str(logs)
    assert "alice@example.org" not in response.text


def test_a_piece_is_answered_with_a_piece(browse, alice, monkeypatch):
    monkeypatch.setattr(reading, "list_questions", raising(ValueError("x")))

    response = browse(alice).get("/", headers={"HX-Request": "true"})

    assert response.status_code == 500
    assert "<html" not in response.text
    assert 'role="alert"' in response.text
    assert response.headers["Vary"] == "HX-Request"


def test_a_refusal_says_its_sentence_with_its_figures(browse, alice, monkeypatch):
    error = Conflict("There are %(count)s of <b>them</b>.", count="<i>3</i>")
    monkeypatch.setattr(reading, "list_questions", raising(error))

    response = browse(alice).get("/")

    assert response.status_code == 409
    assert "There are &lt;i&gt;3&lt;/i&gt; of &lt;b&gt;them&lt;/b&gt;." in response.text


def test_addresses_that_cannot_be_opened_like_that(browse, alice):
    browser = browse(alice)

    assert browser.get("/nothing/here").status_code == 404
    refused = browser.get("/lookups")
    assert refused.status_code == 405
    assert "POST" in refused.headers["Allow"]
    assert "Go to the first page" in text_of(refused)
    assert browser.post("/notifications").status_code == 405
    assert browser.get("/topics").status_code in {301, 308}


def test_a_broken_template_is_a_500_and_not_a_loop(browse, alice, monkeypatch):
    from peerqa.web import chrome

    monkeypatch.setattr(chrome.notifications, "count_unread", raising(ValueError("x")))

    assert browse(alice).get("/").status_code == 500


def test_the_api_answers_its_own_failures(app, browse, alice, monkeypatch):
    monkeypatch.setitem(app.extensions, "peerqa.problem", lambda error: (type(error).__name__, 404))

    response = app.test_client().get("/api/v1/no-such")

    assert (response.text, response.status_code) == ("NotFound", 404)
    assert "<html" in app.test_client().get("/no-such").text


def test_a_page_that_is_refused_still_says_who_is_signed_in(browse, alice):
    response = browse(alice).get("/questions/12345")

    assert "Signed in as Alice Asker" in text_of(response)
    assert "There is no such question." in text_of(response)
