from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sentences import LONGEST_SPAN, MOST_SPANS, Span, split


def passages(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


LONG = "This sentence is long enough to stand for itself."
OTHER = "And this one has more than forty characters as well!"


def test_each_long_sentence_is_a_passage():
    assert passages(f"{LONG} {OTHER}") == [LONG, OTHER]


def test_a_short_sentence_is_quoted_with_its_neighbour():
    assert passages(f"Yes. {LONG} {OTHER}") == [f"Yes. {LONG}", OTHER]
    assert passages(f"{LONG} Done.") == [f"{LONG} Done."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Use a supported client, e.g. Cisco AnyConnect, and sign in again today.",
        "Version 2.3.1 costs 4.50 euros a month and is on https://example.com/a.b?c=d. today.",
        "Ask Dr. Miller or J. Smith in the third building about the new badge printer.",
        "Bitte wenden Sie sich z.B. an die Personalabteilung, bzw. an Ihre Führungskraft.",
        "Am 3. Mai wird das alte Portal abgeschaltet und durch das neue ersetzt.",
        "See fig. 4 and no. 12 of the handbook before you order a second monitor.",
        "She said “Really?” and went on to explain how the expense report works.",
        "Wait for it… then press the green button on the left side of the screen.",
    ],
)
def test_a_sentence_is_not_cut_inside(sentence):
    assert passages(f"{sentence} {OTHER}") == [sentence, OTHER]


def test_a_closing_quote_belongs_to_its_sentence():
    assert passages(f'He wrote: "Restart the whole thing and wait." {OTHER}') == [
        'He wrote: "Restart the whole thing and wait."',
        OTHER,
    ]


def test_the_answer_no_ends_its_sentence():
    text = "The short answer to this question is no. Expenses always need a receipt, in every case."

    assert len(passages(text)) == 2


def test_text_without_spaces_between_sentences_is_cut_too():
    first, second = "请" * 45 + "。", "好" * 45 + "。"

    assert passages(first + second) == [first, second]


def test_paragraphs_do_not_flow_together():
    assert passages("First\n\nsecond\n \nthird") == ["First", "second", "third"]


def test_a_line_break_inside_a_paragraph_is_white_space():
    assert passages("One sentence over\ntwo lines.") == ["One sentence over\ntwo lines."]


def test_a_list_item_is_whole():
    text = (
        "Do this:\n• Open the settings. Choose Work.\n• Restart.\n"
        "1. First. Then.\n12) Last\ngoes on"
    )

    assert passages(text) == [
        "Do this:",
        "• Open the settings. Choose Work.",
        "• Restart.",
        "1. First. Then.",
        "12) Last\ngoes on",
    ]


def test_a_code_block_is_whole_and_without_its_fences():
    code = "import this\n\n• print(1). Print(2)\n    indented"

    assert passages(f"Run it:\n\n```\n{code}\n```\n\nThen wait.") == ["Run it:", code, "Then wait."]


def test_a_code_block_that_never_ends_is_code_to_the_end():
    assert passages("```\nselect 1\n\nselect 2\n") == ["select 1\n\nselect 2"]


def test_a_passage_that_is_too_long_is_cut_at_words():
    text = "word " * 300

    cut = passages(text)

    assert [len(piece) <= LONGEST_SPAN for piece in cut] == [True] * 3
    assert " ".join(cut) == text.strip()


def test_a_word_that_is_too_long_is_cut_anyway():
    assert [len(piece) for piece in passages("x" * 1_500)] == [600, 600, 300]


def test_there_is_an_end_to_passages():
    assert len(split("A.\n\n" * 1_000)) == MOST_SPANS


@pytest.mark.parametrize("text", ["", " \n ", "```\n```", "\n\n\n"])
def test_nothing_has_no_passages(text):
    assert split(text) == []


parts = st.sampled_from(
    ["A word. ", "e.g. ", "Is it? ", "\n\n", "\n", "• item ", "1. ", "```", "3.5", "ä", "。", " "]
)


@given(text=st.one_of(st.text(max_size=2_000), st.lists(parts, max_size=60).map("".join)))
def test_passages_hold_every_character_once_and_in_order(text):
    spans = split(text)

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert all(span.end - span.start <= LONGEST_SPAN for span in spans)
    assert all(text[s.start : s.end] == text[s.start : s.end].strip() for s in spans)
    if "```" not in text and len(spans) < MOST_SPANS:
        held = "".join(text[span.start : span.end] for span in spans)
        assert "".join(held.split()) == "".join(text.split())


def test_a_span_is_a_pair():
    assert Span(1, 2) == (1, 2)
