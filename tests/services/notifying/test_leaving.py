"""Leaving by a link: sealed, for a year, for one member, and what it says is hidden."""

import base64
from datetime import timedelta

import pytest

from peerqa.models.notifying.mail_choice import Frequency, Stopped
from peerqa.secrets import InstanceKey
from peerqa.services.notifying import choices, leaving
from peerqa.services.notifying.leaving import Leave, LeaveExpired, make_token, read_token
from tests.conftest import NOON

KEY = InstanceKey(b"k" * 32)


def test_a_link_says_who_leaves_what_for_a_year():
    for leave in (Leave(7, ["answered", "commented"]), Leave(7, [], Stopped.DIGESTS)):
        token = make_token(KEY, leave, at=NOON)
        assert read_token(KEY, token, at=NOON + timedelta(days=365)) == leave
        with pytest.raises(LeaveExpired):
            read_token(KEY, token, at=NOON + timedelta(days=368))


def test_a_link_that_was_changed_or_made_elsewhere_is_none():
    token = make_token(KEY, Leave(7, ["answered"]), at=NOON)
    foreign = make_token(InstanceKey(b"x" * 32), Leave(7, ["answered"]), at=NOON)
    other_use = base64.urlsafe_b64encode(KEY.seal("other", b"7 2027-01-01 all ")).decode()
    flipped = ("B" if token[20] == "A" else "A").join((token[:20], token[21:]))

    for bad in (
        foreign,
        other_use,
        flipped,
        token[:-5],
        token + token,
        "",
        "ü",
        "a" * 9999,
        "\x00",
    ):
        with pytest.raises(LeaveExpired):
            read_token(KEY, bad, at=NOON)


def test_a_link_reveals_nothing_and_is_never_the_same():
    leave = Leave(7, ["answered"])
    one, two = (make_token(KEY, leave, at=NOON) for _ in range(2))

    assert one != two
    assert b"answered" not in base64.urlsafe_b64decode(one + "==")


def test_leaving_and_coming_back_touch_one_member_alone(session, alice, bob):
    leave = Leave(alice.id, ["answered"])
    for _ in range(2):
        leaving.leave(session, leave, at=NOON)

    wishes = choices.read_wishes(session, [alice, bob])
    assert wishes[alice.id].frequency("answered", None) is Frequency.NEVER
    assert wishes[bob.id].frequency("answered", None) is Frequency.IMMEDIATE
    leaving.come_back(session, leave, at=NOON)
    wishes = choices.read_wishes(session, [alice])
    assert wishes[alice.id].frequency("answered", None) is Frequency.IMMEDIATE


def test_an_old_link_to_leave_the_summaries_brings_no_mail_back(session, alice):
    choices.stop(session, member=alice, what=Stopped.ALL, at=NOON)
    digests = Leave(alice.id, [], Stopped.DIGESTS)
    leaving.leave(session, digests, at=NOON)
    leaving.come_back(session, digests, at=NOON)

    assert choices.setting_of(session, alice, at=NOON).stopped == Stopped.ALL


def test_who_is_gone_leaves_nothing(session, alice):
    alice.inactive_at = NOON
    session.flush()

    for act in (leaving.leave, leaving.come_back):
        with pytest.raises(LeaveExpired):
            act(session, Leave(alice.id, ["answered"]), at=NOON)
