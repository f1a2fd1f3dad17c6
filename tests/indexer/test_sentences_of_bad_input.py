"""Whatever an answer holds: its passages cover it, cut no address or number, and take no time."""

import time

import pytest

from indexer.sentences import LONGEST_SPAN, MOST_SPANS, split
from peerqa.markup import MAX_LENGTH, render

SECONDS = 0.5  # fifty times what the slowest takes; a square of the length took ten seconds
END = "And this one has more than forty characters as well!"


def passages(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split(text)]


def assert_covered(text: str) -> None:
    held = passages(text)
    assert all(0 < len(passage) <= LONGEST_SPAN for passage in held)
    assert "".join("".join(held).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "sentence",
    [
        "Ask for the U.S. plug, the U.K. one hums, and the D.C. one is not for sale at all.",
        "Nimm Nr. 5, z.B. das blaue Kabel, das hält lt. Handbuch bis zu 3.14 Volt aus.",
        "See https://example.com/a.b/c?d=1.2&e=f!g#h. for the table, or www.example.com. first.",
        "Version 3.14.2 runs on 10.0.0.1:8080 and takes 1.250,00 euros (or $1,250.00) a year...",
        "Wait for it... then wait once more… and only then pull the plug out of the socket.",
    ],
)
def test_abbreviations_numbers_and_addresses_stay_whole(sentence):
    assert passages(f"{sentence} {END}") == [sentence, END]


@pytest.mark.parametrize(
    "text",
    [
        f"{'请重启打印机' * 7}，看到（3.14）了吗？{'如果不行就联系' * 6}！",
        "افتح الإعدادات ثم اختر الشبكة. هل ترى الرمز الأزرق في الأعلى؟ اضغط عليه وانتظر دقيقة.",
        "פתח את ההגדרות ובחר ברשת מהרשימה שבצד. האם אתה רואה את הסמל הכחול למעלה? לחץ עליו והמתן.",
        "कृपया प्रिंटर को पुनः आरंभ करें और बत्ती की प्रतीक्षा करें। फिर से प्रयास करें और जो हुआ वह हमें बताएं।",
    ],
)
def test_other_scripts_are_cut_at_their_sentences(text):
    assert_covered(text)
    assert len(passages(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "word " * 4_000,
        "请" * 20_000,
        "x" * 20_000,
        "😀👍🏽 " * 5_000,
        "https://example.com/" + "abc/def.ghi?x=1&" * 200,
    ],
)
def test_a_text_without_a_sentence_is_covered(text):
    assert_covered(text)


@pytest.mark.parametrize("emoji", ["👩‍👩‍👧", "👍🏽", "e\u0301"])  # codespell:ignore
def test_what_is_seen_as_one_character_stays_whole(emoji):
    held = passages("请" + emoji * 500)

    assert len(held) > 1
    assert all(passage.lstrip("请").replace(emoji, "") == "" for passage in held)


def test_an_address_in_a_text_without_spaces_stays_whole():
    address = "https://example.com/a.b?c=1.5&d=3.14"

    assert any(address in passage for passage in passages("请" * 580 + address + "好" * 100))


@pytest.mark.parametrize("body", ["", " \n\n ", "```\n```", "---", "&nbsp;"])
def test_an_answer_that_shows_nothing_has_no_passages(body):
    assert passages(render(body).plain) == []


def test_an_answer_that_is_one_code_block_is_one_passage():
    code = "\n".join(f"print({n}. __add__({n}.5)). # see e.g. {n}." for n in range(12))

    assert passages(render(f"```python\n{code}\n```").plain) == [code]


@pytest.mark.parametrize(
    "unit",
    [
        *(".", "!?", "…", "。", "？", '."', "a.)", ". ", "a. ", "Bb. ", "1. ", "• ", "```\n", "\n"),
        *(
            "\t \n",
            "\u200d",
            "\u0301",
            "🇩🇪",
            "http://a.b/",
            "x",
            "x. Y",
            "Aa bb. ",
            "(",
            "e.g. ",
            "3.",
        ),
    ],
)
@pytest.mark.parametrize("is_rendered", [False, True])
def test_no_text_takes_long(unit, is_rendered):
    text = (unit * MAX_LENGTH)[: MAX_LENGTH - 1] + "z"
    text = render(text).plain if is_rendered else text

    started = time.perf_counter()
    spans = split(text)

    assert time.perf_counter() - started < SECONDS
    assert len(spans) <= MOST_SPANS
