"""The queue where a page of it is of several spaces, and where nobody can act on it."""

from peerqa.models import Member
from peerqa.models.space import Role
from peerqa.services import answers, members, questions, spaces
from peerqa.services.upkeep import queue
from tests.conftest import NOON
from tests.services.upkeep.test_reviews import doubt, review
from tests.statements import noted_statements


def test_a_page_of_the_queue_has_its_spaces_with_it(
    session, organization, question, answer, alice, bob, steward
):
    elsewhere = spaces.make_space(session, organization=organization, name="Elsewhere", at=NOON)
    members.join_space(session, member=steward, space=elsewhere, role=Role.STEWARD)
    asked = questions.post_question(
        session, space=elsewhere, author=alice, title="Where is the forklift?", at=NOON
    )
    there = answers.post_answer(session, question=asked, author=bob, body="Two.", at=NOON)
    for each in (answer, there):
        doubt(session, each, alice)
        review(session, each)
    steward_id = steward.id
    session.expunge_all()
    rows = queue.list_queue(
        session, session.get_one(Member, steward_id), at=NOON, everything=True
    ).rows
    with noted_statements() as noted:
        threads = [row.answer.question for row in rows]
        assert {(each.space.name, each.mask) for each in threads} >= {("Elsewhere", None)}
    assert (len(rows), noted) == (2, [])


def test_what_nobody_can_look_at_is_not_due(session, space, answer, alice, bob, steward):
    doubt(session, answer, alice)
    assert review(session, answer) is not None
    space.archived_at = NOON
    session.flush()
    assert queue.list_queue(session, steward, at=NOON).rows == []
    assert review(session, answer) is None
