"""R4, posts: sixteen at once. Counts are exact, one wins where one can, only refusals fail."""

import pytest

from peerqa import identity, tokens
from peerqa.clock import utc_now
from peerqa.database import insert_once, transaction
from peerqa.errors import Conflict, NotAllowed, NotFound
from peerqa.gate import COOKIE, instance_key
from peerqa.models import (
    Answer,
    HelpCount,
    Invitation,
    LedgerEntry,
    Notification,
    Question,
    QuestionTopic,
    Space,
    Vote,
)
from peerqa.models.space import Role
from peerqa.services import (
    answers,
    members,
    questions,
    votes,
)
from peerqa.services.organizations import list_organizations
from peerqa.services.posts import EditConflict
from peerqa.services.recognition import ledger
from peerqa.services.recognition.checking import compare
from peerqa.services.recognition.worth import A_POST
from peerqa.services.routing import ladder
from peerqa.services.routing.scoring import Numbers
from tests.conftest import NOON
from tests.reliability.arena import THREADS, Arena, Stage, count, kinds, load


def test_one_row_of_sixteen_inserts(arena: Arena, stage: Stage):
    outcomes = arena.race(
        lambda s, _: insert_once(
            s, Vote, post_id=stage.question, member_id=stage.bob, created_at=NOON
        )
    )

    assert kinds(outcomes) == {True: 1, False: THREADS - 1}


def test_the_same_vote_counts_once(arena: Arena, stage: Stage):
    outcomes = arena.race(
        lambda s, _: votes.set_vote(
            s, post=s.get_one(Question, stage.question), by=load(s, stage.bob), wanted=True, at=NOON
        )
    )

    assert kinds(outcomes) == {True: 1, False: THREADS - 1}
    assert arena.read(lambda s: s.get_one(Question, stage.question).vote_count) == 1


def test_everybodys_vote_counts(arena: Arena, stage: Stage):
    arena.race(
        lambda s, n: votes.set_vote(
            s,
            post=s.get_one(Answer, stage.answer),
            by=load(s, stage.crowd[n]),
            wanted=True,
            at=NOON,
        )
    )

    assert arena.read(lambda s: s.get_one(Answer, stage.answer).vote_count) == THREADS
    assert arena.read(lambda s: s.get_one(HelpCount, stage.bob).people) == THREADS
    assert arena.read(lambda s: ledger.sum_points(s, stage.bob)) == A_POST
    check_ledger(arena)


def test_of_sixteen_workers_one_asks(arena: Arena, stage: Stage):
    def prepare(session):
        asked = questions.post_question(
            session, space=session.get_one(Space, stage.space), author=load(session, stage.alice),
            title="Who is asked about this?", at=NOON,
        )  # fmt: skip
        members.join_space(
            session, member=load(session, stage.bob), space=asked.space, role=Role.STEWARD
        )
        return asked.id

    with arena.app.app_context(), transaction() as session:
        question_id = prepare(session)
    outcomes = arena.race(
        lambda s, _: len(ladder.climb(s, question_id, {}, at=NOON, numbers=Numbers()))
    )

    assert kinds(outcomes) == {1: 1, 0: THREADS - 1}
    assert count(arena, Invitation.question_id == question_id) == 1
    assert count(arena, Notification.question_id == question_id) == 1


def check_ledger(arena: Arena) -> None:
    """One line for what happened once, and exact sums."""
    for each in arena.read(list_organizations):
        assert not arena.read(lambda s, each=each: compare(s, each))


def test_a_vote_given_and_taken_back_leaves_the_count_that_the_rows_have(arena, stage: Stage):
    arena.race(
        lambda s, n: votes.set_vote(
            s,
            post=s.get_one(Answer, stage.answer),
            by=load(s, stage.alice),
            wanted=n % 2 == 0,
            at=NOON,
        )
    )

    rows = count(arena, Vote.post_id == stage.answer)
    assert arena.read(lambda s: s.get_one(Answer, stage.answer).vote_count) == rows
    check_ledger(arena)


def accept(arena: Arena, stage: Stage, session, answer_id: int) -> None:
    alice = load(session, stage.alice)
    answer = answers.get_answer(session, alice, answer_id)
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)


def test_the_same_acceptance_is_told_once(arena: Arena, stage: Stage):
    outcomes = arena.race(lambda s, _: accept(arena, stage, s, stage.answer))

    assert kinds(outcomes) == {None: THREADS}
    assert arena.read(lambda s: s.get_one(Question, stage.question).accepted_id) == stage.answer
    told = count(arena, Notification.member_id == stage.bob, Notification.reason == "accepted")
    assert told == 1
    assert count(arena, LedgerEntry.member_id == stage.bob) == 1
    check_ledger(arena)


def take_back(stage: Stage, session) -> None:
    bob = load(session, stage.bob)
    answer = answers.get_answer(session, bob, stage.answer)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)


def test_an_answer_that_is_taken_back_sixteen_times_is_counted_once(arena: Arena, stage: Stage):
    outcomes = arena.race(lambda s, _: take_back(stage, s))

    assert set(kinds(outcomes)) <= {None, NotFound.__name__, NotAllowed.__name__}
    assert arena.read(lambda s: s.get_one(Question, stage.question).answer_count) == 0


def test_an_answer_that_is_taken_back_is_not_the_accepted_one(arena: Arena, stage: Stage):
    outcomes = arena.race(
        lambda s, n: take_back(stage, s) if n == 7 else accept(arena, stage, s, stage.answer)
    )

    assert set(kinds(outcomes)) <= {None, NotFound.__name__, NotAllowed.__name__}
    left = arena.read(lambda s: s.get_one(Question, stage.question))
    assert (left.accepted_id, left.answer_count) == (None, 0)


def test_all_answers_are_counted_and_the_asker_is_told_once(arena: Arena, stage: Stage):
    def answer(session, number: int) -> int:
        member = load(session, stage.crowd[number])
        question = questions.get_question(session, member, stage.question)
        return answers.post_answer(
            session, question=question, author=member, body="Me!", at=NOON
        ).id

    outcomes = arena.race(answer)

    assert len(set(outcomes)) == THREADS
    assert arena.read(lambda s: s.get_one(Question, stage.question).answer_count) == THREADS + 1
    told = count(arena, Notification.member_id == stage.alice, Notification.reason == "answered")
    assert told == 1


@pytest.mark.parametrize("kind", ["question", "answer"])
def test_of_sixteen_edits_of_one_text_one_wins(arena: Arena, stage: Stage, kind: str):
    def edit(session, number: int) -> str:
        alice, bob = load(session, stage.alice), load(session, stage.bob)
        text = f"Edit number {number}."
        if kind == "answer":
            answer = answers.get_answer(session, bob, stage.answer)
            answers.edit_answer(session, answer=answer, by=bob, body=text, version=1, at=NOON)
        else:
            question = questions.get_question(session, alice, stage.question)
            questions.edit_question(
                session, question=question, by=alice, title=text, body=text,
                topic_names=[f"topic-{number}"], version=1, at=NOON,
            )  # fmt: skip
        return text

    outcomes = arena.race(edit)

    (won,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert all(isinstance(o, EditConflict) for o in outcomes if o != won)
    post_id = stage.answer if kind == "answer" else stage.question
    table = Answer if kind == "answer" else Question
    left = arena.read(lambda s: s.get_one(table, post_id))
    assert (left.version, left.body) == (2, won)
    if kind == "question":
        assert count(arena, QuestionTopic.question_id == post_id) == 1


def test_two_questions_never_become_duplicates_of_each_other(arena: Arena, stage: Stage):
    with arena.app.app_context(), transaction() as session:
        alice, space = load(session, stage.alice), session.get_one(Space, stage.space)
        members.join_space(session, member=alice, space=space, role=members.Role.STEWARD)
        other = questions.post_question(
            session, space=space, author=alice, title="Who comes second here?", at=NOON
        ).id

    def link(session, number: int) -> None:
        one, two = (stage.question, other) if number % 2 else (other, stage.question)
        steward = load(session, stage.alice)
        questions.mark_duplicate(
            session,
            question=questions.get_question(session, steward, one),
            of=questions.get_question(session, steward, two),
            by=steward,
            at=NOON,
        )

    outcomes = arena.race(link)

    assert kinds(outcomes)[Conflict.__name__] == THREADS // 2
    linked = count(
        arena, Question.id.in_([stage.question, other]), Question.duplicate_of_id.is_not(None)
    )
    assert linked == 1


def test_programs_that_vote_at_once_all_hear_the_same(arena: Arena, stage: Stage):
    with arena.app.app_context(), transaction() as session:
        token = tokens.create_token(session, load(session, stage.bob), name="x", at=utc_now())

    def put(_number: int) -> tuple[int, dict]:
        reply = arena.app.test_client().put(
            f"/api/v1/questions/{stage.question}/vote", headers={"Authorization": f"Bearer {token}"}
        )
        return reply.status_code, reply.json["votes"]

    assert set(arena.rush(put)) == {(200, 1)}


def test_a_form_that_is_sent_sixteen_times_answers_once(arena: Arena, stage: Stage):
    with arena.app.app_context(), transaction() as session:
        made = identity.sign_in(session, load(session, stage.crowd[0]), at=utc_now())
        csrf_token = identity.csrf_token(instance_key(), made.row)

    def post(_number: int) -> int:
        client = arena.app.test_client(use_cookies=False)
        return client.post(
            f"/questions/{stage.question}/answers",
            data={"body": "The same text.", "csrf_token": csrf_token},
            headers={"Cookie": f"{COOKIE}={made.token}"},
        ).status_code

    assert set(arena.rush(post)) == {303}
    assert arena.read(lambda s: s.get_one(Question, stage.question).answer_count) == 2
