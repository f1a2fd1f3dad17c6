"""The word diff of an edit conflict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerqa.web.differences import compare

TEXT = st.text(alphabet="ab \n", max_size=60)


def test_words_that_are_gone_stand_before_words_that_are_new():
    changes = compare("Hold the button until it blinks.", "Hold the feed button until it beeps.")

    assert [(c.kind, c.text) for c in changes] == [
        ("same", "Hold the "),
        ("new", "feed "),
        ("same", "button until it "),
        ("gone", "blinks."),
        ("new", "beeps."),
    ]


@given(TEXT, TEXT)
def test_the_pieces_add_up_to_both_texts(first, second):
    changes = compare(first, second)

    assert "".join(c.text for c in changes if c.kind != "new") == first
    assert "".join(c.text for c in changes if c.kind != "gone") == second


@pytest.mark.timeout(10)
def test_hostile_texts_end_soon():
    for first, second in [("a ", "a b "), ("a b ", "b a "), ("a b c ", "c b a "), ("a ", "b ")]:
        compare(first * 5000, second * 5000)
