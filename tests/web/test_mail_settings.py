"""The settings of e-mail, and leaving it from a letter."""

from datetime import timedelta

import pytest

from peerqa.clock import utc_now
from peerqa.models.notifying.mail_choice import Frequency, Stopped
from peerqa.services import notifications, spaces
from peerqa.services.notifying import choices
from peerqa.services.notifying.leaving import Leave, make_token
from tests.conftest import NOON
from tests.web.test_budgets import MOST_QUERIES, counted


def wishes(session, member):
    session.expire_all()
    return choices.read_wishes(session, [member])[member.id]


FORM = {"stopped": "nothing", "zone": "Europe/Berlin", "quiet_from": "22", "quiet_until": "7",
        "digest_hour": "9", "kind-answered": "daily", "kind-open": "never"}  # fmt: skip


def test_choices_are_saved_and_shown(session, browse, alice):
    browser = browse(alice)
    reply = browser.post("/notifications/settings", FORM, follow_redirects=True)

    assert "Your choices are saved." in reply.text
    assert "<option selected>Europe/Berlin</option>" in reply.text
    wish = wishes(session, alice)
    assert (wish.time_zone, wish.quiet_from, wish.digest_hour) == ("Europe/Berlin", 22, 9)
    assert wish.frequency("answered", None) is Frequency.DAILY
    assert wish.frequency("open", None) is Frequency.NEVER


def test_a_space_can_be_different(session, browse, alice, space):
    browser = browse(alice)
    browser.post(
        "/notifications/settings", {"space": space.id, "kind-answered": "never", "zone": "ignored"}
    )

    wish = wishes(session, alice)
    assert wish.frequency("answered", space.id) is Frequency.NEVER
    assert wish.frequency("answered", None) is Frequency.IMMEDIATE
    assert f'settings?space={space.id}">{space.name}' in browser.get("/notifications/settings").text


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "This time zone is not known."),
        ({"quiet_until": "22"}, "This is the whole day."),
        ({"quiet_until": ""}, "Quiet hours need a beginning and an end."),
        ({"stopped": "x"}, "Choose whether you want e-mail."),
        ({"kind-answered": "hourly"}, "This form said something that is not offered."),
        ({"digest_hour": "99"}, "This form said something that is not offered."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_half_saved(
    session, browse, alice, bad, sentence
):
    reply = browse(alice).post("/notifications/settings", {**FORM, **bad})

    assert reply.status_code == 422
    assert sentence in reply.text
    assert reply.text.count('value="22" selected') == 1 + (
        "quiet_until" in bad and bad != {"quiet_until": ""}
    ), "what was chosen stays chosen"
    assert wishes(session, alice) == choices.Wishes()


def test_two_hundred_spaces_cost_no_more_queries(session, browse, organization, alice):
    for n in range(200):
        made = spaces.make_space(session, organization=organization, name=f"Space {n}", at=NOON)
        choices.save_choices(session, member=alice, chosen={"answered": "never"}, space_id=made.id)
    browser = browse(alice)

    with counted() as statements:
        reply = browser.get("/notifications/settings")

    assert reply.status_code == 200
    assert len(statements) <= MOST_QUERIES


@pytest.fixture
def token(app, session, alice, bob):
    session.commit()
    return make_token(app.extensions["peerqa.key"], Leave(alice.id, ["answered"]), at=utc_now())


def test_opening_the_link_changes_nothing_and_names_nobody(app, session, alice, token):
    page = app.test_client().get(f"/leave/{token}")

    assert page.status_code == 200
    assert "Somebody answers my question" in page.text
    assert alice.name not in page.text
    assert alice.email not in page.text
    assert wishes(session, alice).frequency("answered", None) is Frequency.IMMEDIATE


def test_a_mail_program_leaves_by_one_post_without_a_sign_in(app, session, alice, bob, token):
    for _ in range(2):
        reply = app.test_client().post(
            f"/leave/{token}",
            data={"List-Unsubscribe": "One-Click"},
            headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"},
        )
        assert reply.status_code == 200, "and no redirect (RFC 8058 section 3.2)"

    assert wishes(session, alice).frequency("answered", None) is Frequency.NEVER
    assert wishes(session, bob).frequency("answered", None) is Frequency.IMMEDIATE


def test_a_click_too_much_is_taken_back(app, session, alice, token):
    client = app.test_client()
    client.post(f"/leave/{token}", data={"all": "1"})
    assert wishes(session, alice).stopped == Stopped.ALL

    assert "again" in client.post(f"/leave/{token}", data={"again": "1"}).text
    assert wishes(session, alice) == choices.Wishes(digest_hour=choices.DIGEST_HOUR)


def test_the_link_of_a_colleague_leaves_theirs_and_not_mine(session, browse, alice, bob, token):
    browse(bob).post(f"/leave/{token}")

    assert wishes(session, bob).frequency("answered", None) is Frequency.IMMEDIATE
    assert wishes(session, alice).frequency("answered", None) is Frequency.NEVER


@pytest.mark.parametrize("bad", ["forged", "expired", "gone"])
def test_a_link_that_is_none_says_what_to_do(app, session, alice, token, bad):
    key = app.extensions["peerqa.key"]
    if bad == "forged":
        token = token[:-4] + "AAAA"
    elif bad == "expired":
        token = make_token(key, Leave(alice.id, ["answered"]), at=utc_now() - timedelta(days=400))
    else:
        alice.inactive_at = utc_now()
        session.commit()

    reply = app.test_client().post(f"/leave/{token}")
    assert reply.status_code == 410
    assert "too old or not whole" in reply.text
    assert wishes(session, alice).frequency("answered", None) is Frequency.IMMEDIATE


def test_the_inbox_shows_one_kind(session, browse, question, alice, bob):
    for reason in ("answered", "followed-answer", "invented"):
        notifications.notify(session, alice, reason=reason, post=question, by=bob, at=NOON)
    session.commit()
    browser = browse(alice)

    assert browser.get("/notifications").text.count('class="item') == 3
    only = browser.get("/notifications?kind=answered&show=unread").text
    assert only.count('class="item') == 1
    assert "Bob Builder answered your question" in only
    assert browser.get("/notifications?kind=other").text.count('class="item') == 1
    assert "There is nothing like this." in browser.get("/notifications?kind=accepted").text
