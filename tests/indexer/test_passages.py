import numpy as np
import pytest

from indexer.documents import LONGEST_TEXT
from indexer.passages import is_of_text, is_of_title, mix, nearest, passages_hash, quotable
from indexer.sentences import LONGEST_SPAN, split

TITLE = "How do I reset the printer?"


def quoted(text: str) -> list[str]:
    return [each.text for each in quotable(TITLE, text)]


def test_a_lead_in_is_not_quoted_but_what_follows_it():
    assert quoted("Do this:\n• Open it.\n• Close it.") == ["• Open it.", "• Close it."]
    assert quoted("Run it:\n\n```\nreboot\n```") == ["reboot"]
    assert quoted("这样做：\n• 打开。") == ["• 打开。"]


@pytest.mark.parametrize("text", ["It says:", "First:\n\nSecond:", "```\nservices:\n```\n\nLast:"])
def test_a_colon_that_leads_to_nothing_is_quoted(text):
    assert quoted(text)[-1].endswith(":")


def test_code_that_ends_in_a_colon_is_quoted():
    assert quoted("```\nservices:\n```\n\nThat is the first line of it.")[0] == "services:"


def test_the_context_is_the_title_and_the_passage_before():
    passages = quotable(TITLE, "Do this:\n• Open it.\n• Close it.")

    assert [each.in_context for each in passages] == [
        f"{TITLE}\nDo this: • Open it.",
        f"{TITLE}\n• Open it. • Close it.",
    ]


def test_passages_are_slices_of_the_text():
    text = "Open it. Wait for the light to turn green, then close it again.\n\n```\nping\n```"

    passages = quotable(TITLE, text)

    assert [text[each.span.start : each.span.end] for each in passages] == quoted(text)
    assert {each.span for each in passages} <= set(split(text))


def test_the_context_has_an_end():
    passages = quotable("word " * 1_000, "word " * 1_000)

    assert max(len(each.text) for each in passages) <= LONGEST_SPAN
    assert max(len(each.in_context) for each in passages) <= LONGEST_TEXT


def test_the_nearest_passage_is_found():
    vectors = np.array([[1, 0], [0.6, 0.8], [0.6, 0.8]], np.float16)

    assert nearest(np.array([0, 1], np.float32), vectors) == 1


def test_what_passages_share_with_the_title_counts_less():
    title, detail = np.eye(2, dtype=np.float32)
    alone = np.stack([title, (title + 2 * detail) / np.float32(5**0.5)])
    typed = (2 * title + detail) / np.float32(5**0.5)

    assert (alone @ typed).argmax() == 0
    assert nearest(typed, mix(title, alone, alone)) == 1


def test_the_hash_tells_what_has_changed():
    stored = passages_hash(TITLE, "Open it.")

    assert is_of_text(stored, "Open it.")
    assert not is_of_text(stored, "Close it.")
    assert is_of_title(stored, TITLE)
    assert not is_of_title(stored, "Another?")
