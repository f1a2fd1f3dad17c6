"""Asking without a name, at the front door: the box, its refusals, the way of two stewards."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.models import Answer, Comment, LookUp, Question, SignIn
from peerqa.models.space import Role
from peerqa.services import members, spaces
from tests.conftest import make_member
from tests.web.conftest import text_of

TITLE = "Who decides about pay?"
REASON = "Somebody is threatened here."


def ask(browser, space, **more):
    return browser.post("/ask", {"title": TITLE, "space": space.id, "anonymous": "1", **more})


def place_of(asked) -> str:
    assert asked.status_code == 303
    return asked.location.partition("?")[0]


@pytest.fixture
def second(session, organization, space):
    other = make_member(session, organization, "Stella Second")
    members.join_space(session, member=other, space=space, role=Role.STEWARD)
    return other


def test_the_box_says_what_it_means_and_a_question_goes_out_without_a_name(
    session, browse, alice, bob, space
):
    browser = browse(alice)
    assert "Two stewards of the space can find out together" in text_of(browser.get("/ask"))

    asked = ask(browser, space)

    assert "without your name" in text_of(browser.get(asked.location))
    page = text_of(browse(bob).get(place_of(asked)))
    assert "(anonymous)" in page
    assert "Alice" not in page
    assert ask(browser, space).location == asked.location
    assert session.scalar(select(func.count()).select_from(Question)) == 1


def test_a_space_that_does_not_want_it_never_posts_with_the_name_instead(
    session, browse, alice, space
):
    spaces.set_rules(session, space=space, allows_anonymous=False)
    session.commit()

    refused = ask(browse(alice), space, body="kept")

    assert refused.status_code == 422
    assert "Nobody asks anonymously in this space." in text_of(refused)
    assert 'name="anonymous" value="1" checked' in refused.text
    assert "kept" in refused.text
    assert session.scalar(select(func.count()).select_from(Question)) == 0


def test_what_its_author_sends_twice_is_there_once(session, browse, alice, space):
    browser = browse(alice)
    place = place_of(ask(browser, space))
    post = place.rpartition("/")[2]
    for path in (f"{place}/answers", f"/posts/{post}/comments"):
        for _ in range(2):
            assert browser.post(path, {"body": "I found it."}).status_code == 303

    assert session.scalar(select(func.count()).select_from(Answer)) == 1
    assert session.scalar(select(func.count()).select_from(Comment)) == 1


def test_a_refused_form_comes_back_with_its_tick(browse, alice, space):
    assert 'name="anonymous" value="1" checked' in ask(browse(alice), space, title="Hm").text


def test_its_look_ups_lead_to_nobody(session, browse, alice, space):
    browser = browse(alice)
    browser.post("/lookups", {"look_up": "a" * 32, "surface": "ask", "title": "Who decides"})
    before = session.scalars(select(LookUp.pseudonym)).one()

    ask(browser, space, look_up="b" * 32)

    rows = session.scalars(select(LookUp)).all()
    assert {row.outcome for row in rows} == {"typed", "posted"}
    assert len({before, *(row.pseudonym for row in rows)}) == 3


def test_a_sign_in_is_not_renewed_by_it(session, browse, alice, space):
    browser = browse(alice)
    row = session.scalars(select(SignIn)).one()
    row.seen_at = seen_at = row.seen_at - timedelta(days=1)
    session.commit()

    ask(browser, space)
    assert session.scalars(select(SignIn.seen_at)).one() == seen_at
    browser.post("/profile", {"about": "Me."})
    assert session.scalars(select(SignIn.seen_at)).one() > seen_at


def test_two_stewards_find_out_and_the_author_reads_why(
    session, browse, alice, bob, steward, second, space
):
    place = place_of(ask(browse(alice), space))
    one, other = browse(steward), browse(second)
    assert one.post(f"{place}/reveal", {"reason": "why"}).status_code == 422
    assert one.post(f"{place}/reveal", {"reason": REASON}).status_code == 303
    assert "Another steward of this space has to agree" in text_of(one.get(f"{place}/reveal"))
    assert one.post(f"{place}/reveal", {"reason": REASON}).status_code == 409
    assert REASON in text_of(other.get(f"{place}/reveal"))

    assert other.post(f"{place}/reveal").status_code == 303

    for browser in (one, other):
        assert "Asked by Alice Asker." in text_of(browser.get(f"{place}/reveal"))
        assert "Alice" not in text_of(browser.get(place))
    assert "Two stewards" not in text_of(browse(bob).get(place))
    assert "What you asked anonymously" in text_of(browse(alice).get("/notifications"))
    assert REASON in text_of(browse(alice).get(place))


def test_a_question_with_a_name_has_no_such_page(browse, steward, question):
    assert browse(steward).get(f"/questions/{question.id}/reveal").status_code == 404


def test_stewards_and_admins_switch_it_off(session, browse, alice, steward, admin, space):
    keeper, chief = browse(steward), browse(admin)

    assert "Rules for asking" in text_of(keeper.get(f"/spaces/{space.id}/rules"))
    keeper.post(f"/spaces/{space.id}/rules", {})
    assert "Ask without my name" not in text_of(browse(alice).get("/ask"))
    keeper.post(f"/spaces/{space.id}/rules", {"allows_anonymous": "1"})
    assert "Ask without my name" in text_of(browse(alice).get("/ask"))
    assert "checked" in chief.get("/admin/asking").text
    chief.post("/admin/asking", {})
    assert "Ask without my name" not in text_of(browse(alice).get("/ask"))
    assert "does not allow it" in text_of(keeper.get(f"/spaces/{space.id}/rules"))
    assert browse(alice).get(f"/spaces/{space.id}/rules").status_code == 403


def test_programs_read_the_made_up_name(app, session, browse, alice, bob, space):
    from peerqa import tokens
    from peerqa.clock import utc_now

    number = place_of(ask(browse(alice), space)).rpartition("/")[2]
    client = app.test_client()
    for member in (bob, alice):
        token = tokens.create_token(session, member, name="test", at=utc_now())
        session.commit()
        reply = client.get(
            f"/api/v1/questions/{number}", headers={"Authorization": f"Bearer {token}"}
        )
        assert reply.json["author"] is None
        assert len(reply.json["pseudonym"].split()) == 2
