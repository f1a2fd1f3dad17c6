from datetime import timedelta

import pytest

from peerqa.models.space import Visibility
from peerqa.paging import read_cursor
from peerqa.services import answers, helped, members, questions, spaces
from peerqa.services.helped import count_helped
from peerqa.services.reading import (
    MemberFigures,
    QuestionFilter,
    count_for,
    list_answers_by,
    list_questions,
)
from peerqa.services.votes import set_vote
from tests.conftest import NOON


def ask(session, space, author, title="How is it?", *, minutes=0, **more):
    return questions.post_question(
        session, space=space, author=author, title=title,
        at=NOON + timedelta(minutes=minutes), **more,
    )  # fmt: skip


def answer(session, question, author, **more):
    return answers.post_answer(
        session, question=question, author=author, body="So.", **{"at": NOON, **more}
    )


def pages(session, member, *, limit, between=lambda _turn: None, **more) -> list[int]:
    """Read to the end, page by page, with something done in between."""
    found, after = [], None
    for turn in range(50):
        page = list_questions(session, member, after=after, limit=limit, **more)
        found += [row.id for row in page.rows]
        assert len(page.rows) <= limit
        if page.next is None:
            return found
        after = read_cursor(page.next)
        between(turn)
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 11, 12, 50])
def test_every_question_is_on_one_page_the_most_active_first(session, space, alice, limit):
    asked = [ask(session, space, alice, minutes=n // 4).id for n in range(11)]  # four at an instant

    assert pages(session, alice, limit=limit) == asked[::-1]


def test_what_is_asked_meanwhile_makes_no_repeats_and_no_gaps(session, space, alice, bob):
    asked = [ask(session, space, alice, minutes=n // 4).id for n in range(11)]

    found = pages(
        session, alice, limit=3,
        between=lambda turn: ask(session, space, bob, minutes=60 + turn),
    )  # fmt: skip

    assert found == asked[::-1]


def test_what_is_taken_back_meanwhile_makes_no_gaps(session, space, alice):
    asked = [ask(session, space, alice, minutes=n) for n in range(8)]

    def take_back(turn) -> None:
        if turn == 0:  # the last of the page that was shown, which the cursor names
            questions.delete_question(session, question=asked[5], by=alice, at=NOON)

    found = pages(session, alice, limit=3, between=take_back)

    assert found == [row.id for row in asked[::-1]]


def test_an_answer_brings_its_question_to_the_top(session, space, alice, bob):
    first, second = (ask(session, space, alice, minutes=n) for n in range(2))
    assert pages(session, bob, limit=9) == [second.id, first.id]

    answer(session, first, bob, at=NOON + timedelta(hours=1))

    assert pages(session, bob, limit=9) == [first.id, second.id]


def test_everybody_has_a_list_of_what_they_may_see(
    session, space, closed_space, alice, bob, admin, carol
):
    for place in (space, closed_space):
        members.join_space(session, member=alice, space=place)
    open_one = ask(session, space, alice)
    for_space = ask(session, space, alice, visibility=Visibility.SPACE)
    closed = ask(session, closed_space, alice)
    gone = ask(session, space, alice)
    questions.delete_question(session, question=gone, by=alice, at=NOON)
    elsewhere = spaces.make_space(
        session, organization=carol.organization, name="Workshop", at=NOON
    )
    foreign = ask(session, elsewhere, carol)

    assert pages(session, alice, limit=2) == [closed.id, for_space.id, open_one.id]
    assert pages(session, bob, limit=2) == [open_one.id]
    assert pages(session, admin, limit=2) == [open_one.id]
    assert pages(session, carol, limit=2) == [foreign.id]


def test_a_filter_of_somewhere_else_opens_nothing(session, space, closed_space, alice, bob, carol):
    members.join_space(session, member=alice, space=closed_space)
    closed = ask(session, closed_space, alice, topic_names=["pay"])
    topic_id = closed.topics[0].id

    for member in (bob, carol):
        for only in (
            QuestionFilter(space_id=closed_space.id),
            QuestionFilter(topic_id=topic_id),
            QuestionFilter(author_id=alice.id),
            QuestionFilter(is_answered=False),
        ):
            assert pages(session, member, limit=5, only=only) == []
    assert pages(session, alice, limit=5, only=QuestionFilter(topic_id=topic_id)) == [closed.id]


def test_filters_narrow_the_list_each_and_together(session, space, organization, alice, bob):
    there = spaces.make_space(session, organization=organization, name="Sales", at=NOON)
    mine = ask(session, space, alice, minutes=1, topic_names=["printer", "labels"])
    theirs = ask(session, there, bob, minutes=2, topic_names=["printer"])
    answer(session, theirs, alice, at=NOON + timedelta(minutes=3))
    printer = next(topic for topic in mine.topics if topic.name == "printer")

    def listed(**only) -> list[int]:
        return pages(session, alice, limit=1, only=QuestionFilter(**only))

    assert listed(space_id=space.id) == [mine.id]
    assert listed(author_id=bob.id) == [theirs.id]
    assert listed(is_answered=True) == [theirs.id]
    assert listed(is_answered=False) == [mine.id]
    assert listed(topic_id=printer.id) == [theirs.id, mine.id]
    assert listed(topic_id=printer.id, is_answered=False) == [mine.id]
    assert listed(author_id=bob.id, space_id=space.id) == []


def test_somebodys_answers_are_those_that_one_may_see(session, space, alice, bob, carol):
    members.join_space(session, member=alice, space=space)
    members.join_space(session, member=bob, space=space)
    open_one = ask(session, space, alice)
    for_space = ask(session, space, alice, visibility=Visibility.SPACE)
    first = answer(session, open_one, bob)
    second = answer(session, for_space, bob, at=NOON + timedelta(minutes=1))
    gone = answer(session, open_one, bob)
    answers.delete_answer(session, answer=gone, by=bob, at=NOON)
    outsider = members.create_member(session, organization=alice.organization, name="Olga", at=NOON)

    assert list(list_answers_by(session, alice, bob.id)) == [second, first]
    assert list(list_answers_by(session, alice, bob.id, limit=1)) == [second]
    assert list(list_answers_by(session, outsider, bob.id)) == [first]
    assert list(list_answers_by(session, carol, bob.id)) == []


def test_figures_count_what_one_may_see(session, space, alice, bob, steward, carol):
    members.join_space(session, member=alice, space=space)
    members.join_space(session, member=bob, space=space)
    open_one = ask(session, space, alice)
    for_space = ask(session, space, alice, visibility=Visibility.SPACE)
    seen, hidden = (answer(session, question, bob) for question in (open_one, for_space))
    gone = answer(session, open_one, bob)
    for one in (seen, hidden, gone):
        set_vote(session, post=one, by=alice, wanted=True, at=NOON)
    set_vote(session, post=seen, by=steward, wanted=True, at=NOON)
    answers.accept_answer(session, answer=seen, by=alice, at=NOON)
    seen.solved_count = 3
    answers.delete_answer(session, answer=gone, by=bob, at=NOON)
    session.flush()
    outsider = members.create_member(session, organization=alice.organization, name="Olga", at=NOON)

    assert count_for(session, alice, bob.id) == MemberFigures(0, 2, 1, 6)
    assert count_for(session, outsider, bob.id) == MemberFigures(0, 1, 1, 5)
    assert count_for(session, alice, alice.id) == MemberFigures(2, 0, 0, 0)
    assert count_for(session, outsider, alice.id) == MemberFigures(1, 0, 0, 0)
    assert count_for(session, carol, bob.id) == MemberFigures(0, 0, 0, 0)


def test_people_helped_is_the_one_figure_beside_a_name(session, space, question, alice, bob, carol):
    seen = answer(session, question, bob)
    set_vote(session, post=seen, by=alice, wanted=True, at=NOON)
    seen.solved_count = 2
    session.flush()
    answer(session, question, alice)

    ids = [alice.id, bob.id, 0]
    assert count_helped(session, alice, ids) == {bob.id: 3}
    assert count_helped(session, carol, ids) == {}
    assert count_helped(session, alice, []) == {}

    question.visibility = Visibility.SPACE
    session.flush()
    assert count_helped(session, alice, ids) == {}


def test_a_deleted_answer_helped_nobody_any_more(session, question, alice, bob):
    gone = answer(session, question, bob)
    set_vote(session, post=gone, by=alice, wanted=True, at=NOON)
    answers.delete_answer(session, answer=gone, by=bob, at=NOON)

    assert count_helped(session, alice, [bob.id]) == {}


def test_what_took_many_rows_is_remembered_for_who_sees_the_same(
    session, space, question, alice, bob, steward, monkeypatch
):
    monkeypatch.setattr(helped, "MANY", 2)
    monkeypatch.setattr(helped, "_remembered", {})
    first = answer(session, question, bob)
    answer(session, question, bob)
    set_vote(session, post=first, by=alice, wanted=True, at=NOON)
    assert count_helped(session, alice, [bob.id]) == {bob.id: 1}

    set_vote(session, post=first, by=steward, wanted=True, at=NOON)
    assert count_helped(session, alice, [bob.id]) == {bob.id: 1}
    assert count_helped(session, steward, [bob.id]) == {bob.id: 2}  # is in another space

    later = helped.monotonic() + helped.REMEMBERED_SECONDS
    monkeypatch.setattr(helped, "monotonic", lambda: later)
    assert count_helped(session, alice, [bob.id]) == {bob.id: 2}
