"""R4: of those who decide about a copied course at once, the first is heard; nothing is lost."""

from sqlalchemy import select

from lti.models import Context
from lti.placing import copies
from peerqa.database import transaction
from peerqa.errors import Conflict
from peerqa.models import Member, Organization, Question, Space
from peerqa.services import questions
from tests.conftest import NOON
from tests.lti.courses import keep, make_campus
from tests.reliability.arena import THREADS, Arena, Stage


def copy_course(arena: Arena, stage: Stage) -> tuple[int, int, int]:
    """Return the ids of a copied course, of its question, and of the older board."""
    with arena.app.app_context(), transaction() as session:
        alice = session.get_one(Member, stage.alice)
        organization = session.get_one(Organization, alice.organization_id)
        campus = make_campus(session, organization, issuer=f"https://lms{stage.space}.example")
        older = campus.course("c-1", f"Older {stage.space}")
        copy = campus.course("c-2", f"Copy {stage.space}")
        copy.copied_from_id = older.id
        for course in (older, copy):
            keep(session, alice, course.space)
        asked = questions.post_question(
            session, space=copy.space, author=alice, title="Where is my helmet?", at=NOON
        )
        return copy.id, asked.id, older.space_id


def test_the_first_decision_is_the_only_one(arena: Arena, stage: Stage):
    copy_id, question_id, older_id = copy_course(arena, stage)

    def decide(session, number: int) -> str:
        by = session.get_one(Member, stage.alice)
        context = copies.get_copy(session, by, copy_id)
        act = copies.share_board if number % 2 else copies.keep_fresh
        act(session, context=context, by=by, at=NOON)
        return act.__name__

    outcomes = arena.race(decide)

    (decided,) = {outcome for outcome in outcomes if isinstance(outcome, str)}
    assert outcomes.count(decided) == THREADS // 2  # to say the same again is harmless
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == THREADS // 2
    space_id = arena.read(lambda s: s.scalar(select(Context.space_id).filter_by(id=copy_id)))
    asked_in = arena.read(lambda s: s.scalar(select(Question.space_id).filter_by(id=question_id)))
    assert asked_in == space_id
    assert (space_id == older_id) == (decided == "share_board")
    assert arena.read(lambda s: s.get(Space, space_id)) is not None
