"""Two members who are one person: everything of the one becomes the other's, in every table."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa import identity, tokens
from peerqa.errors import PeerQAError
from peerqa.gate import instance_key
from peerqa.models import Grade, Member, Membership, Notification, OutboxRow, Vote
from peerqa.models.references import columns_to
from peerqa.models.space import Role
from peerqa.secrets import InstanceKey
from peerqa.services import answers, grades, members, merging, notifications, spaces, votes
from peerqa.services.merging import CodeRefused
from tests.conftest import NOON

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def twin(session, organization) -> Member:
    """Alice's other account."""
    return members.create_member(session, organization=organization, name="A. Asker", at=NOON)


KEY = InstanceKey(b"k" * 32)


def merge(session, kept, emptied):
    merging.merge(session, kept=kept, emptied=emptied, key=KEY, at=LATER)


def count(session, *conditions) -> int:
    return session.scalar(select(func.count()).where(*conditions))


COLUMNS = [
    "access_token.member_id",
    "availability.member_id",
    "bookmark.member_id",
    "deletion.deleted_by_id",
    "doubt.member_id",
    "doubt.settled_by_id",
    "draft.member_id",
    "fairness_case.appealed_by_id",
    "fairness_case.decided_by_id",
    "fairness_line.giver_id",
    "fairness_line.member_id",
    "flag.member_id",
    "follow.member_id",
    "grade.member_id",
    "help_count.member_id",
    "invitation.invited_by_id",
    "invitation.member_id",
    "ledger_entry.member_id",
    "letter.member_id",
    "lti_account.member_id",
    "lti_launch.member_id",
    "lti_picking.member_id",
    "lti_placement.placed_by_id",
    "mail_choice.member_id",
    "mail_setting.member_id",
    "mail_test.member_id",
    "membership.member_id",
    "mention.member_id",
    "merge.merged_by_id",
    "merge.undone_by_id",
    "notification.actor_id",
    "notification.member_id",
    "one_time_link.member_id",
    "post.author_id",
    "reveal.agreed_by_id",
    "reveal.asked_by_id",
    "review.keeper_id",
    "revision.editor_id",
    "ruling.by_id",
    "saved_search.member_id",
    "sign_in.member_id",
    "skill.member_id",
    "standing.retired_by_id",
    "standing.verified_by_id",
    "topic_keeper.appointed_by_id",
    "topic_keeper.member_id",
    "vote.member_id",
]


def test_every_column_that_refers_to_a_member_is_known_here():
    """A new one: say in merging.py what becomes of it, if one person may have one row only."""
    assert sorted(str(column) for column in columns_to("member.id")) == COLUMNS


def test_nothing_refers_to_the_emptied_member_afterwards(
    session, question, alice, twin, bob, space, closed_space
):
    answer = answers.post_answer(session, question=question, author=bob, body="Hold it.", at=NOON)
    mine = answers.post_answer(session, question=question, author=twin, body="Twice.", at=NOON)
    votes.set_vote(session, post=answer, by=twin, wanted=True, at=NOON)
    members.join_space(session, member=twin, space=closed_space)
    grades.set_score(session, member=twin, space=space, given=3, maximum=5, at=NOON)
    notifications.notify(session, twin, reason="commented", post=answer, by=bob, at=NOON)
    notifications.notify(session, bob, reason="commented", post=answer, by=twin, at=NOON)
    token = tokens.create_token(session, twin, name="program", at=NOON)
    identity.make_link(session, twin, at=NOON, minutes=60)

    merge(session, alice, twin)

    left = {
        str(column): session.scalar(select(func.count()).where(column == twin.id))
        for column in columns_to("member.id")
    }
    assert {name: number for name, number in left.items() if number} == {}
    assert mine.author is alice
    assert tokens.find_member_by_token(session, token, at=LATER) is alice
    assert (twin.inactive_at, twin.is_admin) == (LATER, False)


def test_votes_are_counted_once_and_never_for_ones_own_post(session, question, alice, twin, bob):
    shared = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    own = answers.post_answer(session, question=question, author=alice, body="Two.", at=NOON)
    for by in (alice, twin):
        votes.set_vote(session, post=shared, by=by, wanted=True, at=NOON)
    votes.set_vote(session, post=own, by=twin, wanted=True, at=NOON)
    votes.set_vote(session, post=question, by=bob, wanted=True, at=NOON)

    merge(session, alice, twin)

    assert (shared.vote_count, own.vote_count, question.vote_count) == (1, 0, 1)
    assert count(session, Vote.member_id == alice.id) == 1


def test_in_each_space_the_role_that_may_more_stays(session, alice, twin, organization, space):
    other = spaces.make_space(session, organization=organization, name="Paint", at=NOON)
    members.join_space(session, member=alice, space=space)
    members.join_space(session, member=twin, space=space, role=Role.STEWARD)
    members.join_space(session, member=alice, space=other, role=Role.STEWARD)
    members.join_space(session, member=twin, space=other)

    merge(session, alice, twin)

    assert [m.role for m in alice.memberships] == ["steward", "steward"]
    assert count(session, Membership.member_id == twin.id) == 0


@pytest.mark.parametrize(("mine", "theirs", "kept"), [(1, 4, 4), (4, 1, 4)])
def test_the_better_score_stays_and_the_gradebook_hears_of_it(
    session, alice, twin, space, mine, theirs, kept
):
    grade = grades.set_score(session, member=alice, space=space, given=mine, maximum=5, at=NOON)
    grades.set_score(session, member=twin, space=space, given=theirs, maximum=5, at=NOON)
    session.execute(OutboxRow.__table__.delete())

    merge(session, alice, twin)

    assert session.scalars(select(Grade.given)).all() == [kept]
    assert session.scalars(select(OutboxRow.key)).all() == [str(grade.id)]


def test_unread_news_is_told_once_and_ones_own_acts_are_none(session, question, alice, twin, bob):
    answer = answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
    for told in (alice, twin):
        notifications.notify(session, told, reason="commented", post=answer, by=bob, at=NOON)
    notifications.notify(session, alice, reason="solved", post=question, by=twin, at=NOON)

    merge(session, alice, twin)

    reasons = session.scalars(
        select(Notification.reason).where(Notification.member_id == alice.id)
    ).all()
    assert sorted(reasons) == ["answered", "commented"]


def test_the_emptied_member_is_signed_out_everywhere(session, alice, twin):
    made = identity.sign_in(session, twin, at=NOON)

    merge(session, alice, twin)

    assert identity.find_sign_in(session, made.token, at=LATER, days=30) is None


def test_a_profile_is_filled_up_from_the_other(session, organization, alice, bob, twin):
    nameless = members.create_member(session, organization=organization, name="M", at=NOON)
    bob.about, bob.is_admin = "Knows printers.", True

    merge(session, nameless, bob)

    assert (nameless.email, nameless.about) == ("bob@example.org", "Knows printers.")
    assert nameless.is_admin
    assert (bob.email, bob.is_admin) == (None, False)


def test_nobody_is_joined_across_organizations_or_twice(session, alice, twin, carol):
    with pytest.raises(CodeRefused):
        merge(session, alice, carol)
    merge(session, alice, twin)
    with pytest.raises(CodeRefused):
        merge(session, alice, twin)
    with pytest.raises(CodeRefused):
        merge(session, alice, alice)


def test_a_code_is_its_makers_for_ten_minutes_within_the_organization(session, alice, twin, carol):
    key = instance_key()
    code = merging.make_code(key, twin, at=NOON)

    def read(text, by, at=LATER):
        try:
            return merging.read_code(session, key, text, entered_by=by, at=at)
        except PeerQAError as refusal:
            return refusal.code

    assert read(f" {code} ", alice) is twin
    assert read(code, twin) == "code-refused"
    assert read(code, carol) == "code-refused"
    assert read(code, alice, NOON + timedelta(minutes=11)) == "code-refused"
    number, until, digest = code.split("-")
    for forged in (
        f"{alice.id}-{until}-{digest}", f"{number}-{int(until) + 60}-{digest}", code[:-1], "",
        f"{number}-{until}-", "a-b-c", "é-é-é",
    ):  # fmt: skip
        assert read(forged, alice) == "code-refused", forged
    merge(session, alice, twin)
    assert read(code, alice) == "code-refused"


@pytest.mark.parametrize("suspended", ["kept", "emptied"])
def test_no_suspension_is_ended_by_joining(session, alice, twin, suspended):
    code = merging.make_code(KEY, twin, at=NOON)
    one = alice if suspended == "kept" else twin
    one.suspended_at, one.suspended_until = NOON, LATER + timedelta(seconds=1)
    session.flush()

    with pytest.raises(CodeRefused, match="suspended"):
        merging.read_code(session, KEY, code, entered_by=alice, at=LATER)
    with pytest.raises(CodeRefused, match="suspended"):
        merge(session, alice, twin)
    one.suspended_until = LATER
    session.flush()
    merge(session, alice, twin)
