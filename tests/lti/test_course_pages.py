"""The stewards' pages of a course: who is in it, the column's switch, and each person's score."""

import pytest
from sqlalchemy import select

from lti.models import GradeDelivery, LineItem
from lti.models.grade import DeliveryState
from lti.people import roster
from peerqa.models import Grade
from peerqa.models.space import Role
from peerqa.services import members, questions, spaces
from tests.conftest import NOON
from tests.lti.fake_lms import Answer
from tests.lti.gradebook import Graded, make_graded
from tests.lti.services import ROSTER, one_key, page, person

assert one_key


@pytest.fixture
def graded(session, organization, lms) -> Graded:
    return make_graded(session, organization, lms)


@pytest.fixture
def desk(graded, browse):
    return browse(graded.steward)


def path(graded: Graded, rest: str) -> str:
    return f"/lti/spaces/{graded.course.context.space_id}/{rest}"


def test_a_steward_sees_who_is_here_with_the_roles_that_the_lms_sent(graded, desk, session):
    graded.course.enrolment("ben").left_at = NOON
    session.commit()
    shown = desk.get(path(graded, "roster")).text

    assert "Ann" in shown
    assert '<code dir="ltr">Instructor</code>' in shown
    assert "has left" in shown
    space = desk.get(f"/spaces/{graded.course.context.space_id}").text
    assert path(graded, "roster") in space
    assert path(graded, "grades") in space


def test_the_open_questions_of_who_has_left_are_listed(graded, desk, session):
    for subject, title in (("ann", "Who keeps the ladder?"), ("ben", "Where is the saw?")):
        questions.post_question(
            session, space=graded.course.context.space, author=graded.people[subject],
            title=title, body="Text.", topic_names=[], at=NOON,
        )  # fmt: skip
    session.commit()
    graded.course.lms.answer(ROSTER, page(person("ann", name="Ann"), person("tim", "Instructor")))
    roster.read_due(now=graded.course.now)

    shown = desk.get(path(graded, "roster")).text
    assert "Where is the saw?" in shown
    assert "Who keeps the ladder?" not in shown


def test_a_failed_roster_is_told_and_can_be_read_again(graded, desk, session):
    graded.course.lms.answer(ROSTER, Answer(403))
    roster.read_due(now=graded.course.now)
    assert "status 403" in desk.get(path(graded, "roster")).text

    asked = desk.post(path(graded, "roster"))
    assert "said=roster-asked" in asked.location
    graded.course.context.roster_read_at = graded.course.context.roster_due_at
    session.commit()
    assert "said=roster-fresh" in desk.post(path(graded, "roster")).location


def test_scores_are_switched_on_set_delivered_and_switched_off(graded, desk, session):
    assert "Switch scores on" in desk.get(path(graded, "grades")).text
    sent = {"wanted": "on", "label": "Helping", "maximum": "20"}
    assert desk.post(path(graded, "grades/switch"), sent).status_code == 303
    ann = graded.people["ann"].id
    score = {"member": ann, "given": "7,5", "maximum": "20", "comment": "Thank you"}
    assert desk.post(path(graded, "grades/score"), score).status_code == 303
    from peerqa.clock import utc_now

    graded.course.at = utc_now()
    graded.work()

    (taken,) = graded.book.taken
    assert (taken["scoreGiven"], taken["scoreMaximum"], taken["comment"]) == (7.5, 20, "Thank you")
    assert next(iter(graded.book.columns.values()))["label"] == "Helping"
    shown = desk.get(path(graded, "grades")).text
    assert "In the gradebook" in shown
    assert "7.5 of 20" in shown
    assert desk.post(path(graded, "grades/switch"), {"wanted": "off"}).status_code == 303
    assert session.scalar(select(LineItem.switched_off_at)) is not None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"given": "many"}, "give a number"),
        ({"given": ""}, "give a number"),
        ({"given": "-1"}, "score is 0 or more"),
        ({"given": "nan"}, "score is 0 or more"),
        ({"maximum": "0"}, "score is 0 or more"),
        ({"comment": "x" * 1001}, "at most 1000"),
        ({"member": ""}, "choose whose score"),
        ({"member": "x"}, "choose whose score"),
    ],
)
def test_a_score_that_is_none_is_shown_again_with_a_sentence(
    graded, desk, session, wrong, sentence
):
    ann = {"member": graded.people["ann"].id, "given": "7", "maximum": "10", "comment": "Kept."}
    refused = desk.post(path(graded, "grades/score"), ann | wrong)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert session.scalars(select(Grade)).all() == []


def test_somebody_who_was_never_in_the_course_gets_no_score(graded, desk, session, bob, carol):
    for member in (bob, carol):
        sent = {"member": member.id, "given": "7"}
        assert desk.post(path(graded, "grades/score"), sent).status_code == 404
    for member_id in (bob.id, carol.id, "nobody", "9" * 5000):
        sent = {"member": member_id}
        assert desk.post(path(graded, "grades/again"), sent).status_code == 404

    assert session.scalars(select(Grade)).all() == []


def test_a_course_of_another_space_is_not_found(graded, desk, session):
    sent = {"wanted": "on", "context": graded.course.context.id + 1}

    assert desk.post(path(graded, "grades/switch"), sent).status_code == 404


@pytest.mark.parametrize("wrong", [{"label": "x" * 101}, {"maximum": "0"}, {"maximum": "much"}])
def test_a_column_that_is_none_is_shown_again_with_a_sentence(graded, desk, session, wrong):
    refused = desk.post(path(graded, "grades/switch"), {"wanted": "on"} | wrong)

    assert refused.status_code == 422
    assert session.scalars(select(LineItem)).all() == []


@pytest.mark.parametrize("state", list(DeliveryState))
def test_every_state_has_its_words(graded, desk, session, state):
    row = graded.switch_on()
    session.add(
        GradeDelivery(
            line_item=row, account=graded.course.enrolment("ann").account, state=state,
            error="<b>Told.</b>", attempts=0,
        )
    )  # fmt: skip
    session.commit()

    shown = desk.get(path(graded, "grades")).text
    assert "&lt;b&gt;Told.&lt;/b&gt;" in shown
    assert "Send again" in shown


def test_a_space_that_is_no_course_says_so(graded, browse, session, organization):
    plain = spaces.make_space(session, organization=organization, name="Team", at=NOON)
    members.join_space(session, member=graded.steward, space=plain, role=Role.STEWARD)
    session.commit()
    desk = browse(graded.steward)

    for rest in ("roster", "grades"):
        assert "no course of an LMS" in desk.get(f"/lti/spaces/{plain.id}/{rest}").text
    assert "/roster" not in desk.get(f"/spaces/{plain.id}").text


def test_admins_look_and_change_nothing(graded, browse, admin, session):
    graded.switch_on()
    graded.score("ann", 4)
    session.commit()
    desk = browse(admin)

    for rest in ("roster", "grades"):
        shown = desk.get(path(graded, rest))
        assert shown.status_code == 200
        assert f'action="/lti/spaces/{graded.course.context.space_id}' not in shown.text
    for rest in ("roster", "grades/switch", "grades/again", "grades/score"):
        assert desk.post(path(graded, rest)).status_code == 403


def test_learners_see_neither_page(graded, browse):
    for rest in ("roster", "grades"):
        assert browse(graded.people["ann"]).get(path(graded, rest)).status_code == 403
