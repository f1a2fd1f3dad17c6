"""may() and its SQL twin visible_to() agree, over everybody and everything there can be.

The population is every combination of: who (learner, steward or not in the space; admin or not;
active or gone; here, elsewhere, or elsewhere and put into our space by mistake) and what (open or
closed question, in an open or a closed space, there or deleted, here or elsewhere). It is small
enough to be tried whole.
"""

from dataclasses import dataclass
from itertools import product

import pytest
from sqlalchemy import select

from peerqa.models import Answer, Comment, Member, Membership, Organization, Question, Space
from peerqa.models.space import Role, Visibility
from peerqa.permissions import RULES, is_author, is_steward, may, visible_to
from peerqa.services.spaces import list_spaces
from tests.conftest import NOON

NOT_OF_POSTS = {"ask", "steward", "admit", "administer"}  # asked of spaces and organizations
OUT_OF_SIGHT_TOO = {"restore", "moderate"}  # each has a test of its own


@dataclass
class Population:
    members: list[Member]
    questions: list[Question]
    spaces: list[Space]


@pytest.fixture
def population(session) -> Population:
    here, elsewhere = (Organization(name=name, created_at=NOON) for name in ("Here", "Elsewhere"))
    session.add_all([here, elsewhere])
    session.flush()
    spaces = [
        Space(organization_id=o.id, name=f"{v}", visibility=v.value, created_at=NOON)
        for o, v in product((here, elsewhere), Visibility)
    ]
    session.add_all(spaces)
    session.flush()
    members = [
        make_member(organization, spaces[:2], *rest)
        for organization, *rest in product(
            (here, elsewhere), (None, *Role), (None, *Role), (False, True), (None, NOON)
        )
    ]
    session.add_all(members)
    session.flush()
    questions = [
        make_question(space, visibility, deleted_at, author)
        for space, visibility, deleted_at, author in product(
            spaces, Visibility, (None, NOON), (None, members[0], members[-1])
        )
    ]
    session.add_all(questions)
    session.flush()
    return Population(members, questions, spaces)


def make_member(organization, spaces, role_in_open, role_in_closed, is_admin, inactive_at):
    roles = zip(spaces, (role_in_open, role_in_closed), strict=True)
    return Member(
        organization=organization,
        name="Somebody",
        is_admin=is_admin,
        created_at=NOON,
        inactive_at=inactive_at,
        memberships=[Membership(space_id=s.id, role=role.value) for s, role in roles if role],
    )


def make_question(space, visibility, deleted_at, author) -> Question:
    return Question(
        organization_id=space.organization_id,
        space=space,
        visibility=visibility.value,
        title="How do I reset it?",
        author=author,
        created_at=NOON,
        active_at=NOON,
        deleted_at=deleted_at,
    )


def test_the_population_has_everybody_and_everything(population):
    assert len(population.members) == 2 * 3 * 3 * 2 * 2
    assert len(population.questions) == 4 * 2 * 2 * 3


def test_a_list_shows_exactly_what_each_may_see(session, population):
    for member in population.members:
        if member.inactive_at is not None:
            continue  # nobody who has left comes as far as a list
        listed = set(session.scalars(select(Question.id).where(visible_to(member))))
        allowed = {q.id for q in population.questions if may(member, "see", q)}
        assert listed == allowed, (member.organization.name, member.memberships)


def test_the_list_of_spaces_is_exactly_what_each_may_see(session, population):
    for member in population.members:
        if member.inactive_at is None:
            listed = set(list_spaces(session, member))
            assert listed == {s for s in population.spaces if may(member, "see", s)}


def test_nobody_does_anything_across_organizations_or_after_leaving(population):
    for member, thing in product(population.members, population.questions):
        if thing.organization_id != member.organization_id or member.inactive_at is not None:
            assert [act for act in RULES if may(member, act, thing)] == []


def test_nobody_does_anything_to_what_they_may_not_see(population):
    acts = RULES.keys() - NOT_OF_POSTS - OUT_OF_SIGHT_TOO
    for member, thing in product(population.members, population.questions):
        if not may(member, "see", thing):
            assert [act for act in acts if may(member, act, thing)] == []


def test_what_is_deleted_is_given_back_by_who_would_see_it_and_wrote_or_keeps_it(population):
    for member, thing in product(population.members, population.questions):
        there = Question(
            organization_id=thing.organization_id, space_id=thing.space_id,
            visibility=thing.visibility, author_id=thing.author_id,
        )  # fmt: skip
        keeps = is_author(member, there) or is_steward(member, thing.space_id)
        assert may(member, "restore", thing) == (may(member, "see", there) and keeps)


def test_what_is_hidden_is_moderated_by_who_would_see_it_and_keeps_it_but_by_no_author(population):
    moderated = 0
    for member, thing in product(population.members, population.questions):
        there = Question(
            organization_id=thing.organization_id, space_id=thing.space_id,
            visibility=thing.visibility, author_id=thing.author_id,
        )  # fmt: skip
        keeps = member.is_admin or is_steward(member, thing.space_id)
        decides = may(member, "see", there) and keeps and not is_author(member, there)
        assert may(member, "moderate", thing) == decides
        moderated += decides
    assert moderated


def test_a_closed_question_is_seen_by_its_space_and_by_nobody_else(population):
    seen = 0
    for member, thing in product(population.members, population.questions):
        if thing.visibility == Visibility.SPACE and may(member, "see", thing):
            assert thing.space_id in {m.space_id for m in member.memberships}
            seen += 1
    assert seen


def test_admins_see_no_more_than_others(population):
    for admin, other in zip(population.members[2::4], population.members[0::4], strict=True):
        assert (admin.is_admin, other.is_admin) == (True, False)
        assert [may(admin, "see", q) for q in population.questions] == [
            may(other, "see", q) for q in population.questions
        ]


def test_answers_and_comments_are_seen_with_their_question_unless_deleted(population):
    for member, thing in product(population.members[::5], population.questions):
        for kind in (Answer, Comment):
            post = kind(organization_id=thing.organization_id, question=thing)
            gone = kind(organization_id=thing.organization_id, question=thing, deleted_at=NOON)
            assert may(member, "see", post) == may(member, "see", thing)
            assert not may(member, "see", gone)
            assert not may(member, "edit", gone)


def test_what_each_role_may_do_with_a_colleagues_question(population):
    """Spelled out, so that a rule cannot change without being seen here."""
    learner, steward = (
        next(
            m for m in population.members
            if [x.role for x in m.memberships] == [role] * 2 and m.organization.name == "Here"
            and not m.is_admin and not m.inactive_at
        )
        for role in Role
    )  # fmt: skip
    thing = next(q for q in population.questions if q.author is None and not q.deleted_at)

    acts = RULES.keys() - NOT_OF_POSTS
    assert {a for a in acts if may(learner, a, thing)} == {
        *("see", "answer", "comment", "vote", "follow", "invite", "flag")
    }
    assert {a for a in acts if may(steward, a, thing)} == acts
    assert not may(steward, "administer", steward.organization)


def test_an_author_edits_and_deletes_but_does_not_vote(population):
    author = population.members[0]
    thing = next(q for q in population.questions if q.author is author and not q.deleted_at)

    may_do = {act for act in RULES.keys() - NOT_OF_POSTS if may(author, act, thing)}

    assert may_do == {
        *("see", "answer", "comment", "follow", "invite", "edit", "delete", "restore", "accept"),
        *("convert", "mark_duplicate"),
    }


def test_a_post_without_an_author_is_nobodys_own(population):
    thing = next(q for q in population.questions if q.author is None and not q.deleted_at)
    somebody = next(
        m for m in population.members if may(m, "see", thing) and not is_steward(m, thing.space_id)
    )

    assert not may(somebody, "edit", thing)
    assert may(somebody, "vote", thing)


def test_whoever_sees_a_space_asks_there_and_admins_administer(population):
    for member, space in product(population.members, population.spaces):
        assert may(member, "ask", space) == may(member, "see", space)
        present = member.inactive_at is None
        assert may(member, "administer", member.organization) == (member.is_admin and present)
        assert may(member, "see", member.organization) == present


def test_an_act_that_nobody_declared_is_an_error(alice, question):
    with pytest.raises(KeyError):
        may(alice, "burn", question)
