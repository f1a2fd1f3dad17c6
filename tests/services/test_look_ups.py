"""Evidence of looking: what is counted, and what a later event may change."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.models import LookUp, LookUpHit, Solved
from peerqa.models.space import Visibility
from peerqa.secrets import InstanceKey
from peerqa.services import answers, look_ups, members, questions
from peerqa.services.look_ups import LookUpSource, ShownHit
from peerqa.services.notifications import list_unread
from tests.conftest import NOON

KEY = InstanceKey(b"k" * 32)
DAY = timedelta(days=1)


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)


@pytest.fixture
def dora(session, organization):
    return members.create_member(session, organization=organization, name="Dora", at=NOON)


def source(member, key="page", typed="label printer", surface="ask") -> LookUpSource:
    return LookUpSource(member, key, surface, typed)


def hit(question, answer=None) -> ShownHit:
    return ShownHit(question.id, answer.id if answer else None, 0.7, 0.2, 0.9)


def show(session, src, *hits, at=NOON) -> LookUp:
    return look_ups.record_shown(session, source=src, hits=hits, key=KEY, at=at)


def say(session, src, one, outcome, at=NOON) -> None:
    look_ups.record_outcome(session, source=src, hit=one, outcome=outcome, key=KEY, at=at)
    session.expire_all()


def outcomes(session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(LookUpHit.outcome).order_by(LookUpHit.id)))


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_what_is_shown_is_kept_with_the_figures_it_was_judged_by(session, question, answer, dora):
    row = show(session, source(dora, typed="  label printer "), hit(question, answer))

    (kept,) = session.scalars(select(LookUpHit)).all()
    assert (row.typed, row.surface, row.outcome) == ("label printer", "ask", "typed")
    assert (kept.question_id, kept.answer_id, kept.outcome) == (question.id, answer.id, "shown")
    assert (kept.similarity, kept.gap, kept.probability) == (0.7, 0.2, 0.9)


def test_one_look_up_is_one_row_and_the_last_pause_wins(session, question, dora):
    for typed in ("lab", "label prin", "label printer blinks", " "):
        show(session, source(dora, typed=typed), hit(question))

    (row,) = session.scalars(select(LookUp)).all()
    session.refresh(row)
    assert row.typed == "label printer blinks"
    assert count(session, LookUpHit) == 1


def test_what_is_typed_is_cut(session, dora):
    assert len(show(session, source(dora, typed="a" * 999)).typed) == look_ups.MAX_TYPED


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["opened"], "opened"),
        (["refused"], "refused"),
        (["refused", "opened"], "refused"),
        (["opened", "refused", "opened"], "refused"),
        (["refused", "confirmed"], "confirmed"),
        (["confirmed", "refused", "opened"], "confirmed"),
    ],
)
def test_a_later_event_never_weakens_what_was_said(session, question, dora, said, kept):
    show(session, source(dora), hit(question))
    for outcome in said:
        say(session, source(dora), hit(question), outcome)
        show(session, source(dora), hit(question))  # typing goes on

    assert outcomes(session) == [kept]


def test_it_is_said_of_one_hit_and_not_of_the_others(session, space, question, alice, dora):
    other = questions.post_question(
        session, space=space, author=alice, title="Where are labels?", at=NOON
    )
    show(session, source(dora), hit(question), hit(other))

    say(session, source(dora), hit(other), "refused")

    assert outcomes(session) == ["shown", "refused"]


def test_an_outcome_counts_though_what_was_shown_was_lost(session, question, dora):
    say(session, source(dora), hit(question), "opened")

    assert outcomes(session) == ["opened"]


def test_confirming_credits_the_author_and_tells_them_once(session, question, answer, bob, dora):
    for _ in range(2):
        say(session, source(dora), hit(question, answer), "confirmed")

    assert answer.solved_count == 1
    assert count(session, Solved) == 1
    (told,) = list_unread(session, bob)
    assert (told.reason, told.actor_id) == ("solved", None)
    assert session.scalars(select(LookUp.outcome)).all() == ["confirmed"]


def test_a_question_is_solved_once_for_a_person_whatever_the_day(session, question, answer, dora):
    for day in range(3):
        src = source(dora, key=f"page-{day}")
        say(session, src, hit(question, answer), "confirmed", at=NOON + day * DAY)

    assert (answer.solved_count, count(session, Solved)) == (1, 1)


def test_another_person_counts_again(session, question, answer, alice, dora, steward):
    for member in (dora, steward):
        say(session, source(member), hit(question, answer), "confirmed")

    assert (answer.solved_count, count(session, Solved)) == (2, 2)


def test_nothing_is_counted_for_ones_own(session, question, answer, alice, bob):
    for member in (alice, bob):  # who asked, and who answered
        say(session, source(member), hit(question, answer), "confirmed")

    assert (answer.solved_count, count(session, Solved)) == (0, 0)
    assert list_unread(session, bob) == []


def test_the_accepted_answer_is_credited_when_none_was_quoted(session, question, answer, dora):
    question.accepted_id = answer.id
    say(session, source(dora), hit(question), "confirmed")

    assert answer.solved_count == 1


def test_the_accepted_answer_is_credited_when_the_quoted_one_went(
    session, question, answer, steward, dora
):
    gone = answers.post_answer(session, question=question, author=steward, body="No.", at=NOON)
    answers.delete_answer(session, answer=gone, by=steward, at=NOON)
    question.accepted_id = answer.id

    say(session, source(dora), hit(question, gone), "confirmed")

    assert (answer.solved_count, gone.solved_count) == (1, 0)


def test_a_question_without_answers_is_solved_and_credits_nobody(session, question, dora):
    say(session, source(dora), hit(question), "confirmed")

    assert session.scalars(select(Solved.answer_id)).all() == [None]


def test_an_answer_of_another_question_is_not_credited(session, space, question, alice, bob, dora):
    other = questions.post_question(session, space=space, author=alice, title="Other?", at=NOON)
    foreign = answers.post_answer(session, question=other, author=bob, body="So.", at=NOON)

    say(session, source(dora), hit(question, foreign), "confirmed")

    assert foreign.solved_count == 0


def test_what_one_may_not_see_any_more_is_not_counted(session, question, answer, dora, alice):
    show(session, source(dora), hit(question, answer))
    question.visibility = Visibility.SPACE
    session.flush()
    say(session, source(dora), hit(question, answer), "confirmed")
    assert (answer.solved_count, outcomes(session)) == (0, ["shown"])

    question.visibility = Visibility.ORGANIZATION
    question.deleted_at = NOON
    session.flush()
    say(session, source(dora), hit(question, answer), "confirmed")
    assert (answer.solved_count, count(session, Solved)) == (0, 0)


def test_a_foreign_member_confirms_nothing(session, question, answer, carol):
    say(session, source(carol), hit(question, answer), "confirmed")

    assert (answer.solved_count, count(session, LookUp)) == (0, 0)


def test_posting_anyway_is_how_it_ended(session, question, dora):
    show(session, source(dora), hit(question))

    look_ups.record_posted(session, source=source(dora), key=KEY, at=NOON)

    assert session.scalars(select(LookUp.outcome)).all() == ["posted"]
    assert outcomes(session) == ["shown"]
