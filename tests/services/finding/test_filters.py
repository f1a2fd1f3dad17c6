"""Which questions pass, for whom; what a filter means that names nothing one may see."""

from datetime import timedelta

import pytest

from peerqa.gate import instance_key
from peerqa.models.space import Visibility
from peerqa.services import answers, members, questions, topics, votes
from peerqa.services.asking.anonymous import ask_anonymously
from peerqa.services.finding.filters import (
    count_without,
    list_ids,
    list_passing,
    read_filters,
    sort_ids,
)
from peerqa.services.finding.operators import MOST_TERMS, read_search
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.fixture
def passing(session):
    """Return a function: (member, typed) → the titles that pass, newest first."""

    def find(member, typed, *, order="best"):
        filters = read_filters(session, member, read_search(typed).terms)
        if filters.refused:
            return None
        ids = list_ids(session, filters, order=order, start=0, limit=100)
        assert set(ids) <= list_passing(session, filters)
        return [questions.get_question(session, member, each).title for each in ids]

    return find


@pytest.fixture
def refusals(session):
    def find(member, typed):
        filters = read_filters(session, member, read_search(typed).terms)
        return {str(each.term): each.refused for each in filters.refused}

    return find


@pytest.fixture
def ask(session, space, alice):
    def ask(title, *, days=0, author=alice, where=space, **more):
        at = NOON + days * DAY
        return questions.post_question(
            session, space=where, author=author, title=title, at=at, **more
        )

    return ask


@pytest.fixture
def board(session, ask, alice, bob, steward):
    """Four questions: open, answered, solved, and one of Bob's."""
    ask("Where is it open?", topic_names=["doors"])
    answered = ask("Is it answered now?", days=1, topic_names=["doors", "keys"])
    answers.post_answer(session, question=answered, author=bob, body="So.", at=NOON + 10 * DAY)
    solved = ask("Was it solved well?", days=2, topic_names=["keys"])
    good = answers.post_answer(session, question=solved, author=steward, body="So.", at=NOON)
    answers.accept_answer(session, answer=good, by=alice, at=NOON)
    votes.set_vote(session, post=good, by=bob, wanted=True, at=NOON)
    ask("Who keeps the bikes?", days=3, author=bob)
    session.commit()


OPEN, ANSWERED, SOLVED, BOBS = (
    "Where is it open?", "Is it answered now?", "Was it solved well?", "Who keeps the bikes?"
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [BOBS, SOLVED, ANSWERED, OPEN]),
        ("is:open", [BOBS, OPEN]),
        ("is:answered", [SOLVED, ANSWERED]),
        ("is:solved", [SOLVED]),
        ("topic:doors", [ANSWERED, OPEN]),
        ("topic:Doors topic:keys", [ANSWERED]),
        ("space:workshop", [BOBS, SOLVED, ANSWERED, OPEN]),
        ("author:bob", [BOBS, ANSWERED]),
        ('author:"bob builder" kind:question', [BOBS]),
        ("author:BOB kind:answer", [ANSWERED]),
        ("author:me kind:question", [SOLVED, ANSWERED, OPEN]),
        ("after:2026-06-03", [BOBS, SOLVED, ANSWERED]),
        ("after:2026-06-03 kind:question", [BOBS, SOLVED]),
        ("before:2026-06-02", [SOLVED, OPEN]),
        ("author:bob after:2026-06-10", [ANSWERED]),
        ("author:bob after:2026-06-10 kind:question", []),
        ("after:2026 before:2027-01", [BOBS, SOLVED, ANSWERED, OPEN]),
        ("author:bob author:alice", [ANSWERED]),
        ("is:open is:solved", []),
        ("after:2026-07 before:2026-06", []),
    ],
)
def test_filters_say_what_passes(passing, alice, board, typed, found):
    assert passing(alice, typed) == found


def test_the_most_helpful_come_first(session, passing, alice, board):
    assert passing(alice, "", order="helpful")[0] == SOLVED
    ids = list_passing(session, read_filters(session, alice, []))
    assert list(sort_ids(session, ids, order="newest")) == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("topic:no-such", "There is no topic"),
        ("topic:...", "There is no topic"),
        ("topic:" + "x" * 500, "There is no topic"),
        ("space:nowhere", "There is no space"),
        ("space:99999999999999999999", "There is no space"),
        ("author:nobody", "There is nobody"),
        ("author:%", "There is nobody"),
        ("author:_ob", "There is nobody"),
        ("author:carol", "There is nobody"),
        ("is:lost", "A question is open, answered, solved or verified."),
        ("kind:guess", "A post is a question, an answer or a guide."),
        ("after:yesterday", "A day is written like"),
        ("before:2026-02-30", "A day is written like"),
        ("before:0000", "A day is written like"),
        ("after:२०२६", "A day is written like"),
    ],
)
def test_what_names_nothing_lets_nothing_pass(refusals, alice, carol, board, typed, sentence):
    assert [each for each in refusals(alice, typed).values() if sentence in each]


def test_only_so_many_filters_are_looked_at(refusals, alice, board):
    typed = " ".join(f"topic:t{number}" for number in range(200))

    refused = refusals(alice, typed)

    assert len(refused) == 200
    assert sum("too many" in each for each in refused.values()) == 200 - MOST_TERMS


def test_what_one_may_not_see_is_answered_as_what_is_missing(
    session, refusals, passing, ask, alice, bob, carol, closed_space, board
):
    members.join_space(session, member=alice, space=closed_space)
    ask("What is my pay?", where=closed_space, topic_names=["pay"], visibility="space")
    session.commit()

    assert passing(alice, "topic:pay space:pay") == ["What is my pay?"]
    for typed in ("topic:pay", "space:Pay", f"space:{closed_space.id}"):
        missing = typed.replace("pay", "nil").replace("Pay", "nil")
        missing = missing.replace(str(closed_space.id), "88888")
        for stranger in (bob, carol):
            seen, unseen = refusals(stranger, missing), refusals(stranger, typed)
            assert list(seen.values()) == list(unseen.values()) != []
    assert "What is my pay?" not in passing(bob, "")
    assert passing(carol, "") == []


def test_a_synonym_stands_for_its_topic(session, passing, alice, board):
    topic = topics.get_topic(session, alice.organization_id, "doors")
    topics.add_synonym(session, topic=topic, name="gates")

    assert passing(alice, "topic:gates") == [ANSWERED, OPEN]


def test_a_duplicate_passes_as_its_original(session, passing, ask, alice, steward, board):
    filters = read_filters(session, alice, read_search("is:solved").terms)
    (original,) = list_passing(session, filters)
    again = ask("Was it solved, again?", days=5)
    thread = questions.get_question(session, alice, original)
    questions.mark_duplicate(session, question=again, of=thread, by=steward, at=NOON)
    session.commit()

    assert passing(alice, "is:open") == [BOBS, OPEN], "it is shown as what was solved"
    assert list_passing(session, filters) == {original, again.id}


def test_what_was_taken_back_passes_no_more(session, passing, alice, bob, steward, board):
    session.expire_all()
    filters = read_filters(session, alice, read_search("author:bob kind:answer").terms)
    (found,) = list_passing(session, filters)
    (answer,) = questions.get_question(session, alice, found).answers
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    session.commit()

    assert passing(alice, "author:bob kind:answer") == []
    assert passing(alice, "author:bob") == [BOBS]


def test_it_is_said_which_filter_to_leave_out(session, alice, board):
    filters = read_filters(session, alice, read_search("is:open is:solved topic:doors").terms)

    counts = {str(term): count for term, count in count_without(session, filters).items()}

    assert counts == {"is:open": 0, "is:solved": 1, "topic:doors": 0}


def test_no_author_finds_what_was_asked_anonymously(session, passing, alice, bob, space):
    title = "Who may see my pay slip?"
    ask_anonymously(
        session, space=space, author=alice, title=title, body="", topic_names=[],
        visibility=Visibility.ORGANIZATION, key=instance_key(), at=NOON,
    )  # fmt: skip
    session.commit()

    for typed in ("author:alice", "author:alice kind:question", f"author:{alice.id}"):
        assert not passing(bob, typed)
        assert not passing(alice, typed)
    assert not passing(alice, "author:me")
    assert passing(bob, "is:open kind:question") == [title]
