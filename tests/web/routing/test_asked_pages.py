"""Pages of who is asked: what each reader sees, and what is refused with which sentence."""

import pytest

from peerqa.services import answers
from peerqa.services.routing import invitations
from tests.conftest import NOON


@pytest.fixture
def asked(session, question, alice, bob):
    made = invitations.invite(session, question=question, member=bob, by=alice, at=NOON)
    session.commit()
    return made


def test_who_is_asked_finds_it_and_says_what_they_do(session, browse, question, asked, bob):
    page = browse(bob)
    assert "A colleague hopes that you know an answer" in page.get("/").text
    listed = page.get("/for-me").text
    assert question.title in listed
    assert "Alice Asker thinks that you may know this." in listed
    assert "Do you know this?" in page.get(f"/questions/{question.id}").text

    taken = page.post(f"/questions/{question.id}/take", follow_redirects=True).text
    assert "You are on it. Nobody else is asked meanwhile." in taken
    sent = {"reason": "no-time"}
    passed = page.post(f"/questions/{question.id}/pass", sent, follow_redirects=True).text
    assert "You passed. Somebody else is asked." in passed
    assert "Nobody waits for you." in passed
    assert "Do you know this?" not in page.get(f"/questions/{question.id}").text


def test_answered_elsewhere_leads_to_where_one_says_so(browse, question, asked, bob):
    sent = {"reason": "elsewhere"}
    text = browse(bob).post(f"/questions/{question.id}/pass", sent, follow_redirects=True).text
    assert "Say in a comment where it is answered" in text


def test_names_are_for_who_asked_and_for_stewards(
    session, browse, question, asked, alice, steward, admin
):
    for reader, names_him in ((alice, True), (steward, True), (admin, False)):
        text = browse(reader).get(f"/questions/{question.id}").text
        assert ("Bob Builder <small" in text) is names_him
        assert ("1 colleague was asked." in text) is not names_him


def test_once_it_is_answered_nothing_is_said_of_it(session, browse, question, asked, bob, steward):
    answers.post_answer(session, question=question, author=steward, body="So.", at=NOON)
    session.commit()
    page = browse(bob)
    assert "Who is asked" not in page.get(f"/questions/{question.id}").text
    assert "Nobody waits for you." in page.get("/for-me").text
    refused = page.post(f"/questions/{question.id}/take")
    assert refused.status_code == 409
    assert "This does not wait for an answer any more." in refused.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Nobody Here", "Nobody here is called “Nobody Here”"),
        ("Alice Asker", "That is you."),
        ("", "Nobody here is called"),
    ],
)
def test_asking_by_hand_says_what_is_amiss(browse, question, alice, typed, sentence):
    reply = browse(alice).post(f"/questions/{question.id}/invite", {"who": typed})
    assert reply.status_code == 422
    assert sentence in reply.text


def test_who_was_not_asked_passes_nothing(browse, question, asked, steward):
    reply = browse(steward).post(f"/questions/{question.id}/pass", {"reason": "no-time"})
    assert (reply.status_code, "You were not asked" in reply.text) == (404, True)


def test_choices_are_saved_and_shown_again(browse, bob):
    page = browse(bob)
    sent = {
        "is_asked": "1", "most_a_week": "2", "away_from": "2026-12-24", "away_until": "2027-01-07",
        "works_from": "7", "works_until": "15", "works_on": ["0", "3"], "skills": "Payroll, tax",
    }  # fmt: skip
    assert page.post("/preferences/asked", sent).status_code == 303
    text = page.get("/preferences/asked").text
    for part in ('value="2"', 'value="2026-12-24"', 'value="7"', "payroll, tax"):
        assert part in text
    assert text.count(" checked") == 3


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("most_a_week", "many", "Write a number, such as 5."),
        ("most_a_week", "99", "Choose a number from 0 to 50."),
        ("away_until", "2026-12-24", "Say from which day on you are away, too."),
        ("away_from", "Christmas", "Write a day like 2026-12-24."),
        ("works_from", "9", "Choose when your work begins and when it ends, or neither."),
        ("skills", "!!!", "A topic is a word or a few"),
    ],
)
def test_a_choice_that_cannot_be_loses_nothing(browse, bob, field, typed, sentence):
    sent = {"works_on": "4", "skills": "tax", field: typed}
    reply = browse(bob).post("/preferences/asked", sent)
    assert reply.status_code == 422
    assert sentence in reply.text
    assert f'value="{typed}"' in reply.text
    assert 'id="day-4" name="works_on" value="4" checked' in reply.text


def test_a_steward_sees_what_waits(browse, space, question, asked, steward):
    text = browse(steward).get(f"/spaces/{space.id}/waiting").text
    assert question.title in text
    assert "1 person asked" in text
    assert "late" in text
