"""Finding votes that are not fair, in offices that are made up; python -m … prints the figures."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerqa.services.recognition.fairness import Gift, Offer, Pattern, find, tail
from tests.services.recognition.offices import BEGAN, Size, make_office

SEEDS = range(100, 110)
HONEST = {
    "two people": Size(2, 2, 200, 120),
    "three people": Size(3, 2, 300, 200),
    "eight people": Size(8, 3, 400, 500),
    "forty people": Size(40, 8, 1_000, 2_500),
    "a department": Size(100, 8, 3_000, 9_000),
}
COMPANY = Size(300, 30, 5_000, 12_000)


@pytest.mark.parametrize("size", HONEST.values(), ids=HONEST)
def test_nobody_is_accused_where_all_are_honest(size):
    for seed in SEEDS if size.people < 100 else SEEDS[:3]:
        office = make_office(seed, size)
        assert find(office.gifts, office.offer) == [], seed


def figures(size, seeds, **unfair):
    right = wrong = missed = 0
    for seed in seeds:
        office = make_office(seed, size, **unfair)
        found = find(office.gifts, office.offer)
        votes = {(gift.giver, gift.post_id) for each in found for gift in each.gifts}
        right += len(votes & office.unfair)
        wrong += len(votes - office.unfair)
        missed += len(office.unfair - votes)
    return right / max(1, right + wrong), right / max(1, right + missed)


def test_in_a_company_what_is_found_is_unfair_and_most_is_found():
    precision, recall = figures(COMPANY, SEEDS[:3], pairs=5, rings=3, bursts=5)
    assert precision >= 0.95
    assert recall >= 0.6


def office_of(people, answers_each=20):
    offer, answers = Offer(), {}
    for number, author in product(range(answers_each), range(people)):
        answers[author, number] = author * 1_000 + number
        offer.add((1, 1), author, votes=1)
    return offer, answers


def votes(answers, giver, receiver, count, *, apart):
    return [
        Gift(giver, receiver, BEGAN + n * apart, answers[receiver, n], (1, 1)) for n in range(count)
    ]


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_a_burst_is_found_and_the_same_over_weeks_is_not():
    offer, answers = office_of(12)
    (found,) = find(votes(answers, 1, 2, 7, apart=MINUTE), offer)
    assert (found.pattern, len(found.gifts), found.people) == (Pattern.BURST, 7, {1, 2})
    assert find(votes(answers, 1, 2, 7, apart=DAY), offer) == []
    assert find(votes(answers, 1, 2, 4, apart=MINUTE), offer) == []


def test_two_and_three_who_give_each_other_are_a_ring_and_an_admirer_is_none():
    offer, answers = office_of(12)
    one, two, three = (
        votes(answers, giver, receiver, 12, apart=DAY)
        for giver, receiver in ((1, 2), (2, 3), (3, 1))
    )
    back = votes(answers, 2, 1, 12, apart=DAY)
    (pair,) = find([*one, *back], offer)
    assert (pair.pattern, pair.people, len(pair.gifts)) == (Pattern.RING, {1, 2}, 24)
    (three_of_them,) = find([*one, *two, *three], offer)
    assert three_of_them.people == {1, 2, 3}
    assert find(one, offer) == []
    assert find([*one, *two], offer) == []


@pytest.mark.parametrize("people", [2, 3, 5])
def test_where_few_answer_nothing_is_known(people):
    offer, answers = office_of(people)
    both = [
        *votes(answers, 0, 1, 20, apart=MINUTE),
        *votes(answers, 1, 0, 20, apart=MINUTE),
    ]
    assert find(both, offer) == []


@given(st.lists(st.floats(0, 1), max_size=8), st.integers(0, 9))
@settings(max_examples=60)
def test_the_tail_is_what_all_outcomes_add_up_to(chances, count):
    whole = 0.0
    for outcome in product((0, 1), repeat=len(chances)):
        if sum(outcome) >= count:
            chance = 1.0
            for each, happened in zip(chances, outcome, strict=True):
                chance *= each if happened else 1 - each
            whole += chance
    assert tail(chances, count) == pytest.approx(whole, abs=1e-9)


@given(st.randoms())
@settings(max_examples=20)
def test_the_order_in_which_votes_are_read_makes_no_difference(shuffle):
    offer, answers = office_of(12)
    all_votes = [
        *votes(answers, 1, 2, 12, apart=DAY),
        *votes(answers, 2, 1, 12, apart=DAY),
        *votes(answers, 3, 4, 6, apart=MINUTE),
    ]
    before = find(all_votes, offer)
    shuffle.shuffle(all_votes)
    assert set(find(all_votes, offer)) == set(before)


def report():
    """Yield each kind of office with precision and recall of single votes."""
    for name, size in HONEST.items():
        yield name, figures(size, SEEDS)
    every = {"pairs": 5, "rings": 3, "bursts": 5}
    for unfair in (*({kind: count} for kind, count in every.items()), every):
        yield f"a company, {unfair}", figures(COMPANY, SEEDS, **unfair)
    yield "forty people", figures(HONEST["forty people"], SEEDS, pairs=2, rings=1, bursts=2)


if __name__ == "__main__":
    for each in report():
        print(*each)  # noqa: T201 - a command
