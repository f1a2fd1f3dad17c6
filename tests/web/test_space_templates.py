"""Templates of spaces: what a question begins with, and never what somebody has typed."""

from sqlalchemy import select

from peerqa.models import Question
from peerqa.services import spaces
from tests.web.conftest import text_of

TITLE = "Labels come out shifted to the left"
TEMPLATE = "**Which printer?**\n\n**Since when?**"


def test_a_steward_writes_it_and_whoever_asks_begins_with_it(browse, steward, alice, space):
    keeper = browse(steward)
    saved = keeper.post(f"/spaces/{space.id}/rules", {"template": TEMPLATE.replace("\n", "\r\n")})

    assert saved.status_code == 303
    assert TEMPLATE in keeper.get(f"/spaces/{space.id}/rules").text
    for address in ("/ask", f"/ask?space={space.id}"):
        assert TEMPLATE in browse(alice).get(address).text
    looked = browse(alice).post("/ask", {"title": TITLE, "step": "look", "space": space.id})
    assert TEMPLATE in looked.text


def test_what_was_typed_is_never_replaced(session, browse, alice, space):
    spaces.set_rules(session, space=space, allows_anonymous=True, template=TEMPLATE)
    session.commit()

    page = browse(alice).post("/ask", {"title": TITLE, "step": "look", "body": "Since Monday."})

    assert "Since Monday." in page.text
    assert f">\n{TEMPLATE}" not in page.text


def test_a_template_that_nobody_filled_in_is_no_text(session, browse, alice, space):
    spaces.set_rules(session, space=space, allows_anonymous=True, template=TEMPLATE)
    session.commit()

    browse(alice).post("/ask", {"title": TITLE, "body": TEMPLATE + "\r\n", "space": space.id})

    assert session.scalars(select(Question.body)).one() == ""


def test_a_template_that_is_too_long_comes_back_with_its_sentence(browse, steward, space):
    keeper = browse(steward)

    refused = keeper.post(f"/spaces/{space.id}/rules", {"template": "x" * 2001})

    assert refused.status_code == 422
    assert "A template has at most 2000 characters." in text_of(refused)
    assert "x" * 2001 in refused.text
    assert "x" * 2001 not in keeper.get(f"/spaces/{space.id}/rules").text


def test_markup_in_a_template_is_text(session, browse, alice, space):
    hostile = '</textarea><script>alert(1)</script>" onfocus="alert(1)'
    spaces.set_rules(session, space=space, allows_anonymous=True, template=hostile)
    session.commit()

    page = browse(alice).get("/ask").text

    assert "<script>alert" not in page
    assert '" onfocus="alert' not in page
