"""Where a resource launch goes."""

import pytest

from lti.launching.launch import Link
from lti.placing import placements
from peerqa.errors import NotFound
from peerqa.models.space import Visibility
from peerqa.services import comments, members, organizations, questions, spaces, topics
from tests.conftest import NOON
from tests.lti.courses import ISSUER, keep, make_campus

GONE = "?said=placed-gone"


@pytest.fixture
def go(app, session, campus, alice):
    def go(context, *, as_=alice, **more):
        with app.test_request_context():
            launch = campus.launch(context, **more)
            return placements.find_target(session, launch, as_, context)

    return go


@pytest.fixture
def place(session, course, bob):
    def place(thing, **more):
        made = placements.make_placement(
            session, thing=thing, context=course, by=bob, at=NOON, **more
        )
        return {"peerqa_id": made.key}

    return place


def test_a_link_with_nothing_placed_opens_the_course_and_without_a_course_home(go, course):
    assert go(course) == f"/spaces/{course.space_id}"
    assert go(None) == "/"
    assert go(course, custom={"peerqa_id": ""}) == f"/spaces/{course.space_id}"


def test_each_kind_opens_what_was_placed(session, go, place, course, space, question):
    topic = question.topics[0]

    assert go(course, custom=place(course.space)) == f"/spaces/{course.space_id}"
    assert go(course, custom=place(space)) == f"/spaces/{space.id}"
    assert go(course, custom=place(topic)) == "/topics/label-printer"
    assert go(course, custom=place(question)) == f"/questions/{question.id}"
    assert go(None, custom=place(question)) == f"/questions/{question.id}"


def test_what_is_gone_opens_the_board_and_says_so(session, go, place, course, question, alice):
    custom = place(question)
    questions.delete_question(session, question=question, by=alice, at=NOON)

    assert go(course, custom=custom) == f"/spaces/{course.space_id}{GONE}"
    assert go(course, custom={"peerqa_id": "never-was"}) == f"/spaces/{course.space_id}{GONE}"
    assert go(None, custom=custom) == f"/{GONE}"


def test_the_sentence_stands_on_the_board(browse, course, alice):
    page = browse(alice).get(f"/spaces/{course.space_id}{GONE}")

    assert "What was linked here is gone" in page.text


def test_a_closed_space_and_its_topic_stay_closed(session, go, place, course, closed_space, bob):
    members.join_space(session, member=bob, space=closed_space)
    asked = questions.post_question(
        session, space=closed_space, author=bob, title="What do we earn?",
        topic_names=["pay"], at=NOON,
    )  # fmt: skip

    for thing in (closed_space, asked, asked.topics[0]):
        assert go(course, custom=place(thing)) == f"/spaces/{course.space_id}{GONE}"
    assert go(course, custom=place(asked), as_=bob) == f"/questions/{asked.id}"


def test_another_organizations_placement_is_as_if_it_never_was(session, go, course, carol, alice):
    theirs = spaces.make_space(session, organization=carol.organization, name="Lab", at=NOON)
    made = placements.make_placement(session, thing=theirs, context=None, by=carol, at=NOON)

    assert go(course, custom={"peerqa_id": made.key}) == f"/spaces/{course.space_id}{GONE}"
    with pytest.raises(NotFound):
        placements.make_placement(session, thing=theirs, context=course, by=alice, at=NOON)


def test_links_made_by_hand_name_what_they_open(session, go, course, space, question, closed_space):
    assert go(course, custom={"peerqa_space": "Workshop"}) == f"/spaces/{space.id}"
    assert go(course, custom={"peerqa_topic": "label-printer"}) == "/topics/label-printer"
    assert go(course, custom={"peerqa_question": str(question.id)}) == f"/questions/{question.id}"
    remark = comments.post_comment(
        session, parent=question, author=question.author, body="Still.", at=NOON
    )
    assert go(course, custom={"peerqa_post": str(remark.id)}) == f"/answers/{remark.id}"
    topics.add_synonym(session, topic=question.topics[0], name="printer")
    assert go(course, custom={"peerqa_topic": "printer"}) == "/topics/label-printer"


@pytest.mark.every_case
@pytest.mark.parametrize(
    "custom",
    [
        {"peerqa_space": "Pay"},
        {"peerqa_space": "No such"},
        {"peerqa_topic": "\x00"},
        {"peerqa_question": "9" * 5000},
        {"peerqa_question": "²"},
        {"peerqa_question": "-1"},
        {"peerqa_post": "2000000000"},
    ],
)
def test_a_name_that_leads_nowhere_says_so(go, course, closed_space, custom):
    assert go(course, custom=custom) == f"/spaces/{course.space_id}{GONE}"


def test_a_link_is_known_again_by_its_id_when_the_platform_loses_the_parameter(
    go, place, course, question
):
    go(course, custom=place(question), link=Link("old", "Printer"))

    assert go(course, link=Link("old", "Printer")) == f"/questions/{question.id}"
    assert go(course, link=Link("new", "Printer", ("x", "old"))) == f"/questions/{question.id}"
    assert go(course, link=Link("other", "Printer")) == f"/spaces/{course.space_id}"


def test_a_links_id_says_nothing_in_another_deployment(session, app, go, place, course, question):
    go(course, custom=place(question), link=Link("old", "Printer"))
    elsewhere = make_campus(session, course.deployment.organization, issuer=f"{ISSUER}/2")
    context = elsewhere.course("c-1", "Cranes")
    launch = elsewhere.launch(context, link=Link("old", "Printer"))

    with app.test_request_context():
        path = placements.find_target(session, launch, question.author, context)

    assert path == f"/spaces/{context.space_id}"


def test_the_same_choice_twice_is_one_placement(session, place, course):
    assert place(course.space, key="k" * 40) == place(course.space, key="k" * 40)
    assert place(course.space) != place(course.space)


def test_a_copied_link_opens_the_board_of_the_course_it_is_clicked_in(campus, go, place, course):
    custom = place(course.space)
    copy = campus.course("c-2", "Forklifts, autumn")

    assert go(copy, custom=custom) == f"/spaces/{copy.space_id}"


def test_a_link_to_another_board_opens_that_board_in_a_copy_too(campus, go, place, space, course):
    copy = campus.course("c-2", "Forklifts, autumn")

    assert go(copy, custom=place(space)) == f"/spaces/{space.id}"


def test_the_steward_of_a_copy_is_asked_first(session, campus, go, place, course, bob):
    custom = place(course.space)
    copy = campus.course("c-2", "Forklifts, autumn")
    keep(session, bob, copy.space)

    path = go(copy, custom=custom, as_=bob)

    assert path == f"/lti/copies/{copy.id}?link={custom['peerqa_id']}"
    assert copy.copied_from_id == course.id


def test_a_closed_course_is_seen_by_who_is_in_it(session, campus, go, place, bob, alice):
    closed = campus.course("c-9", "Payroll", visibility=Visibility.SPACE)
    members.join_space(session, member=alice, space=closed.space)

    assert go(closed, custom={}) == f"/spaces/{closed.space_id}"


def test_an_organization_alone_holds_the_key(session, place, course, question):
    other = organizations.make_organization(session, name="Third", at=NOON)

    assert placements.find_by_key(session, other.id, place(question)["peerqa_id"]) is None
