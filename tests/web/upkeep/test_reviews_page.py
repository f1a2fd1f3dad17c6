"""The queue of a steward: one click for each way to end an item."""

from peerqa.models import Review
from peerqa.models.space import Role
from peerqa.services import members
from tests.conftest import NOON, make_member
from tests.web.conftest import text_of


def put_in_queue(session, answer, keeper):
    session.add(Review(answer_id=answer.id, keeper_id=keeper.id, risk=4, reasons="doubted,old",
                       created_at=NOON))  # fmt: skip
    session.commit()


def test_each_act_leads_back_to_the_queue(
    session, organization, space, browse, steward, bob, question, answer
):
    second = make_member(session, organization, "Second Steward")
    members.join_space(session, member=second, space=space, role=Role.STEWARD)
    put_in_queue(session, answer, steward)
    browser = browse(steward)
    page = browser.get("/reviews")
    assert question.title in text_of(page)
    assert "Colleagues say that it is no longer right" in text_of(page)
    assert "Nothing is due." in text_of(browse(bob).get("/reviews?show=all"))

    handed = browser.post(f"/answers/{answer.id}/hand", {"to": str(second.id)})
    assert handed.status_code == 303
    assert session.get(Review, answer.id, populate_existing=True).keeper_id == second.id
    browser.post(f"/answers/{answer.id}/hand", {"to": str(steward.id)})

    done = browser.post(f"/posts/{answer.id}/retire", {"wanted": "1", "back": "reviews"})
    assert done.location.startswith("/reviews?")
    assert "Nothing is due." in text_of(browser.get(done.location))
    thread = text_of(browse(bob).get(f"/questions/{question.id}"))
    assert "Retired: this held once, and does no more." in thread
    browser.post(f"/posts/{answer.id}/retire", {"wanted": "0"})
    assert "Retired:" not in text_of(browser.get(f"/questions/{question.id}"))

    done = browser.post(f"/answers/{answer.id}/verify", {"wanted": "1", "back": "reviews"})
    assert done.location.startswith("/reviews?")


def test_a_review_of_a_deleted_answer_is_a_clear_sentence(session, browse, steward, bob, answer):
    put_in_queue(session, answer, steward)
    browser = browse(steward)
    browse(bob).post(f"/answers/{answer.id}/delete")

    for path, form in (
        (f"/answers/{answer.id}/verify", {"back": "reviews"}),
        (f"/posts/{answer.id}/retire", {"back": "reviews"}),
        (f"/answers/{answer.id}/hand", {"to": str(bob.id)}),
    ):
        refused = browser.post(path, form)
        assert refused.status_code == 404
        assert "There is nothing left to review." in text_of(refused)


def test_what_only_one_colleague_knew_is_on_their_page(session, browse, steward, bob, answer):
    answer.vote_count, bob.inactive_at = 1, NOON
    session.commit()
    browser = browse(steward)

    assert "What only they knew" in text_of(browser.get(f"/members/{bob.id}"))
    listed = browser.get(f"/members/{bob.id}/left")
    assert answer.question.title in text_of(listed)
