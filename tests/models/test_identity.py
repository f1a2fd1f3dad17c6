"""Who is asking: links work once, sign-ins end, tokens expire, and who has left is nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa import identity, outbox, tokens
from peerqa.errors import Invalid, NotFound
from peerqa.identity import LinkExpired
from peerqa.models import AccessToken, OneTimeLink, SignIn
from peerqa.secrets import InstanceKey, hash_token
from tests.conftest import NOON, make_member

LATER = NOON + timedelta(minutes=59, seconds=59)
TOO_LATE = NOON + timedelta(hours=1)


def link_for(session, member) -> str:
    return identity.make_link(session, member, at=NOON, minutes=60)


def mails_for(session, email: str, *, at=NOON) -> dict[str, int]:
    identity.ask_for_link(session, email, at=at)
    return outbox.count_waiting(session)


def test_a_link_signs_its_member_in_once(session, bob):
    token = link_for(session, bob)

    made = identity.use_link(session, token, at=LATER)

    assert made.row.member is bob
    assert identity.find_sign_in(session, made.token, at=LATER, days=30) is made.row
    with pytest.raises(LinkExpired):
        identity.use_link(session, token, at=LATER)
    with pytest.raises(LinkExpired):
        identity.find_link(session, token, at=LATER)


def test_looking_at_a_link_does_not_use_it(session, bob):
    token = link_for(session, bob)

    for _ in range(3):
        assert identity.find_link(session, token, at=NOON).member is bob

    assert identity.use_link(session, token, at=NOON).row.member is bob


def test_a_link_ends_with_its_time(session, bob):
    token = link_for(session, bob)

    with pytest.raises(LinkExpired) as refused:
        identity.use_link(session, token, at=TOO_LATE)

    assert refused.value.status == 410
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0


@pytest.mark.parametrize("token", ["", "nothing", "é", "\x00"], ids=range(4))
def test_a_link_that_never_was_is_refused_in_the_same_words(session, bob, token):
    used = link_for(session, bob)
    identity.use_link(session, used, at=NOON)

    said = []
    for one in (token, used):
        with pytest.raises(LinkExpired) as refused:
            identity.use_link(session, one, at=NOON)
        said.append((str(refused.value), refused.value.code, refused.value.context))

    assert said[0] == said[1]


def test_who_has_left_gets_no_link_and_cannot_use_an_old_one(session, bob):
    token = link_for(session, bob)
    bob.inactive_at = NOON
    session.flush()

    with pytest.raises(LinkExpired):
        identity.use_link(session, token, at=NOON)
    with pytest.raises(Invalid, match="no longer active"):
        link_for(session, bob)


def test_the_address_of_a_link_holds_its_token():
    assert identity.link_address("https://ask.example.org", "abc") == (
        "https://ask.example.org/sign-in/abc"
    )


def test_a_sign_in_lasts_as_long_as_it_is_used(session, bob):
    made = identity.sign_in(session, bob, at=NOON)
    last = NOON + timedelta(days=30)

    assert identity.find_sign_in(session, made.token, at=last - timedelta(seconds=1), days=30)
    assert identity.find_sign_in(session, made.token, at=last, days=30) is None
    assert not identity.needs_renewal(made.row, at=NOON + timedelta(hours=12))
    assert identity.needs_renewal(made.row, at=NOON + timedelta(hours=12, seconds=1))


def test_a_sign_in_is_renewed_unless_it_was_ended(session, bob):
    used, ended = (identity.sign_in(session, bob, at=NOON) for _ in range(2))
    identity.sign_out(session, ended.row, at=NOON)
    later = NOON + timedelta(days=29)
    for made in (used, ended):
        identity.renew(session, made.row, at=later)
        session.refresh(made.row)

    assert (used.row.seen_at, ended.row.seen_at) == (later, NOON)
    assert identity.find_sign_in(session, used.token, at=later + timedelta(days=29), days=30)
    assert identity.find_sign_in(session, ended.token, at=later, days=30) is None


def test_signing_out_ends_one_browser_and_not_the_other(session, bob):
    here, there = (identity.sign_in(session, bob, at=NOON) for _ in range(2))

    identity.sign_out(session, here.row, at=NOON)

    assert identity.find_sign_in(session, here.token, at=NOON, days=30) is None
    assert identity.find_sign_in(session, there.token, at=NOON, days=30) is there.row


def test_who_has_left_is_signed_in_nowhere(session, bob):
    made = identity.sign_in(session, bob, at=NOON)
    bob.inactive_at = NOON
    session.flush()

    assert identity.find_sign_in(session, made.token, at=NOON, days=30) is None


def test_the_stored_hash_opens_nothing(session, bob):
    made = identity.sign_in(session, bob, at=NOON)
    token = link_for(session, bob)

    assert identity.find_sign_in(session, made.row.token_hash, at=NOON, days=30) is None
    assert tokens.find_member_by_token(session, hash_token(token), at=NOON) is None


def test_the_browsers_are_listed_for_their_owner_alone(session, bob, alice):
    old = identity.sign_in(session, bob, at=NOON - timedelta(days=31)).row
    first, second = (
        identity.sign_in(session, bob, at=NOON + timedelta(minutes=m)).row for m in range(2)
    )
    identity.sign_out(session, identity.sign_in(session, bob, at=NOON).row, at=NOON)
    identity.sign_in(session, alice, at=NOON)

    found = identity.list_sign_ins(session, bob, at=NOON, days=30)

    assert list(found) == [second, first]
    assert old not in found


def test_one_ends_ones_own_sign_in_and_a_second_time_is_harmless(session, bob, alice):
    row = identity.sign_in(session, bob, at=NOON).row

    with pytest.raises(NotFound):
        identity.end_sign_in(session, alice, row.id, at=NOON)
    identity.end_sign_in(session, bob, row.id, at=NOON)
    identity.end_sign_in(session, bob, row.id, at=LATER)

    session.refresh(row)
    assert row.ended_at == NOON


def test_the_csrf_token_belongs_to_one_member_in_one_browser(session, bob, alice):
    key = InstanceKey(b"k" * 32)
    rows = [identity.sign_in(session, member, at=NOON).row for member in (bob, bob, alice)]

    stamps = [identity.csrf_token(key, row) for row in rows]

    assert len(set(stamps)) == 3
    assert identity.csrf_token(key, rows[0]) == stamps[0]
    assert rows[0].token_hash not in stamps[0]


def test_a_mail_is_asked_for_and_not_twice(session, bob):
    assert mails_for(session, " BOB@example.org ") == {"sign-in-mail": 1}
    assert mails_for(session, "bob@example.org") == {"sign-in-mail": 1}


def test_a_mail_that_was_just_sent_is_not_sent_again(session, bob):
    link_for(session, bob)

    assert mails_for(session, "bob@example.org", at=NOON + timedelta(seconds=59)) == {}
    assert mails_for(session, "bob@example.org", at=NOON + identity.MAIL_EVERY) == {
        "sign-in-mail": 1
    }


@pytest.mark.parametrize("email", ["nobody@example.org", "", "b", "\x00", "%"], ids=range(5))
def test_whether_somebody_has_an_address_is_not_told(session, bob, email):
    assert identity.ask_for_link(session, email, at=NOON) == 0
    assert outbox.count_waiting(session) == {}


def test_who_has_left_gets_no_mail(session, bob):
    bob.inactive_at = NOON
    session.flush()

    assert mails_for(session, "bob@example.org") == {}


def test_who_is_suspended_gets_no_mail_until_it_ends(session, bob):
    bob.suspended_at, bob.suspended_until = NOON, LATER
    session.flush()

    assert mails_for(session, "bob@example.org") == {}
    assert mails_for(session, "bob@example.org", at=LATER) != {}


def test_a_person_in_two_organizations_gets_a_mail_for_each(session, bob, carol):
    make_member(session, carol.organization, "Bob Elsewhere")

    assert mails_for(session, "bob@example.org") == {"sign-in-mail": 2}


def test_what_nobody_can_use_any_more_is_tidied_away(session, bob):
    signed_out = identity.sign_in(session, bob, at=NOON)
    identity.sign_out(session, signed_out.row, at=NOON)
    identity.sign_in(session, bob, at=NOON - timedelta(days=30))
    kept = identity.sign_in(session, bob, at=NOON)
    identity.make_link(session, bob, at=NOON - timedelta(hours=1), minutes=60)
    link_for(session, bob)

    identity.delete_ended(session, at=NOON, days=30)

    assert session.scalars(select(SignIn.id)).all() == [kept.row.id]
    assert session.scalar(select(func.count()).select_from(OneTimeLink)) == 1


def test_a_program_acts_as_its_member_until_its_token_expires(session, bob):
    token = tokens.create_token(session, bob, name="CI", at=NOON, expires_at=TOO_LATE)

    assert token.startswith("pqa_")
    assert tokens.find_member_by_token(session, token, at=LATER) is bob
    assert tokens.find_member_by_token(session, token, at=TOO_LATE) is None
    assert tokens.find_member_by_token(session, token + "x", at=NOON) is None


def test_a_token_without_an_end_lasts(session, bob):
    token = tokens.create_token(session, bob, name="CI", at=NOON)

    assert tokens.find_member_by_token(session, token, at=NOON + timedelta(days=9999)) is bob


def test_a_token_is_revoked_by_its_owner_alone(session, bob, alice):
    token = tokens.create_token(session, bob, name="CI", at=NOON)
    token_id = session.scalars(select(AccessToken.id)).one()

    with pytest.raises(NotFound):
        tokens.revoke_token(session, alice, token_id, at=NOON)
    assert tokens.find_member_by_token(session, token, at=NOON) is bob
    tokens.revoke_token(session, bob, token_id, at=NOON)
    tokens.revoke_token(session, bob, token_id, at=LATER)

    assert tokens.find_member_by_token(session, token, at=NOON) is None


def test_the_token_of_who_has_left_is_nobodys(session, bob):
    token = tokens.create_token(session, bob, name="CI", at=NOON)
    bob.inactive_at = NOON
    session.flush()

    assert tokens.find_member_by_token(session, token, at=NOON) is None


def test_a_sign_in_that_replaces_another_keeps_what_the_browser_is_known_by(session, alice, bob):
    key = InstanceKey(b"k" * 32)
    first = identity.sign_in(session, alice, at=NOON)
    second = identity.sign_in(session, bob, at=NOON, before=first.row)
    third = identity.sign_in(session, alice, at=NOON, before=second.row)

    assert first.row.ended_at == NOON
    assert identity.csrf_token(key, first.row) == identity.csrf_token(key, third.row)
    assert identity.csrf_token(key, first.row) != identity.csrf_token(key, second.row)
