"""What is quoted of an answer under a hit: its passage, whole where that is short."""

from peerqa.models import Answer
from peerqa.search.hits import Hit, Passage
from peerqa.web.quotes import AROUND, MARKED, quote

LINE = "robocopy C:\\old D:\\new /MIR /R:2"


def quoted(plain: str, start: int, end: int):
    answer, passage = Answer(plain=plain), Passage(plain[start:end], start, end)
    return quote(Hit(None, answer, passage, 0.7, 0.2, 0.9, "very_likely"))


def test_a_sentence_stands_whole_between_what_surrounds_it():
    found = quoted("First. Hold the feed button. Then wait.", 7, 28)

    assert (found.before, found.marked, found.after) == (
        "First.",
        "Hold the feed button.",
        "Then wait.",
    )


def test_a_screen_of_code_is_cut_and_nothing_follows_it():
    code = "\n".join([LINE] * 40)
    plain = f"Run this:\n```\n{code}\n```\nThen reboot."
    start = plain.index(LINE)

    found = quoted(plain, start, start + len(code))

    assert found.marked.startswith(LINE)
    assert found.marked.endswith(" …")
    assert len(found.marked) <= MARKED + 2
    assert found.after == ""


def test_what_has_no_space_is_cut_all_the_same():
    found = quoted("x" * 5_000, 0, 5_000)

    assert found.marked == "x" * MARKED + " …"


def test_what_surrounds_it_is_short():
    words = "word " * 400
    plain = f"{words}Hold the feed button. {words}"

    found = quoted(plain, len(words), len(words) + 21)

    assert found.marked == "Hold the feed button."
    assert max(len(found.before), len(found.after)) <= AROUND + 2
