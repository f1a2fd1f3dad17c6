"""Spaces as admins and stewards look after them."""

import pytest
from sqlalchemy import update

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Space
from peerqa.models.space import Role, Visibility
from peerqa.permissions import may
from peerqa.services import answers, comments, members, questions, spaces, votes
from peerqa.services.admin import people, space_keeping
from peerqa.services.admin.sources import Sources
from peerqa.services.colleagues import find_colleague
from tests.conftest import NOON, make_member

OPEN, CLOSED = Visibility.ORGANIZATION, Visibility.SPACE


def make(session, by, name="Canteen", visibility=OPEN):
    return space_keeping.make_team_space(
        session, name=name, description=" For  lunch ", visibility=visibility, by=by, at=NOON
    )


def change(session, space, by, *, name=None, visibility=None):
    space_keeping.change_space(
        session, space=space, name=name or space.name, description="",
        visibility=visibility or Visibility(space.visibility), by=by, at=NOON,
    )  # fmt: skip


def test_an_admin_makes_a_space_and_keeps_it(session, admin, bob):
    space = make(session, admin, visibility=CLOSED)

    assert (space.name, space.description, space.visibility) == ("Canteen", "For lunch", CLOSED)
    assert may(admin, "steward", space)
    with pytest.raises(NotAllowed):
        make(session, bob, "Other")
    for name in ("Canteen", "", "\u200b\u202e", "x" * 300):
        with pytest.raises(Invalid):
            make(session, admin, name)
    with pytest.raises(Invalid, match="500"):
        space_keeping.read_description("x" * 501)


def test_a_name_tells_nobody_that_a_closed_space_has_it(session, admin, closed_space):
    assert make(session, admin, closed_space.name).name == "Pay (2)"


def test_a_space_that_is_closed_takes_its_questions_along_and_opens_none(
    session, space, steward, admin, bob, question
):
    with pytest.raises(NotAllowed, match="Only a steward"):
        change(session, space, admin, visibility=CLOSED)
    with pytest.raises(NotAllowed):
        change(session, space, bob, name="Mine")

    change(session, space, steward, name="Bench", visibility=CLOSED)
    session.expire_all()
    assert space.name == "Bench"
    assert not may(bob, "see", question)
    with pytest.raises(NotFound):
        space_keeping.get_cared_space(session, admin, space.id)
    change(session, space, steward, visibility=OPEN)
    session.expire_all()
    assert may(bob, "see", space)
    assert not may(bob, "see", question)


def test_nothing_new_is_written_in_an_archived_space_until_it_is_opened(
    session, space, steward, alice, bob, question
):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    for _ in range(2):
        space_keeping.archive(session, space=space, wanted=True, by=steward, at=NOON)

    for act in (
        lambda: questions.post_question(
            session, space=space, author=alice, title="How is it done?", at=NOON
        ),
        lambda: answers.post_answer(session, question=question, author=bob, body="So.", at=NOON),
        lambda: comments.post_comment(session, parent=answer, author=bob, body="So.", at=NOON),
    ):
        with pytest.raises(NotAllowed, match="is archived"):
            act()
    with pytest.raises(NotAllowed):
        votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)
    assert spaces.list_spaces(session, alice, to_ask_in=True) == []
    assert spaces.list_spaces(session, alice) == [space]
    assert may(bob, "see", answer)
    assert may(bob, "delete", answer)

    with pytest.raises(NotAllowed):
        space_keeping.archive(session, space=space, wanted=False, by=bob, at=NOON)
    space_keeping.archive(session, space=space, wanted=False, by=steward, at=NOON)
    votes.set_vote(session, post=answer, by=alice, wanted=True, at=NOON)


def test_a_closed_space_is_never_without_a_steward(session, closed_space, bob, alice):
    for member in (bob, alice):
        members.join_space(session, member=member, space=closed_space, role=Role.STEWARD)

    def leave(member):
        people.set_space_role(
            session, member=member, space=closed_space, role=None, by=bob, sources=Sources(),
            at=NOON,
        )  # fmt: skip

    leave(alice)
    with pytest.raises(Conflict, match="the only steward"):
        leave(bob)


def test_colleagues_are_found_by_address_or_whole_name(session, organization, admin, bob, carol):
    twin = members.create_member(session, organization=organization, name="bob builder", at=NOON)

    assert find_colleague(session, admin, " Bob@example.org ", field="who") is bob
    with pytest.raises(Invalid, match="Several people"):
        find_colleague(session, admin, "Bob Builder", field="who")
    twin.inactive_at = NOON
    assert find_colleague(session, admin, "bob builder", field="who") is bob
    for typed in ("Bob", "%", "", "carol@example.org", "x" * 999):
        with pytest.raises(Invalid, match="Nobody here"):
            find_colleague(session, admin, typed, field="who")


def test_spaces_and_their_people_come_in_pages(session, organization, admin, space, closed_space):
    for number in range(5):
        made = make(session, admin, f"Space {number}")
        space_keeping.archive(session, space=made, wanted=number < 2, by=admin, at=NOON)
    for number in range(3):
        member = make_member(session, organization, f"P{number} Person")
        members.join_space(session, member=member, space=made)

    def pages(read):
        found, after = [], None
        while True:
            page = read(after)
            found += page.rows
            if (after := page.next_id) is None:
                return found

    names = [
        each.name
        for each in pages(lambda a: space_keeping.list_page(session, admin, after=a, limit=2))
    ]
    assert names == ["Space 2", "Space 3", "Space 4", "Workshop", "Space 0", "Space 1"]
    within = pages(lambda a: space_keeping.list_within(session, made, after=a, limit=2))
    assert next((m.name, s.role) for m, s in within) == ("Ada Admin", Role.STEWARD)
    assert len(within) == 4


def test_a_question_is_asked_in_the_space_as_it_is_now(session, space, steward):
    session.flush()
    assert space.visibility == OPEN
    session.execute(  # as another process does, while this one has read the space
        update(Space).where(Space.id == space.id).values(visibility=CLOSED.value),
        execution_options={"synchronize_session": False},
    )

    asked = questions.post_question(
        session, space=space, author=steward, title="Who may read this?", at=NOON
    )

    assert asked.visibility == CLOSED
