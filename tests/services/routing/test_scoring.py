"""Who is likely to know: what an answer adds, and who is picked."""

from hypothesis import given
from hypothesis import strategies as st

from peerqa.services.routing.choosing import Candidate, is_for_newcomer, pick
from peerqa.services.routing.scoring import Evidence, Standing, Why, score, worth

HALF_LIFE = 90


def value(**more):
    return worth(
        Evidence(1, **{"similarity": 0.6, "age_days": 10, **more}), half_life_days=HALF_LIFE
    )


def test_what_helped_says_more_than_what_was_only_written():
    plain = value()
    assert plain < value(is_accepted=True) < value(is_accepted=True, is_verified=True)
    assert plain < value(helped=1) < value(helped=3) < value(is_accepted=True, helped=3)
    assert value(topic="payroll") > plain


def test_a_half_life_halves_and_the_same_asker_counts_less():
    assert abs(value(age_days=100) - value(age_days=10) / 2) < 1e-9
    assert value(has_same_asker=True) < value()
    assert value(age_days=-5) == value(age_days=0)  # clocks differ


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(-1, 1), st.floats(0, 900)), max_size=12))
def test_the_order_of_what_is_read_makes_no_difference(rows):
    evidence = [Evidence(member, near, age) for member, near, age in rows]
    there = score(evidence, half_life_days=HALF_LIFE)
    back = score(reversed(evidence), half_life_days=HALF_LIFE)

    assert there.keys() == back.keys()
    assert all(abs(there[each].score - back[each].score) < 1e-9 for each in there)
    assert all(each.score > 0 for each in there.values())


def test_each_explains_itself_by_the_strongest_reason():
    rows = [
        Evidence(1, 0.6, 1, helped=1, topic="payroll"),
        Evidence(1, 0.5, 1),
        Evidence(2, 0.5, 1),
    ]
    known = score(rows, half_life_days=HALF_LIFE)

    assert known[1].explain() == (Why.SOLVED, 1, "payroll")
    assert known[2].explain() == (Why.ANSWERED, 1, "")
    assert Standing(said=Why.KEEPER, topic="payroll").explain() == (Why.KEEPER, 0, "payroll")
    far = score([Evidence(1, 0.2, 1, helped=3)], half_life_days=HALF_LIFE)[1]
    assert far.explain() == (Why.NEAR, 0, "")
    assert far.solved == 1
    assert Standing().explain() == (Why.LEARNED, 0, "")


def expert(member_id, points, **more):
    return Candidate(member_id, Standing(score=points, solved=9, answered=9), **more)


def test_the_likeliest_are_picked_and_who_was_asked_often_gives_way():
    people = [expert(1, 1.0), expert(2, 0.9), expert(3, 0.8), expert(4, 0.1)]
    assert [each.member_id for each in pick(7, people, count=3, newcomer_every=0)] == [1, 2, 3]

    tired = [expert(1, 1.0, load=30), *people[1:]]
    assert [each.member_id for each in pick(7, tired, count=3, newcomer_every=0)] == [2, 3, 1]

    later = [expert(1, 1.0, wait_days=2.0), *people[1:]]  # at work the day after tomorrow
    assert [each.member_id for each in pick(7, later, count=2, newcomer_every=0)] == [2, 3]


def test_who_is_at_work_later_is_compared_with_the_others_only():
    """On a Saturday everybody waits until Monday, and nothing changes."""
    people = [expert(1, 1.0, wait_days=2.0), expert(2, 0.9, wait_days=2.0)]
    assert [each.member_id for each in pick(7, people, count=1, newcomer_every=0)] == [1]


def test_one_place_in_five_goes_to_a_newcomer():
    places = [(q, slot) for q in range(2_000) for slot in range(3)]
    share = sum(is_for_newcomer(*each, 5) for each in places) / len(places)
    assert 0.18 < share < 0.22
    assert not any(is_for_newcomer(*each, 0) for each in places)


def test_of_newcomers_the_least_asked_comes_first_and_nobody_comes_twice():
    newcomers = [Candidate(8, Standing(), load=3), Candidate(9, Standing(), load=0)]
    people = [expert(1, 1.0), *newcomers]

    chosen = pick(7, people, count=3, newcomer_every=1)

    assert [each.member_id for each in chosen] == [9, 8, 1]
    assert chosen[0].why is Why.LEARNED


def test_who_said_that_it_is_not_theirs_is_no_candidate():
    passed = Candidate(1, Standing(score=-0.2, answered=1))
    assert pick(7, [passed], count=3, newcomer_every=1) == []
