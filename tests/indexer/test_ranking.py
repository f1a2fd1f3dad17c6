import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.faiss_index import Neighbour
from indexer.ranking import (
    ASSUMED_SIMILARITY,
    COVERAGE_BONUS,
    COVERAGE_STANDING,
    EXACT_BONUS,
    NO_ANSWER,
    REFINED,
    WORDS_BONUS,
    Ranked,
    Views,
    combine_title_and_body,
    gap,
    gaps,
    keep_exact,
    rank,
    refine,
)


def owners(ranked: list[Ranked]) -> list[int]:
    return [hit.owner for hit in ranked]


def standing_at(*standings: float | None) -> list[Ranked]:
    return [
        Ranked(owner, 0.0, standing, 0.0, False, standing)
        for owner, standing in enumerate(standings, start=1)
    ]


def found(owner: int, similarity: float | None, *, is_exact: bool = False) -> Ranked:
    return Ranked(owner, similarity or 0.0, similarity, 0.0, is_exact)


def test_meaning_alone_keeps_its_order():
    ranked = rank([Neighbour(1, 0.4), Neighbour(2, 0.9)], {}, {}, ())

    assert ranked == [Ranked(2, 0.9, 0.9, 0.0, False), Ranked(1, 0.4, 0.4, 0.0, False)]


def test_words_add_candidates_and_a_small_bonus():
    ranked = rank([Neighbour(1, 0.50), Neighbour(2, 0.48)], {3: 0.2}, {2: 7.0, 3: 14.0}, ())

    assert owners(ranked) == [2, 1, 3]
    assert ranked[0].score == pytest.approx(0.48 + WORDS_BONUS / 2)
    assert ranked[2].words == 1.0


def test_the_best_words_do_not_beat_a_much_nearer_meaning():
    ranked = rank([Neighbour(1, 0.8)], {2: 0.6}, {2: 30.0}, ())

    assert owners(ranked) == [1, 2]


def test_an_error_code_is_on_the_first_page_though_the_model_never_saw_it():
    near = [Neighbour(owner, 0.42) for owner in range(1, 31)]

    ranked = rank(near, {99: 0.25}, {99: 3.0}, {99})

    assert ranked[0].owner == 99
    assert ranked[0].is_exact
    assert ranked[0].score == pytest.approx(0.25 + WORDS_BONUS + EXACT_BONUS)


def test_a_question_without_vectors_yet_is_found_by_its_words():
    ranked = rank([Neighbour(1, 0.5), Neighbour(2, 0.3)], {}, {3: 2.0}, ())

    assert owners(ranked) == [1, 3, 2]
    assert ranked[1].similarity is None


def test_without_a_model_words_decide():
    ranked = rank([], {}, {1: 1.0, 2: 4.0}, {1})

    assert owners(ranked) == [1, 2]
    assert all(hit.similarity is None for hit in ranked)


def test_ties_come_by_smaller_owner_and_zero_scores_are_harmless():
    assert owners(rank([Neighbour(5, 0.5), Neighbour(4, 0.5)], {}, {9: 0.0}, ())) == [4, 5, 9]


def test_nothing_found_is_nothing_ranked():
    assert rank([], {}, {}, ()) == []


def test_a_thread_that_is_near_with_all_its_parts_beats_one_that_is_near_by_luck():
    by_luck = Views(title=0.30, title_body=0.28, answer=0.60)
    agreeing = Views(title=0.55, title_body=0.57, answer=0.50)

    refined = refine([found(1, 0.60), found(2, 0.57)], {1: by_luck, 2: agreeing}, {})

    assert owners(refined) == [2, 1]


def test_the_thread_that_speaks_of_what_was_typed_beats_one_as_near():
    views = Views(0.5, 0.5, 0.5)

    refined = refine([found(1, 0.51), found(2, 0.50)], {1: views, 2: views}, {1: 0.2, 2: 0.9})

    assert owners(refined) == [2, 1]
    assert refined[0].score == pytest.approx(0.50 + COVERAGE_BONUS * 0.9)
    assert refined[0].standing == pytest.approx(0.50 + COVERAGE_STANDING * 0.9)


def test_an_absent_body_is_as_near_as_the_title_and_an_absent_answer_less():
    assert Views(0.6, None, 0.6).agreement == pytest.approx(0.6)
    assert Views(0.6, 0.6, None).agreement == pytest.approx(0.6 - NO_ANSWER / 3)


def test_an_exact_token_stays_first():
    hits = [found(1, 0.45, is_exact=True), found(2, 0.50)]

    assert owners(refine(hits, {1: Views(0.4, 0.4, 0.4), 2: Views(0.5, 0.5, 0.4)}, {})) == [1, 2]


def test_a_hit_without_views_counts_by_its_similarity():
    assert refine([found(1, 0.5)], {}, {})[0].standing == pytest.approx(0.5)


def test_a_hit_without_similarity_stands_nowhere_and_stays_in_the_list():
    refined = refine([found(1, 0.5), found(2, None)], {}, {2: 1.0})

    assert owners(refined) == [1, 2]
    assert refined[1].standing is None


def test_what_is_far_behind_stays_there():
    hits = [found(owner, 1 - owner / 100) for owner in range(1, REFINED + 6)]

    refined = refine(hits, {}, {hit.owner: 1.0 for hit in hits})

    assert owners(refined) == owners(hits)
    assert [hit.standing is None for hit in refined] == [False] * REFINED + [True] * 5


def test_the_gap_is_the_distance_to_the_weighted_mean_of_the_ten_highest_others():
    ranked = standing_at(0.9, *[0.5] * 5, *[0.3] * 5, *[0.1] * 9)

    assert gap(ranked) == pytest.approx(0.9 - weighted(*[0.5] * 5, *[0.3] * 5))
    assert gap(ranked, 1) == pytest.approx(0.5 - weighted(0.9, *[0.5] * 4, *[0.3] * 5))


def test_of_two_that_stand_equally_high_neither_stands_out_much():
    alone, beside = standing_at(0.8, *[0.3] * 10), standing_at(0.8, 0.8, *[0.3] * 10)

    assert gap(beside) == gap(beside, 1)
    assert (gap(beside) or 0) < (gap(alone) or 0)


def weighted(*rivals: float) -> float:
    """The mean of rivals from the highest on, the n-th with a weight of 1/n."""
    weights = [1 / (n + 1) for n in range(len(rivals))]
    return sum(w * each for w, each in zip(weights, rivals, strict=True)) / sum(weights)


def test_the_gap_follows_the_standing_and_not_the_order_shown():
    ranked = standing_at(0.5, 0.9, *[0.4] * 10)

    assert gap(ranked, 0) == pytest.approx(0.5 - weighted(0.9, *[0.4] * 9))
    assert gap(ranked, 1) == pytest.approx(0.9 - weighted(0.5, *[0.4] * 9))


def test_a_lone_hit_does_not_stand_out_from_nothing():
    assert gap(standing_at(0.5)) == pytest.approx(0.5 - ASSUMED_SIMILARITY)


def test_hits_that_were_not_looked_at_again_have_no_gap_and_are_no_rivals():
    ranked = standing_at(0.5, None)

    assert gap(ranked, 1) is None
    assert gap(ranked, 0) == pytest.approx(0.5 - ASSUMED_SIMILARITY)


def test_title_and_body_count_equally_where_both_are_known():
    assert combine_title_and_body({1: 0.8, 2: 0.9}, {1: 0.6, 3: 0.9}) == {1: pytest.approx(0.7)}


@given(st.lists(st.none() | st.sampled_from([0.1, 0.3, 0.30000001, 0.5]) | st.floats(-1, 1.2)))
def test_every_gap_is_the_distance_to_the_ten_others_that_stand_highest(standings):
    ranked = [Ranked(n, 0, 0.5, 0.0, False, each) for n, each in enumerate(standings)]

    for place, found in enumerate(gaps(ranked)):
        others = [each for each in standings[:place] + standings[place + 1 :] if each is not None]
        rivals = sorted(others, reverse=True)[:10]
        rivals += [ASSUMED_SIMILARITY] * (10 - len(rivals))
        own = standings[place]
        assert found == (None if own is None else pytest.approx(own - weighted(*rivals), abs=1e-9))


def test_the_best_hits_with_an_exact_token_are_among_those_looked_at_again():
    ranked = [Ranked(n, 1 - n / 100, 0.5, 0.0, n in {20, 22, 24, 26}) for n in range(30)]

    kept = keep_exact(ranked)

    assert [each.owner for each in kept[:REFINED]] == [*range(REFINED - 3), 20, 22, 24]
    assert sorted(each.owner for each in kept) == list(range(30))
    assert keep_exact(ranked[:15]) == ranked[:15]
