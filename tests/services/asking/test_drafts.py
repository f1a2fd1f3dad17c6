"""Drafts: kept, found again, never overwritten silently, bounded, gone when posted."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.errors import Invalid, NotFound, TooSoon
from peerqa.models import Draft
from peerqa.secrets import InstanceKey
from peerqa.services import merging
from peerqa.services.asking import drafts
from peerqa.services.asking.drafts import ASK, DraftConflict, DraftText, KeptDraft
from peerqa.settings import Settings
from tests.conftest import NOON

KEY = InstanceKey(b"k" * 32)
TEXT = DraftText(title="Why is it blinking?", body="Red.", space="3", anonymous="1")


def save(session, member, text=TEXT, *, version=0, place=ASK, key=KEY, at=NOON):
    return drafts.save_draft(
        session, member=member, place=place, text=text, version=version, key=key, at=at
    )


def find(session, member, place=ASK, key=KEY):
    return drafts.find_draft(session, member, place, key=key)


def count(session) -> int:
    return session.scalar(select(func.count()).select_from(Draft))


def test_a_draft_is_found_again_by_its_writer_alone(session, alice, bob):
    assert save(session, alice) == 1

    assert find(session, alice) == KeptDraft(TEXT, 1)
    assert find(session, bob) == KeptDraft()
    assert find(session, alice, place="answer-1") == KeptDraft()


def test_what_is_stored_can_be_read_with_the_key_only(session, alice):
    save(session, alice)

    row = session.scalars(select(Draft)).one()
    assert b"blinking" not in row.sealed
    assert find(session, alice, key=InstanceKey(b"x" * 32)) == KeptDraft(DraftText(), 1)


def test_a_draft_of_a_lost_key_can_be_replaced(session, alice):
    save(session, alice, key=InstanceKey(b"x" * 32))

    assert save(session, alice, version=1) == 2
    assert find(session, alice).text == TEXT


def test_the_same_text_again_changes_nothing(session, alice):
    save(session, alice)

    assert save(session, alice, version=0, at=NOON + timedelta(hours=1)) == 1
    assert session.scalars(select(Draft.updated_at)).one() == NOON


def test_of_two_devices_the_second_hears_of_the_other_text(session, alice):
    save(session, alice)
    other = DraftText(title="Something else")

    for version in (0, 7):
        with pytest.raises(DraftConflict) as refusal:
            save(session, alice, other, version=version)
        assert refusal.value.present == KeptDraft(TEXT, 1)
    assert find(session, alice).text == TEXT
    assert save(session, alice, other, version=1) == 2


def test_a_save_after_it_was_posted_elsewhere_does_not_bring_it_back(session, alice):
    with pytest.raises(DraftConflict) as refusal:
        save(session, alice, version=4)

    assert refusal.value.present == KeptDraft()
    assert count(session) == 0


def test_an_empty_text_leaves_nothing(session, alice):
    save(session, alice)

    assert save(session, alice, DraftText(title=" ", space="3", anonymous="1"), version=1) == 0
    assert count(session) == 0


def test_drafts_are_bounded_in_size_and_number(session, alice):
    with pytest.raises(Invalid, match="too long to be kept"):
        save(session, alice, DraftText(body="x" * (drafts.MAX_CHARACTERS + 1)))
    for number in range(drafts.MAX_DRAFTS):
        save(session, alice, place=f"answer-{number}")
    with pytest.raises(Invalid, match="You have 20 drafts already"):
        save(session, alice)
    assert save(session, alice, DraftText(body="more"), place="answer-3", version=1) == 2


def test_text_that_no_database_takes_is_tidied(session, alice):
    save(session, alice, DraftText(body="a\x00b\ud800"))

    assert find(session, alice).text.body == "ab?"


def test_saves_that_follow_too_fast_are_refused_before_they_queue(session, alice, bob):
    save(session, alice)

    for after in (0, 0.9):
        with pytest.raises(TooSoon):
            drafts.check_pace(session, alice, at=NOON + timedelta(seconds=after))
    drafts.check_pace(session, alice, at=NOON + timedelta(seconds=1))
    drafts.check_pace(session, alice, at=NOON - timedelta(days=1))  # the clock was set back
    drafts.check_pace(session, bob, at=NOON)


def test_posting_discards_the_draft_even_when_a_last_save_was_on_its_way(session, alice):
    for kept in ("Why is it blin", "Why is it blinking?", "Why is  it blinking? Today"):
        save(session, alice, DraftText(title=kept))
        drafts.discard_posted(session, alice, ASK, TEXT, key=KEY)
        assert count(session) == 0


def test_posting_leaves_the_draft_of_something_else(session, alice):
    other = DraftText(title="Where is the torque wrench?")
    save(session, alice, other)
    save(session, alice, DraftText(body="I think so."), place="answer-1")

    drafts.discard_posted(session, alice, ASK, TEXT, key=KEY)
    drafts.discard_posted(session, alice, "answer-1", DraftText(body="No."), key=KEY)

    assert find(session, alice).text == other
    assert count(session) == 2


def test_one_cannot_keep_a_draft_where_one_cannot_write(session, alice, carol, question):
    drafts.check_place(session, alice, f"answer-{question.id}")
    drafts.check_place(session, alice, ASK)

    for place in (f"answer-{question.id}", "answer-99999999999", "answer-0"):
        with pytest.raises(NotFound):
            drafts.check_place(session, carol, place)
    for place in ("", "elsewhere", "answer-", "answer-1x"):
        with pytest.raises(Invalid):
            drafts.check_place(session, alice, place)


def test_what_nobody_goes_on_with_is_deleted(session, alice):
    save(session, alice)
    save(session, alice, place="answer-1", at=NOON + timedelta(days=80))

    assert drafts.delete_old(session, at=NOON + timedelta(days=91), days=90) == 1
    assert find(session, alice, place="answer-1").version == 1
    assert Settings().draft_days == 90


def test_two_members_that_become_one_keep_each_draft_that_has_room(session, alice, bob):
    save(session, alice)
    save(session, bob, DraftText(title="Of the other account"))
    save(session, bob, DraftText(body="So."), place="answer-1")

    merging.merge(session, kept=alice, emptied=bob, key=KEY, at=NOON)

    assert find(session, alice).text == TEXT
    assert find(session, alice, place="answer-1").text.body == "So."
    assert count(session) == 2
