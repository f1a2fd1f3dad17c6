"""What a body becomes: safe HTML, and plain text with its blocks apart, as the module says."""

from html import unescape

import pytest

from peerqa.markup import mark_passage, plain_text, render

FORMATS = {
    "paragraphs": ("One.\n\nTwo.", "One.\n\nTwo."),
    "a soft line break is a space": ("One\ntwo.", "One two."),
    "a hard line break": ("One  \ntwo.", "One\ntwo."),
    "a heading": ("# Title\n\nText.", "Title\n\nText."),
    "a list": ("- one\n- two", "• one\n• two"),
    "a list after text": ("Do this:\n\n- one\n- two", "Do this:\n\n• one\n• two"),
    "text after a list": ("- one\n\nThen.", "• one\n\nThen."),
    "a numbered list": ("1. one\n2. two", "1. one\n2. two"),
    "a numbered list that begins later": ("7. one\n8. two", "7. one\n8. two"),
    "a loose list": ("- one\n\n- two", "• one\n• two"),
    "a list in a list": ("1. one\n   - inner\n2. two", "1. one\n• inner\n2. two"),
    "two paragraphs in an item": ("- one\n\n  more\n- two", "• one\n\nmore\n• two"),
    "a fence": ("```\nx = 1\n\ny = 2\n```", "```\nx = 1\n\ny = 2\n```"),
    "a fence after text": ("Run:\n\n```sh\nmake\n```\n\nDone.", "Run:\n\n```\nmake\n```\n\nDone."),
    "code in a line": ("Use `a  b` here.", "Use a  b here."),
    "a quotation": ("> He said\n\nI say", "He said\n\nI say"),
    "a table": ("|a|b|\n|-|-|\n|c|d|", "a b\nc d"),
    "a link": ("See [the *manual*](https://example.org).", "See the manual."),
    "a picture": ("![The menu](https://example.org/a.png)", "The menu"),
    "a picture without words": ("![](https://example.org/a.png)", "https://example.org/a.png"),
    "emphasis": ("It is **very** *new*, ~~old~~.", "It is very new, old."),
    "signs": ("a < b & c > d", "a < b & c > d"),
    "tags are shown as typed": ("Press <b>", "Press <b>"),
    "entities": ("&copy; &amp;lt;", "© &lt;"),
    "a rule": ("One\n\n---\n\nTwo", "One\n\nTwo"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("markdown", "plain"), FORMATS.values(), ids=FORMATS.keys())
def test_plain_text_keeps_the_blocks_apart(markdown, plain):
    assert render(markdown).plain.strip() == plain


def test_plain_text_of_the_stored_html_is_what_was_stored():
    rendered = render("Try:\n\n1. *off*\n2. `on`\n\n```python\nx = 1\n```")

    assert plain_text(rendered.html) == rendered.plain


def test_headings_begin_below_those_of_the_page():
    assert render("# One\n\n###### Six").html == "<h3>One</h3>\n<h6>Six</h6>\n"


def test_a_picture_from_elsewhere_is_a_link_so_that_its_host_does_not_learn_who_reads():
    html = render("![The menu](https://example.org/a.png)").html

    assert "<img" not in html
    assert 'href="https://example.org/a.png"' in html


def test_links_tell_nothing_to_where_they_lead():
    assert 'rel="nofollow noopener noreferrer"' in render("[a](https://example.org)").html


def test_an_address_alone_is_no_link_because_finding_them_is_quadratic():
    assert "<a" not in render("See https://example.org/ and www.example.org").html


@pytest.mark.parametrize("language", ["python", "PYTHON", "js", "sql", "bash", "json", "yaml"])
def test_code_in_a_known_language_is_coloured(language):
    html = render(f"```{language}\nselect = 'a'\n```").html

    assert "<span class=" in html


@pytest.mark.parametrize("language", ["", "klingon", "python<script>", "text"])
def test_code_in_another_language_stays_as_it_is(language):
    html = render(f"```{language}\na < 1\n```").html

    assert "<span" not in html
    assert "a &lt; 1" in html


def test_colours_do_not_change_the_text_of_code():
    code = "def f(a: int) -> str:\n\treturn f'{a}' # <b>\n"

    assert render(f"```python\n{code}```").plain == f"```\n{code}```"


def test_what_cannot_be_stored_is_left_out():
    rendered = render("a\x00b \ud800c")

    assert "\x00" not in rendered.html
    assert rendered.html.encode()
    assert rendered.plain.encode()


MARKS = {
    "in a paragraph": ("One. Two. Three.", "Two.", ["Two."]),
    "at the start": ("One. Two.", "One.", ["One."]),
    "over emphasis": ("It is **very** new.", "is very new", ["is ", "very", " new"]),
    "in a list": ("- one\n- two\n- three", "two", ["two"]),
    "over items": ("1. one\n2. two", "one\n2. two", ["one", "two"]),
    "in code": ("```\na = 1\nb = 2\n```", "b = 2", ["b = 2"]),
    "over colours": ("```python\nx = 1\n```", "x = 1", ["x", " ", "=", " ", "1"]),
    "in a link": ("See [the manual](https://example.org) now.", "manual", ["manual"]),
    "over a link": (
        "See [this](https://example.org) now.",
        "See this now",
        ["See ", "this", " now"],
    ),
    "with signs": ("If a < b & c then.", "a < b & c", ["a < b & c"]),
    "over blocks": ("One.\n\nTwo.", "One.\n\nTwo.", ["One.", "Two."]),
    "in a table": ("|a|b|\n|-|-|\n|cell|d|", "cell", ["cell"]),
}


@pytest.mark.parametrize(("markdown", "passage", "marked"), MARKS.values(), ids=MARKS.keys())
def test_a_passage_is_marked_piece_by_piece(markdown, passage, marked):
    rendered = render(markdown)
    start = rendered.plain.index(passage)

    html = mark_passage(rendered.html, start, start + len(passage))

    assert [piece for piece in _marked(html) if piece.strip()] == [p for p in marked if p.strip()]
    assert html.replace("<mark>", "").replace("</mark>", "").split() == rendered.html.split()


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 2), (-4, -1), (900, 999)])
def test_a_passage_that_is_not_there_marks_nothing(start, end):
    html = render("One & two.").html.strip()

    assert mark_passage(html, start, end) == html


def test_a_passage_that_reaches_too_far_is_marked_as_far_as_there_is_text():
    assert mark_passage("<p>One.</p>", -5, 99) == "<p><mark>One.</mark></p>"


def _marked(html: str) -> list[str]:
    return [unescape(piece.partition("</mark>")[0]) for piece in html.split("<mark>")[1:]]
