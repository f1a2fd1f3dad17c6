"""What is an operator in the search box, and what stays words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerqa.services.finding.operators import OPERATORS, read_search


@pytest.mark.parametrize(
    ("typed", "words", "terms"),
    [
        ("printer shifts left", "printer shifts left", []),
        ("topic:label-printer is:open shifts", "shifts", ["topic:label-printer", "is:open"]),
        ('author:"Ana Costa" shifts', "shifts", ['author:"Ana Costa"']),
        ("TOPIC:x  Topic:x", "", ["topic:x"]),
        ('printed "error topic:x 12" today', 'printed "error topic:x 12" today', []),
        (
            "https://intra/topic:x mailto:ana foo:bar",
            "https://intra/topic:x mailto:ana foo:bar",
            [],
        ),
        ('topic: is:"" space:" "', 'topic: is:"" space:" "', []),
        ('author:"Ana Co', "Co", ["author:Ana"]),
        ('what is "this topic:x', 'what is "this', ["topic:x"]),
        ("topic:größe space:日本", "", ["topic:größe", "space:日本"]),
        ("", "", []),
    ],
)
def test_operators_are_told_from_words(typed, words, terms):
    asked = read_search(typed)

    assert asked.words == words
    assert [str(term) for term in asked.terms] == terms


@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(OPERATORS).flatmap(
                lambda key: st.text(max_size=9).map(f"{key}:".__add__)
            ),
            st.sampled_from(['"', ' "', 'author:"A B"', "is:open"]),
        ),
        max_size=8,
    ).map(" ".join)
)
def test_a_search_that_is_written_out_reads_the_same(typed):
    """Whatever was typed: chips, links to the next page and kept searches are written out."""
    asked = read_search(typed)

    again = read_search(str(asked))

    assert (again.words, list(again.terms)) == (asked.words, list(asked.terms))
