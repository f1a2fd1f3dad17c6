import pytest

from indexer.faiss_index import Neighbour
from indexer.ranking import (
    ASSUMED_SIMILARITY,
    EXACT_BONUS,
    WORDS_BONUS,
    Ranked,
    combine_title_and_body,
    gap,
    rank,
)


def owners(ranked: list[Ranked]) -> list[int]:
    return [hit.owner for hit in ranked]


def by_similarity(*similarities: float | None) -> list[Ranked]:
    return [Ranked(owner, 0.0, s, 0.0, False) for owner, s in enumerate(similarities, start=1)]


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


def test_the_gap_is_the_distance_to_the_mean_of_the_next_ten():
    ranked = by_similarity(0.9, *[0.5] * 5, *[0.3] * 5, *[0.1] * 9)

    assert gap(ranked) == pytest.approx(0.9 - 0.4)
    assert gap(ranked, 1) == pytest.approx(0.5 - (4 * 0.5 + 5 * 0.3 + 0.1) / 10)


def test_the_gap_follows_similarity_and_not_the_order_shown():
    ranked = by_similarity(0.5, 0.9, *[0.4] * 10)

    assert gap(ranked, 0) == pytest.approx(0.1)
    assert gap(ranked, 1) == pytest.approx(0.9 - (0.5 + 9 * 0.4) / 10)


def test_a_lone_hit_does_not_stand_out_from_nothing():
    assert gap(by_similarity(0.5)) == pytest.approx(0.5 - ASSUMED_SIMILARITY)


def test_hits_without_similarity_have_no_gap_and_count_for_none():
    ranked = by_similarity(0.5, None)

    assert gap(ranked, 1) is None
    assert gap(ranked, 0) == pytest.approx(0.5 - ASSUMED_SIMILARITY)


def test_title_and_body_count_equally_where_both_are_known():
    assert combine_title_and_body({1: 0.8, 2: 0.9}, {1: 0.6, 3: 0.9}) == {1: pytest.approx(0.7)}
