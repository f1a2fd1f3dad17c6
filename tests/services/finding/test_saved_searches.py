"""Kept searches: a list of one's own, with a limit, and news that is told once."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from peerqa.errors import Conflict, Invalid, NotFound
from peerqa.models import Member, SavedSearch
from peerqa.services import members, questions
from peerqa.services.finding import saved_searches
from peerqa.services.finding.saved_searches import (
    MOST_SAVED,
    list_due,
    list_searches,
    remove_search,
    save_search,
    tell_of_matches,
)
from peerqa.services.notifications import list_unread
from tests.conftest import NOON

LATER = NOON + timedelta(hours=1)


def save(session, member, query, name=""):
    return save_search(session, member=member, query=query, name=name, at=NOON)


def test_a_search_is_kept_once_and_renamed(session, alice, bob):
    save(session, alice, "  is:open   printer ")
    save(session, alice, "is:open printer", "Printers")

    (kept,) = list_searches(session, alice)
    assert (kept.query, kept.name) == ("is:open printer", "Printers")
    assert list_searches(session, bob) == []


@pytest.mark.parametrize(
    ("query", "name", "field"),
    [("", "x", "q"), (" \x00 ", "", "q"), ("printer", "n" * 81, "name")],
)
def test_what_is_no_search_is_refused(session, alice, query, name, field):
    with pytest.raises(Invalid) as refused:
        save(session, alice, query, name)

    assert refused.value.field == field
    assert list_searches(session, alice) == []


def test_hostile_names_are_only_text(session, alice):
    for name in ("<script>", "\u202eevil", "🙂" * 80, "a\x00b\nc"):
        save(session, alice, name + " x", name)

    assert len(list_searches(session, alice)) == 4
    assert not any(
        "\x00" in each.name or "\n" in each.name for each in list_searches(session, alice)
    )


def test_one_keeps_at_most_twenty(session, alice):
    for number in range(MOST_SAVED):
        save(session, alice, f"printer {number}")

    with pytest.raises(Conflict):
        save(session, alice, "one more")
    save(session, alice, "printer 3", "A new name")
    remove_search(session, member=alice, search_id=list_searches(session, alice)[0].id)
    save(session, alice, "one more")
    assert len(list_searches(session, alice)) == MOST_SAVED


def test_somebody_elses_search_is_not_found(session, alice, bob, carol):
    kept = save(session, alice, "printer")

    for stranger in (bob, carol):
        with pytest.raises(NotFound):
            remove_search(session, member=stranger, search_id=kept.id)
    remove_search(session, member=alice, search_id=kept.id)
    with pytest.raises(NotFound):
        remove_search(session, member=alice, search_id=kept.id)


def test_searches_go_with_their_member(session, organization):
    gone = Member(organization_id=organization.id, name="Gone", created_at=NOON)
    session.add(gone)
    session.flush()
    save(session, gone, "printer")

    session.execute(delete(Member).where(Member.id == gone.id))

    assert session.scalar(select(func.count()).select_from(SavedSearch)) == 0


@pytest.fixture
def asked(session, space, bob):
    return questions.post_question(
        session, space=space, author=bob, title="Which printer is it?", at=LATER
    )


def tell(session, saved, *asked, until=LATER):
    return tell_of_matches(
        session,
        search_id=saved.id,
        since=NOON,
        until=until,
        question_ids=[each.id for each in asked],
        at=until,
    )


def test_only_what_was_asked_since_is_due(session, alice, bob, question, asked):
    mine = save(session, alice, "printer")

    assert list_due(session, until=NOON) == []
    assert list_due(session, until=LATER) == [mine]
    tell(session, mine)
    assert list_due(session, until=LATER) == []
    mine.looked_until = NOON
    alice.suspended_at = NOON
    session.flush()
    assert list_due(session, until=LATER) == [], "it waits for who is suspended"
    alice.suspended_until = LATER
    session.flush()
    assert list_due(session, until=LATER) == [mine]
    members.close(session, member=alice, at=NOON)
    session.flush()
    assert list_due(session, until=LATER) == [], "who has left is told nothing"


def test_a_match_is_told_once(session, alice, asked):
    one, two = save(session, alice, "printer"), save(session, alice, "which printer")

    told = [tell(session, one, asked), tell(session, one, asked), tell(session, two, asked)]

    assert told == [1, 0, 0]
    (news,) = list_unread(session, alice)
    assert (news.reason, news.question_id, news.actor_id) == (
        saved_searches.REASON, asked.id, asked.author_id
    )  # fmt: skip


def test_nothing_is_told_of_ones_own_or_of_what_one_may_not_see(
    session, alice, bob, carol, asked, closed_space
):
    members.join_space(session, member=bob, space=closed_space)
    hidden = questions.post_question(
        session, space=closed_space, author=bob, title="Which printer pays?", at=LATER,
        visibility="space",
    )  # fmt: skip

    assert tell(session, save(session, bob, "printer"), asked, hidden) == 0
    assert tell(session, save(session, carol, "printer"), asked, hidden) == 0
    assert tell(session, save(session, alice, "printer"), hidden) == 0
    assert [list_unread(session, each) for each in (alice, bob, carol)] == [[], [], []]
