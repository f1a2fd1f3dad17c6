"""R4, merging: sixteen at once close no circle, count exactly, and lose no answer."""

import pytest
from sqlalchemy import func, select

from peerqa.database import db, transaction
from peerqa.models import Answer, Comment, Merge, Question, Space
from peerqa.services import answers, comments, members, questions
from peerqa.services.answering import merges
from tests.conftest import NOON
from tests.reliability.arena import Arena, Stage, kinds, load


@pytest.fixture
def other(arena: Arena, stage: Stage) -> int:
    with arena.app.app_context(), transaction() as session:
        alice, space = load(session, stage.alice), session.get_one(Space, stage.space)
        members.join_space(session, member=alice, space=space, role=members.Role.STEWARD)
        return questions.post_question(
            session, space=space, author=alice, title="Who comes second here?", at=NOON
        ).id


def merge(session, stage: Stage, source: int, target: int) -> None:
    steward = load(session, stage.alice)
    merges.merge(
        session,
        source=questions.get_question(session, steward, source),
        target=questions.get_question(session, steward, target),
        by=steward,
        at=NOON,
    )


def counts(session) -> dict[int, tuple[int, int]]:
    """Return what each question says that it has, and what it has."""
    rows = session.execute(
        select(Question.id, Question.answer_count, func.count(Answer.__table__.c.id))
        .outerjoin(Answer.__table__, Answer.__table__.c.question_id == Question.id)
        .group_by(Question.id, Question.answer_count)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def test_of_two_merges_into_each_other_one_is_done(arena: Arena, stage: Stage, other: int):
    pairs = [(stage.question, other), (other, stage.question)]
    outcomes = arena.race(lambda s, n: merge(s, stage, *pairs[n % 2]))

    assert kinds(outcomes)[None] == 1
    done = (
        select(func.count()).select_from(Merge).where(Merge.source_id.in_([stage.question, other]))
    )
    assert arena.read(lambda s: s.scalar(done)) == 1
    assert all(said == has for said, has in arena.read(counts).values())


def test_an_answer_that_is_given_while_merging_is_at_the_end(arena: Arena, stage: Stage, other):
    def act(session, number: int) -> None:
        if number == 7:
            merge(session, stage, stage.question, other)
            return
        member = load(session, stage.crowd[number])
        question = questions.get_question(session, member, stage.question)
        answers.post_answer(session, question=question, author=member, body="Me!", at=NOON)

    outcomes = arena.race(act)

    assert kinds(outcomes) == {None: 16}
    found = arena.read(counts)
    assert (found[stage.question], found[other]) == ((0, 0), (16, 16))


def test_what_is_done_to_an_answer_while_it_moves_is_done_where_it_is(
    arena: Arena, stage: Stage, other: int
):
    def act(session, number: int) -> None:
        alice = load(session, stage.alice)
        if number == 7:
            merge(session, stage, stage.question, other)
            return
        answer = answers.get_answer(session, alice, stage.answer)
        if number % 2:
            answers.accept_answer(session, answer=answer, by=alice, at=NOON)
        else:
            comments.post_comment(session, parent=answer, author=alice, body="Yes.", at=NOON)

    assert kinds(arena.race(act)) == {None: 16}
    with arena.app.app_context():
        ours = (Question.id.in_([stage.question, other]), Question.accepted_id.is_not(None))
        accepted = db.session.scalars(select(Question).where(*ours)).all()
        assert all(each.id == other for each in accepted)
        remarks = db.session.scalars(select(Comment).where(Comment.parent_id == stage.answer)).all()
        assert {remark.question_id for remark in remarks} == {other}
