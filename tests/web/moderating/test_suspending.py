"""A suspended member is kept out of every door, reads why, and it ends by itself."""

from datetime import timedelta

import pytest

from peerqa import identity, tokens
from peerqa.clock import utc_now
from peerqa.errors import Conflict, Invalid, NotAllowed
from peerqa.services import answers
from peerqa.services.moderating.kept_out import is_suspended
from peerqa.services.moderating.suspensions import context_for, lift, suspend
from tests.conftest import NOON, make_member

WHY = "You insulted <Bob>."


def test_every_door_is_shut_and_says_why_until_when_and_whom_to_ask(
    app, session, browse, admin, alice, bob, question
):
    answers.post_answer(session, question=question, author=bob, body="Hold it.", at=NOON)
    token = tokens.create_token(session, bob, name="robot", at=NOON)
    link = identity.make_link(session, bob, at=utc_now(), minutes=5)
    here, keeper = browse(bob), browse(admin)
    path = f"/admin/members/{bob.id}/suspension"
    day = f"{utc_now() + timedelta(days=3):%Y-%m-%d}"
    assert keeper.post(path, {"why": WHY, "until": day}).status_code == 303

    page = here.get("/")
    answer = here.post(f"/questions/{question.id}/answers", {"body": "My long text."})
    robot = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    came = app.test_client().post(f"/sign-in/{link}")

    for refused in (page, answer, came):
        assert refused.status_code == 403
        assert "You insulted &lt;Bob&gt;." in refused.text
        assert "ask an admin of Northwind" in refused.text
    assert "My long text." in answer.text
    assert robot.status_code == 403
    assert robot.json["code"] == "suspended"
    assert "Hold it." in browse(alice).get(f"/questions/{question.id}").text
    assert here.post("/sign-out").status_code == 303, "out is always open"

    assert keeper.post(path, {"wanted": "0"}).status_code == 303
    assert browse(bob).get("/").status_code == 200


def test_it_ends_by_itself(session, admin, bob):
    suspend(session, member=bob, by=admin, why=WHY, until=NOON + timedelta(days=1), at=NOON)

    bob.organization.shown_name = "Acme"
    assert context_for(bob)["organization"] == "Acme"
    assert is_suspended(bob, at=NOON + timedelta(hours=23))
    assert not is_suspended(bob, at=NOON + timedelta(days=1))
    lift(session, member=bob, by=admin, at=NOON)
    lift(session, member=bob, by=admin, at=NOON)
    assert not is_suspended(bob, at=NOON)


def test_what_cannot_be_is_refused(session, admin, alice, bob, carol):
    def refuse(error, member=bob, by=admin, why=WHY, until=None):
        with pytest.raises(error):
            suspend(session, member=member, by=by, why=why, until=until, at=NOON)

    refuse(Conflict, member=admin)
    refuse(NotAllowed, by=alice)
    refuse(NotAllowed, by=make_member(session, carol.organization, "Zoe", is_admin=True))
    refuse(Invalid, why=" ")
    refuse(Invalid, until=NOON)
    refuse(Invalid, until=NOON + timedelta(days=9999))
    bob.inactive_at = NOON
    refuse(Conflict)


def test_a_form_that_is_refused_keeps_what_was_typed(browse, admin, bob):
    keeper, path = browse(admin), f"/admin/members/{bob.id}/suspension"

    page = keeper.post(path, {"why": WHY, "until": "tomorrow"})

    assert page.status_code == 422
    assert "You insulted &lt;Bob&gt;." in page.text
    assert keeper.post(f"/admin/members/{admin.id}/suspension", {"why": WHY}).status_code == 409
