import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.coverage import coverages

WORDS = st.lists(st.sampled_from(["lever", "bar", "brake", "spongy"]), unique=True)


def test_a_text_with_every_word_is_covered_and_one_with_none_is_not():
    shares = coverages(["lever", "bar"], {1: {"the", "lever", "bar"}, 2: {"printer"}})

    assert shares == {1: pytest.approx(1.0), 2: 0.0}


def test_a_rare_word_weighs_more_than_one_that_all_have():
    shares = coverages(["brake", "spongy"], {1: {"brake", "spongy"}, 2: {"brake"}, 3: {"brake"}})

    assert shares[1] == pytest.approx(1.0)
    assert shares[2] == shares[3] < 0.4


def test_a_word_that_nobody_uses_is_missing_from_all():
    assert coverages(["brake", "lunch"], {1: {"brake"}})[1] < 0.5


def test_nothing_typed_covers_nothing():
    assert coverages([], {1: {"brake"}}) == {1: 0.0}
    assert coverages(["brake"], {}) == {}


@given(words=WORDS, texts=st.dictionaries(st.integers(), WORDS))
def test_it_is_a_share(words, texts):
    shares = coverages(words, texts)

    assert shares.keys() == texts.keys()
    assert all(0 <= share <= 1 + 1e-9 for share in shares.values())
