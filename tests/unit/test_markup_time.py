"""No input takes more than a second, and none becomes a page of megabytes.

A test asserts five times the bound, which only a hang can miss. Machines are shared, so what counts
is the time of the processor.
"""

import signal

import pytest
from pygments import highlight
from pygments.formatters import NullFormatter
from pygments.lexers import get_lexer_by_name

from peerqa.markup import LANGUAGES, MAX_HTML, MAX_LENGTH, render

BOUND_SECONDS = 5 * 1
SIGNS = r"""[ ![ *a_ [a]( < <a ` > - * _ & \ |a ~~a [] [a] ]( ![]( <http:// <!-- <? &#0; # *_ '"""
REPEATED = (
    *SIGNS.split(),
    *("> ", "- ", "1. ", "**a ", "a**b", "> - ", "a**", "<![CDATA[", "[a][b", "![a](b)", "\t"),
    *("-\n", "* a\n", "```\n", "\n\n", "# a\n", "[x]: y\n", "[a](b '", '[a](b "', "x\\\n", "x  \n"),
    *("- - -\n", ":-|", "[[a]]", "((((", "<a@b", "é", "\u202e", "\U0001f600", "a\n", "==\n", " "),
)
SHAPES = {
    "references to a long address": "[a]: http://x/" + "b" * 10_000 + "\n\n" + "[a]" * 3300,
    "pictures of a long address": "[a]: http://x/" + "b" * 10_000 + "\n\n" + "![a]" * 2500,
    "references with a long title": "[a]: x '" + "b" * 10_000 + "'\n\n" + "[a]" * 3300,
    "a wide table of short rows": "|a" * 2000 + "|\n" + "|-" * 2000 + "|\n" + "|\n" * 6000,
    "a table of short rows": "|a" * 20 + "|\n" + "|-" * 20 + "|\n" + "|b\n" * 6500,
    "back-ticks of every length": "".join("e" + "`" * i for i in range(1, 200)),
    "lists in lists": "\n".join(" " * i + "- a" for i in range(190)),
    "quotations in quotations": "\n".join("> " * i + "a" for i in range(140)),
    "brackets in brackets": "[" * 10_000 + "]" * 10_000,
    "links in links": "[a](" * 5000 + ")" * 5000,
    "emphasis both ways": "*a_ " * 2500 + "_b* " * 2500,
    "definitions and their use": "".join(f"[{i}]: x\n" for i in range(1200)) + "\n[1]" * 2000,
}
HOSTILE_CODE = (
    "a",
    "(",
    "{",
    '"',
    "\\",
    "/*",
    "a.",
    "a:",
    "a\n",
    " (",
    "${",
    "<a ",
    "=",
    "''",
    "0",
)


class TookTooLong(Exception):
    pass


def _stop(_signal, _frame) -> None:
    raise TookTooLong


def is_rendered(*texts: str) -> bool:
    """Whether all are rendered within the bound; regular expressions let the signal in."""
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, BOUND_SECONDS)
    try:
        for text in texts:
            render(text)
    except TookTooLong:
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return True


def test_what_takes_for_ever_is_seen():
    """The check itself, on a language that is left out, and that takes minutes for this."""
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.2)
    try:
        with pytest.raises(TookTooLong):
            highlight("a" * 19_900, get_lexer_by_name("amdgpu"), NullFormatter())
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(piece, marks=[pytest.mark.long] if place % 2 else [])
        for place, piece in enumerate(REPEATED)
    ],
)
def test_a_piece_again_and_again_is_rendered_at_once(piece):
    assert is_rendered((piece * MAX_LENGTH)[:MAX_LENGTH])


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_a_shape_that_is_made_to_be_slow_is_rendered_at_once(text):
    assert is_rendered(text[:MAX_LENGTH])


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_no_text_becomes_a_page_of_megabytes(text):
    assert len(render(text[:MAX_LENGTH]).html) <= MAX_HTML


def test_what_would_become_too_much_is_shown_as_it_was_typed():
    text = SHAPES["references to a long address"][:MAX_LENGTH]

    assert render(text).plain.startswith("```\n[a]: http://x/bbb")


def test_a_table_of_far_too_many_cells_is_shown_as_text():
    assert "<table" not in render(SHAPES["a table of short rows"][:MAX_LENGTH]).html


def test_a_table_of_a_usual_size_is_whole():
    rows = "".join(f"|{i}|b|c|\n" for i in range(300))

    assert render("|a|b|c|\n|-|-|-|\n" + rows).html.count("<tr>") == 301


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_hostile_code_is_coloured_at_once(language):
    """One sign for ever is not coloured at all, so a pause is put into each line."""
    lines = [(code * 90)[:90] + ";a " for code in HOSTILE_CODE]

    assert is_rendered(*(f"```{language}\n{line * 40}\n```" for line in lines))


def test_code_that_is_long_or_one_sign_for_ever_is_not_coloured():
    assert "<span" in render("```python\n" + "x = 1\n" * 600 + "```").html
    assert "<span" not in render("```python\n" + "x = 1\n" * 700 + "```").html
    assert "<span" not in render("```python\nx = " + "(" * 100 + "\n```").html


@pytest.mark.parametrize("language", ["amdgpu", "c", "csharp", "ng2"])
def test_a_language_whose_colours_take_minutes_is_not_coloured(language):
    for code in ("a", "(", " ", "a\n"):
        assert is_rendered(f"```{language}\n{(code * 19_000)[:19_000]}\n```")
