"""Rosters: all pages, all people, and who is gone; what fails is remembered and not hammered."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti.models import Account
from lti.people import roster
from lti.people.accounts import find_or_make_account
from lti.people.enrolment import enter_course
from peerqa.models import Member, Membership
from peerqa.models.space import Role
from peerqa.services import members
from tests.conftest import NOON
from tests.lti.fake_lms import Answer
from tests.lti.services import (
    MEMBERSHIP,
    ROSTER,
    Course,
    make_course,
    one_key,
    page,
    person,
    read,
    state,
)

assert one_key


@pytest.fixture
def course(session, organization, lms) -> Course:
    return make_course(session, organization, lms)


def role(course: Course, subject: str) -> str | None:
    return course.session.scalar(
        select(Membership.role).where(
            Membership.member_id == course.member(subject).id,
            Membership.space_id == course.context.space_id,
        )
    )


def test_people_come_in_with_their_roles(course):
    read(
        course,
        page(
            person("ann", "Learner", name="Ann", email="Ann@Example.org"),
            person("tim", f"{MEMBERSHIP}Instructor", name="Tim Teacher"),
            person("kim", "Learner", "Instructor", given_name="Kim", family_name="Both"),
            person("odd", "urn:x:Wizard", 7, name="Odd"),
        ),
    )

    assert course.names() == ["Ann", "Kim Both", "Odd", "Tim Teacher"]
    assert course.member("ann").email == "ann@example.org"
    assert role(course, "ann") == role(course, "odd") == Role.LEARNER
    assert role(course, "tim") == role(course, "kim") == Role.STEWARD
    assert state(course).roster_read_at == NOON
    assert state(course).roster_due_at == NOON + timedelta(hours=4)
    (asked,) = course.lms.asked_for(ROSTER)
    assert "membershipcontainer+json" in asked.headers["Accept"]


def test_nobody_is_called_the_same_for_want_of_a_name(course):
    read(
        course,
        page(person("ann"), person("ben", name="$Person.name.full"), person("cem", name=" ")),
    )

    assert len(set(course.names())) == 3
    assert all(name.startswith("Member ") for name in course.names())


def test_a_name_may_begin_with_a_dollar(course):
    read(course, page(person("ann", name="$am Ann")))

    assert course.names() == ["$am Ann"]


def test_an_address_that_somebody_has_already_is_left_out(course, bob):
    read(course, page(person("ann", email="bob@example.org"), person("ben", email="no address")))

    assert course.member("ann").email is None
    assert course.member("ann").id != bob.id
    assert course.member("ben").email is None


def test_every_page_is_read(course):
    url = course.lms.url.upper().replace("HTTP", "http")
    course.lms.answer("/ROSTER/Page2", page(person("ben", name="Ben"), next=f"{url}/p?Page=3"))
    course.lms.answer("/p", page(person("cem", name="Cem")))
    first = Answer(
        body={"members": [person("ann", name="Ann")]},
        headers=(
            ("Link", f'<{url}/other,comma>; rel=differences; title="a,b; rel=next"'),
            ("LINK", f'<{url}/first>; rel="first", <{url}/ROSTER/Page2>; Rel="last NEXT"'),
        ),
    )
    read(course, first)

    assert course.names() == ["Ann", "Ben", "Cem"]
    assert course.lms.asked[-2].path == "/ROSTER/Page2"
    assert course.lms.asked[-1].path == "/p?Page=3"


def test_who_is_gone_is_marked_and_comes_back(course):
    both = page(person("ann", name="Ann"), person("ben", name="Ben"), person("cem", name="Cem"))
    read(course, both)
    course.later(hours=4)
    read(
        course,
        page(person("ann"), person("ben", status="Inactive"), person("dan", status="Deleted")),
    )

    assert course.names() == ["Ann"]
    assert course.enrolment("dan") is None
    for gone in ("ben", "cem"):
        assert course.enrolment(gone).left_at == course.at
        assert course.member(gone).inactive_at == course.at
        assert role(course, gone) is None

    course.later(hours=4)
    read(course, both)
    assert course.names() == ["Ann", "Ben", "Cem"]
    assert course.member("ben").inactive_at is None
    assert role(course, "ben") == Role.LEARNER
    assert course.session.scalar(select(func.count()).select_from(Account)) == 3


def test_the_same_roster_again_changes_nothing(course):
    people = page(person("ann", name="Ann"), person("tim", "Instructor"))
    read(course, people)
    course.later(hours=4)
    before = course.session.scalar(select(func.count()).select_from(Member))
    read(course, people)

    assert course.session.scalar(select(func.count()).select_from(Member)) == before
    assert course.enrolment("ann").seen_at == course.at
    assert role(course, "tim") == Role.STEWARD


def test_somebody_in_several_sections_is_there_if_one_has_them(course):
    read(course, page(person("ann", status="Inactive"), person("ann", "Instructor")))

    assert course.enrolment("ann").left_at is None
    assert role(course, "ann") == Role.STEWARD


def test_a_role_that_the_roster_leaves_out_stays(course):
    read(course, page(person("tim", "Instructor"), person("ann")))
    course.later(hours=4)
    read(course, page({"user_id": "tim", "name": "Tim"}, person("ann")))

    assert role(course, "tim") == Role.STEWARD


def test_who_has_another_course_or_another_way_in_stays_active(course, session, organization, bob):
    other = make_course(session, organization, course.lms, issuer="https://second.example")
    read(course, page(person("ann"), person("bob"), person("tim", "Instructor")))
    ann, linked = course.enrolment("ann").account, course.enrolment("bob").account
    linked.member, bob.created_at = bob, NOON - timedelta(days=1)
    enter_course(session, ann, other.context, received=("Learner",), rules={}, at=NOON)
    other.context.roster_due_at = None
    session.commit()
    course.later(hours=4)
    read(course, page(person("tim", "Instructor")))

    assert course.enrolment("ann").left_at == course.at
    assert course.member("ann").inactive_at is None
    assert course.member("bob").inactive_at is None
    assert role(course, "ann") == Role.LEARNER, "her other course is the same space"
    assert role(course, "bob") is None


def test_an_admin_and_the_test_student_are_not_shut_out(course, session, organization):
    read(course, page(person("ann"), person("ada"), person("tim", "Instructor")))
    course.member("ada").is_admin = True
    account = find_or_make_account(
        session, platform=course.platform, organization=organization, subject="test",
        name=None, email=None, is_test=True, at=NOON,
    )  # fmt: skip
    enter_course(session, account, course.context, received=(), rules={}, at=NOON)
    session.commit()
    course.later(hours=4)
    read(course, page(person("ann")))

    assert course.enrolment("ada").left_at == course.at
    assert course.member("ada").inactive_at is None
    assert course.enrolment("test").left_at is None


def test_who_an_admin_closed_is_not_opened_by_a_roster(course, session):
    people = page(person("ann"), person("ben"))
    read(course, people)
    members.close(session, member=course.member("ben"), at=NOON + timedelta(minutes=1))
    session.commit()
    course.later(hours=4)
    read(course, people)

    assert course.member("ben").inactive_at == NOON + timedelta(minutes=1)


def test_who_launches_while_the_roster_is_read_is_there(course, session):
    read(course, page(person("ann"), person("ben")))
    course.later(hours=4)
    course.enrolment("ben").account.seen_at = course.at
    session.commit()
    read(course, page(person("ann")))

    assert course.enrolment("ben").left_at is None


def test_a_course_of_many_is_read_in_several_transactions(course, monkeypatch):
    monkeypatch.setattr(roster, "AT_ONCE", 3)
    read(course, page(*(person(f"p{n}", name=f"P{n}") for n in range(10))))
    assert len(course.names()) == 10

    course.later(hours=4)
    read(course, page(person("p0")))
    assert course.names() == ["P0"]


def test_reading_again_by_hand_has_a_pause_too(course, session):
    read(course, page(person("ann")))
    assert not roster.ask_again(session, course.context, at=NOON + timedelta(minutes=4))
    assert roster.ask_again(session, course.context, at=NOON + timedelta(minutes=6))
    assert course.context.roster_due_at == NOON + timedelta(minutes=6)
