"""A copied course: recognized, asked about once, with the older board or its own."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from lti.models import Context, Placement
from lti.placing import copies, placements
from peerqa.database import Base
from peerqa.errors import Conflict, NotAllowed, NotFound
from peerqa.models import Follow, Grade, MailChoice, Membership, Space
from peerqa.models.space import Role, Visibility
from peerqa.services import grades, members, questions
from tests.conftest import NOON
from tests.lti.courses import ISSUER, keep, make_campus

LATER = NOON + timedelta(days=1)


@pytest.fixture
def copy(session, campus, course):
    copy = campus.course("c-2", "Forklifts, autumn")
    copy.copied_from_id = course.id
    session.flush()
    return copy


@pytest.fixture
def teacher(session, course, copy, bob):
    """Keeps both boards."""
    keep(session, bob, course.space)
    return keep(session, bob, copy.space)


def recognize(session, campus, context, **launched):
    copies.recognize(session, campus.launch(context, **launched), context, None)
    return context.copied_from_id


def ask(session, space, author, title="Which licence do I need?", **more):
    return questions.post_question(
        session, space=space, author=author, title=title, at=NOON, **more
    )


def roles_in(session, space_id):
    rows = session.scalars(select(Membership).where(Membership.space_id == space_id))
    return {row.member_id: row.role for row in rows}


def test_the_newest_known_course_of_the_history_is_the_original(session, campus, course):
    newer = campus.course("c-2", "Forklifts, spring")
    copy = campus.course("c-3", "Forklifts, autumn")

    assert recognize(session, campus, copy, history=("unknown", "c-2", "c-1")) == newer.id


def test_the_first_finding_stays(session, campus, course):
    newer = campus.course("c-2", "Forklifts, spring")
    copy = campus.course("c-3", "Forklifts, autumn")
    recognize(session, campus, copy, history=("c-1",))

    assert recognize(session, campus, copy, history=("c-2",)) == course.id != newer.id


@pytest.mark.parametrize("history", [(), ("c-1",), ("C-2",), ("unknown",)])
def test_a_course_is_no_copy_of_itself_or_of_what_is_not_known(session, campus, course, history):
    campus.course("c-2", "Cranes")

    assert recognize(session, campus, course, history=history) is None


def test_another_platforms_course_of_the_same_id_is_no_original(session, campus, organization):
    make_campus(session, organization, issuer=f"{ISSUER}/2").course("c-1", "Cranes")

    assert recognize(session, campus, campus.course("c-2", "Lifts"), history=("c-1",)) is None


def test_another_organizations_course_is_no_original(session, campus, carol):
    theirs = make_campus(session, carol.organization, issuer=f"{ISSUER}/2").course("c-1", "Lab")
    placed = placements.make_placement(
        session, thing=theirs.space, context=theirs, by=carol, at=NOON
    )
    ours = campus.course("c-2", "Lifts")

    copies.recognize(session, campus.launch(ours, history=("c-1",)), ours, placed)

    assert ours.copied_from_id is None


def test_only_who_keeps_the_copy_is_asked_and_only_until_it_is_decided(
    session, course, copy, teacher, alice, admin
):
    assert copies.must_ask(session, teacher, copy)
    assert not copies.must_ask(session, alice, copy)
    assert not copies.must_ask(session, admin, copy)

    copies.keep_fresh(session, context=copy, by=teacher, at=LATER)

    assert not copies.must_ask(session, teacher, copy)


def test_a_fresh_board_stays_as_it_is(session, course, copy, teacher, alice):
    asked = ask(session, copy.space, alice)

    for _twice in range(2):
        copies.keep_fresh(session, context=copy, by=teacher, at=LATER)

    assert (copy.copy_decided_at, copy.space_id) == (LATER, asked.space_id)
    assert copy.space_id != course.space_id


def test_the_same_board_takes_what_was_asked_and_who_is_in_it(
    session, course, copy, teacher, alice, steward
):
    older, fresh = course.space_id, copy.space_id
    asked = ask(session, copy.space, alice)
    deleted = ask(session, copy.space, alice, "Who took my wrench?")
    questions.delete_question(session, question=deleted, by=alice, at=NOON)
    members.join_space(session, member=alice, space=course.space)
    members.join_space(session, member=alice, space=copy.space)
    keep(session, steward, copy.space)
    members.join_space(session, member=steward, space=course.space)

    for _twice in range(2):
        copies.share_board(session, context=copy, by=teacher, at=LATER)

    session.expire_all()
    assert copy.space_id == asked.space_id == deleted.space_id == older
    assert copy.copy_decided_at == LATER
    assert session.get(Space, fresh) is None
    assert roles_in(session, older) == {
        teacher.id: Role.STEWARD, alice.id: Role.LEARNER, steward.id: Role.STEWARD,
    }  # fmt: skip


def test_what_was_placed_follows(session, app, campus, course, copy, teacher, alice):
    link = placements.make_placement(session, thing=copy.space, context=copy, by=teacher, at=NOON)
    copies.share_board(session, context=copy, by=teacher, at=LATER)
    session.expire_all()

    with app.test_request_context():
        launch = campus.launch(copy, custom={"peerqa_id": link.key})
        path = placements.find_target(session, launch, alice, copy)

    assert path == f"/spaces/{course.space_id}"


def test_the_newer_score_goes_on_and_the_gradebook_hears_of_it(
    session, course, copy, teacher, alice, bob
):
    score = {"maximum": 10, "comment": ""}
    grades.set_score(session, member=alice, space=course.space, given=3, at=NOON, **score)
    grades.set_score(session, member=alice, space=copy.space, given=5, at=LATER, **score)
    grades.set_score(session, member=bob, space=course.space, given=9, at=LATER, **score)
    grades.set_score(session, member=bob, space=copy.space, given=1, at=NOON, **score)

    copies.share_board(session, context=copy, by=teacher, at=LATER)

    rows = session.scalars(select(Grade))
    assert {row.member_id: (row.space_id, row.given) for row in rows} == {
        alice.id: (course.space_id, 5), bob.id: (course.space_id, 9),
    }  # fmt: skip


def test_follows_and_choices_of_mail_move_along(session, course, copy, teacher, alice):
    wishes = [(teacher, course, "never"), (teacher, copy, "daily"), (alice, copy, "weekly")]
    for who, where, often in wishes:
        space = where.space_id
        session.add(Follow(member_id=who.id, space_id=space, created_at=NOON))
        session.add(MailChoice(member_id=who.id, space_id=space, kind="x", frequency=often))
    copies.share_board(session, context=copy, by=teacher, at=LATER)

    follows = session.execute(select(Follow.member_id, Follow.space_id)).all()
    assert sorted(follows) == sorted((m.id, course.space_id) for m in (teacher, alice))
    chosen = session.execute(select(MailChoice.member_id, MailChoice.frequency)).all()
    assert dict(chosen) == {teacher.id: "never", alice.id: "weekly"}


def test_a_copy_of_the_copy_moves_along(session, campus, course, copy, teacher):
    third = campus.course("c-3", "Forklifts, winter")
    third.copied_from_id = copy.id
    keep(session, teacher, third.space)
    copies.share_board(session, context=third, by=teacher, at=LATER)

    copies.share_board(session, context=copy, by=teacher, at=LATER)

    session.expire_all()
    assert third.space_id == copy.space_id == course.space_id


def test_what_comes_to_a_closed_board_is_closed(session, campus, teacher, copy, alice):
    closed = campus.course("c-9", "Payroll", visibility=Visibility.SPACE)
    copy.copied_from_id = closed.id
    keep(session, teacher, closed.space)
    asked = ask(session, copy.space, alice)

    copies.share_board(session, context=copy, by=teacher, at=LATER)

    session.expire_all()
    assert asked.visibility == Visibility.SPACE


def test_nobody_joins_a_board_that_is_not_theirs_to_share(session, course, copy, steward, admin):
    keep(session, steward, copy.space)

    with pytest.raises(NotAllowed):
        copies.share_board(session, context=copy, by=steward, at=LATER)
    assert (copy.copy_decided_at, copy.space_id != course.space_id) == (None, True)

    copies.share_board(session, context=copy, by=admin, at=LATER)
    assert copy.space_id == course.space_id


def test_learners_and_other_organizations_decide_nothing(session, copy, alice, carol):
    carol.is_admin = True

    for by in (alice, carol):
        for decide in (copies.keep_fresh, copies.share_board):
            with pytest.raises(NotFound):
                decide(session, context=copy, by=by, at=LATER)
    assert copy.copy_decided_at is None


def test_the_first_decision_stands(session, campus, course, copy, teacher):
    other = campus.course("c-3", "Forklifts, winter")
    other.copied_from_id = course.id
    keep(session, teacher, other.space)
    copies.keep_fresh(session, context=copy, by=teacher, at=LATER)
    copies.share_board(session, context=other, by=teacher, at=LATER)

    with pytest.raises(Conflict):
        copies.share_board(session, context=copy, by=teacher, at=LATER)
    with pytest.raises(Conflict):
        copies.keep_fresh(session, context=other, by=teacher, at=LATER)


def test_every_table_that_names_a_space_is_thought_of():
    naming = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table is inspect(Space).local_table
    }

    assert naming == {
        "question", "membership", "grade", "follow", "mail_choice",
        Context.__tablename__, Placement.__tablename__,
    }  # fmt: skip


def test_the_page_says_what_each_choice_means(browse, copy, teacher):
    page = browse(teacher).get(f"/lti/copies/{copy.id}")

    assert page.status_code == 200
    assert "A board of its own" in page.text
    assert "Use the same board" in page.text


def test_who_keeps_only_the_copy_is_told_whom_to_ask(session, browse, copy, steward):
    page = browse(keep(session, steward, copy.space)).get(f"/lti/copies/{copy.id}")

    assert "Use the same board" not in page.text
    assert "Only stewards of the older board and admins" in page.text


@pytest.mark.every_case
@pytest.mark.parametrize("board", ["same", "fresh", "later"])
def test_a_choice_leads_where_the_link_was_to_go(session, browse, course, copy, teacher, board):
    link = placements.make_placement(
        session, thing=course.space, context=course, by=teacher, at=NOON
    )

    reply = browse(teacher).post(f"/lti/copies/{copy.id}", {"board": board, "link": link.key})

    session.expire_all()
    assert (reply.status_code, reply.location) == (303, f"/spaces/{copy.space_id}")
    assert (copy.space_id == course.space_id) == (board == "same")
    assert (copy.copy_decided_at is None) == (board == "later")


def test_no_choice_is_refused_with_a_sentence(browse, copy, teacher):
    reply = browse(teacher).post(f"/lti/copies/{copy.id}", {"board": "both"})

    assert reply.status_code == 422
    assert "Choose one of the boards." in reply.text


def test_a_decided_copy_shows_the_way_to_its_board(session, browse, copy, teacher):
    copies.keep_fresh(session, context=copy, by=teacher, at=LATER)

    page = browse(teacher).get(f"/lti/copies/{copy.id}")

    assert f'href="/spaces/{copy.space_id}"' in page.text
    assert "One board or two" not in page.text.split("<main")[1]
