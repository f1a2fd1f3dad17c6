"""Whatever happens in whatever order: clamps hold, twice is once, and recomputing says the same."""

from collections import Counter
from datetime import timedelta
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from peerqa.services import answers, votes
from peerqa.services.answering.deletions import bring_back, take_out_of_sight
from peerqa.services.recognition import checking, ledger
from peerqa.services.recognition.worth import A_DAY, A_POST, OF_A_PAIR, Line, Reason, weigh
from tests.conftest import NOON, make_member

LINES = some.sets(
    some.builds(
        Line,
        at=some.integers(0, 24 * 70).map(lambda hours: NOON + timedelta(hours=hours)),
        reason=some.sampled_from([reason.value for reason in Reason]),
        post_id=some.integers(1, 4),
        giver=some.sampled_from(["member:1", "member:2", "asker:3", "solved:4"]),
    ),
    max_size=60,
)
# who votes or accepts, which answer, and whether it is wanted; or an answer goes and comes back
EVENTS = some.lists(
    some.tuples(
        some.sampled_from(["vote", "accept", "delete"]),
        some.integers(0, 2),
        some.integers(0, 2),
        some.booleans(),
    ),
    max_size=12,
)


@given(LINES)
def test_no_day_no_post_and_no_pair_has_more_than_it_may(lines):
    worth = weigh(lines)

    assert set(worth) == lines
    assert min(worth.values(), default=0) >= 0
    days, posts, pairs = Counter(), Counter(), Counter()
    for line, points in worth.items():
        days[line.at.date()] += points
        posts[line.post_id] += points
        if line.reason == "helpful":
            pairs[line.giver, line.at.year, line.at.month] += points
    assert max(days.values(), default=0) <= A_DAY
    assert max(posts.values(), default=0) <= A_POST
    assert max(pairs.values(), default=0) <= sum(OF_A_PAIR)


@given(LINES, some.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(lines, random):
    shuffled = list(lines)
    random.shuffle(shuffled)

    assert weigh(shuffled) == weigh(sorted(lines))


@given(LINES)
def test_without_clamps_a_pair_earns_five_three_one(lines):
    votes = sorted(line for line in lines if line.reason == "helpful")
    apart = [  # each on a day and a post of its own
        line._replace(at=line.at.replace(day=number % 28 + 1), post_id=number)
        for number, line in enumerate(votes[:28])
    ]
    worth = weigh(apart)
    by_pair = sorted(apart, key=lambda line: (line.giver, line.at))
    for _, pair in groupby(by_pair, key=lambda line: (line.giver, line.at.year, line.at.month)):
        earned = [worth[line] for line in pair]
        assert earned == [*OF_A_PAIR, *[0] * len(earned)][: len(earned)]


def happen(session, world, event):
    kind, who, which, wanted = event
    question, given_answers, people = world
    answer, person = given_answers[which], people[who]
    if kind == "delete" and (answer.deleted_at is None) == wanted:
        if wanted:
            take_out_of_sight(session, answer, question, by=None, at=NOON)
        else:
            bring_back(session, answer, question, at=NOON)
    elif answer.deleted_at is None and kind == "vote" and person is not answer.author:
        votes.set_vote(session, post=answer, by=person, wanted=wanted, at=NOON)
    elif answer.deleted_at is None and kind == "accept":
        act = answers.accept_answer if wanted else answers.withdraw_acceptance
        act(session, answer=answer, by=question.author, at=NOON)


def play(session, organization, question, people, events, *, times=1):
    """Return each answerer's points and people helped at the end, and take it all back."""
    world = question, [
        answers.post_answer(session, question=question, author=person, body="So.", at=NOON)
        for person in people
    ], people  # fmt: skip
    for event in events:
        for _ in range(times):
            happen(session, world, event)
    assert not checking.compare(session, organization)
    ids = [person.id for person in people]
    helped = ledger.count_people(session, ids)
    return [(ledger.sum_points(session, each), helped.get(each, 0)) for each in ids]


def check_history(session, organization, question, events):
    """What happens twice at once happened once."""
    people = [make_member(session, organization, name) for name in ("P1", "P2", "P3")]
    results = []
    for times in (1, 2):
        nested = session.begin_nested()
        results.append(play(session, organization, question, people, events, times=times))
        nested.rollback()
        session.expire_all()
    assert results[0] == results[1]


@given(events=EVENTS)
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_recomputing_equals_the_ledger_and_twice_is_once(session, organization, question, events):
    nested = session.begin_nested()
    check_history(session, organization, question, events)
    nested.rollback()
    session.expire_all()


@pytest.mark.long
@given(events=EVENTS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_so_do_many_histories(session, organization, question, events):
    nested = session.begin_nested()
    check_history(session, organization, question, events)
    nested.rollback()
    session.expire_all()


VOTES = some.lists(some.tuples(some.integers(0, 2), some.integers(0, 2)), max_size=9, unique=True)


@given(given_votes=VOTES, random=some.randoms(use_true_random=False))
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_votes_commute(session, organization, question, given_votes, random):
    nested = session.begin_nested()
    people = [make_member(session, organization, name) for name in ("P1", "P2", "P3")]
    events = [("vote", who, which, True) for who, which in given_votes]
    results = []
    for _ in "ab":
        inner = session.begin_nested()
        results.append(play(session, organization, question, people, events))
        inner.rollback()
        session.expire_all()
        random.shuffle(events)
    nested.rollback()
    session.expire_all()

    assert results[0] == results[1]
