"""Evidence comes by POST only, signed, and counts "solved without asking"."""

import pytest
from sqlalchemy import func, select

from peerqa.models import LookUp, LookUpHit, Solved
from peerqa.services.look_ups import ShownHit
from peerqa.services.notifications import list_unread
from peerqa.web.shown_hits import read_signed, sign
from tests.web.conftest import text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def signed(app, question, answer) -> str:
    with app.test_request_context():
        return sign(ShownHit(question.id, answer.id, 0.81, 0.4, 0.9))


def form(**more):
    return {"look_up": "k" * 32, "surface": "ask", "title": "label printer shifted", **more}


def test_what_was_shown_is_recorded_after_a_pause(session, browse, bob, signed, question):
    response = browse(bob).post("/lookups", form(shown=signed), headers=HTMX)

    assert response.status_code == 204
    look_up = session.scalars(select(LookUp)).one()
    assert (look_up.typed, look_up.surface, look_up.outcome) == (
        "label printer shifted",
        "ask",
        "typed",
    )
    assert session.scalars(select(LookUpHit.outcome)).all() == ["shown"]


def test_confirming_is_solved_without_asking_and_its_author_hears(
    session, browse, alice, carol, steward, bob, signed, answer
):
    browser = browse(steward)

    for _ in range(2):
        response = browser.post("/lookups", form(confirmed=signed, shown=signed), headers=HTMX)

    assert "Whoever wrote it will hear that it helped." in text_of(response)
    assert 'data-clears-draft="ask"' in response.text
    assert session.scalar(select(func.count()).select_from(Solved)) == 1
    session.refresh(answer)
    assert answer.solved_count == 1
    assert [n.reason for n in list_unread(session, bob)] == ["solved"]


def test_refusing_is_a_quiet_word_that_takes_the_focus(session, browse, steward, signed, question):
    response = browse(steward).post("/lookups", form(refused=signed), headers=HTMX)

    assert f'id="refused-{question.id}" tabindex="-1"' in response.text
    assert session.scalars(select(LookUpHit.outcome)).all() == ["refused"]


def test_opening_is_recorded(session, browse, steward, signed):
    assert browse(steward).post("/lookups", form(opened=signed)).status_code == 204
    assert session.scalars(select(LookUpHit.outcome)).all() == ["opened"]


def test_without_javascript_confirming_leads_to_the_answer(browse, steward, signed, question):
    browser = browse(steward)

    response = browser.post("/lookups", form(confirmed=signed))

    assert response.status_code == 303
    assert response.location == f"/questions/{question.id}?said=confirmed"


@pytest.mark.parametrize(
    "data",
    [
        form(confirmed="forged"),
        form(shown="e30.abc.def"),
        form(look_up=""),
        form(look_up="k" * 65),
        form(surface="elsewhere"),
        {},
    ],
)
def test_damaged_evidence_is_refused(session, browse, bob, data):
    assert browse(bob).post("/lookups", data).status_code == 422
    assert session.scalar(select(func.count()).select_from(LookUp)) == 0


def test_a_hit_of_another_organization_counts_nothing(session, browse, carol, signed):
    response = browse(carol).post("/lookups", form(confirmed=signed))

    assert response.status_code == 404
    assert session.scalar(select(func.count()).select_from(Solved)) == 0


def test_figures_survive_the_way_to_the_page_and_cannot_be_forged(app):
    hit = ShownHit(7, None, -0.25, None, 0.5)
    with app.test_request_context():
        assert read_signed(sign(hit)) == hit
        with pytest.raises(Exception, match="too old or damaged"):
            read_signed(sign(hit)[:-2] + "xx")
