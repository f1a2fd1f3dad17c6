"""HTML of other sites as Markdown: text stays text, and nothing else gets through."""

import re
import time
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from peerqa.markup import render
from peerqa.services.exchange.html import escape_text, to_markdown

CASES = {
    "<p>a <b>b</b> <i>c</i> <strike>d</strike></p>": "a **b** *c* ~~d~~",
    "<h2>Title</h2><p>text</p>": "## Title\n\ntext",
    "<ul><li>one</li><li>two<ul><li>in</li></ul></li></ul>": "- one\n- two\n  - in",
    "<ol><li>one</li><li><p>two</p><p>more</p></li></ol>": "1. one\n2. two\n\n   more",
    "<pre><code>if a &lt; b:\n    pass\n</code></pre>": "```\nif a < b:\n    pass\n```",
    '<pre class="lang-py s-code"><code>x</code></pre>': "```py\nx\n```",
    "<pre><code>```\nx\n```</code></pre>": "````\n```\nx\n```\n````",
    "<p>use <code>a_b*</code></p>": "use `a_b*`",
    '<a href="https://x.example/a_(b)">it</a>': "[it](https://x.example/a_%28b%29)",
    '<a href="https://x.example/a b">it</a>': "[it](https://x.example/a%20b)",
    '<a href="/questions/1">it</a>': "it",
    '<a href="javascript:alert(1)">it</a>': "it",
    '<img src="https://x.example/a.png" alt="a *plan*">': r"[a \*plan\*](https://x.example/a.png)",
    '<img src="//x.example/a.png" alt="enter image description here">': (
        "[a.png](https://x.example/a.png)"
    ),
    '<a href="https://x.example"><img src="https://x.example/a.png" alt="pic"></a>': (
        "[pic](https://x.example)"
    ),
    'Look!<a href="https://x.example">it</a>': r"Look\![it](https://x.example)",
    "<blockquote><p>said</p></blockquote><p>me</p>": "> said\n\nme",
    "<p>&lt;script&gt; &amp;amp; 1 &lt; 2</p>": r"\<script> \&amp; 1 \< 2",
    "<p># no title</p><p>1. no list</p><p>- none</p>": "\\# no title\n\n1\\. no list\n\n\\- none",
    "<p>snake_case and _this_</p>": r"snake_case and \_this\_",
    "<p>one<br>two</p>": "one\\\ntwo",
    "a<script>alert(1)</script><style>p{}</style>b": "ab",
    "<table><tr><th>a</th></tr><tr><td>b|c</td></tr></table>": "| a |\n| --- |\n| b\\|c |",
    "<p>Possible Duplicate: <a href='https://x.example'>x</a></p><p>mine</p>": "mine",
    "<p>Is it a possible duplicate?</p>": "Is it a possible duplicate?",
    "x<b>\u00a0bold </b>text": "x\u00a0**bold** text",
    "<code>a`</code><a><code>b</code></a>": "`` a` `` `b`",
    "<b><p>one</p><p>two</p></b>": "one\n\ntwo",
    "<p>use <code>a`b</code></p>": "use `` a`b ``",
    "<h1>of <pre>a\nb</pre></h1>": "# of `a b`",
    "": "",
}
TAGS = "a b blockquote br code dd del div em h1 img li ol p pre script strong table td th tr ul x"


@pytest.mark.parametrize("html", CASES)
def test_html_becomes_markdown(html):
    assert to_markdown(html) == CASES[html]


HOSTILE = {
    "bold": "<b>x" * 15_000,
    "quotes": "<blockquote>x" * 4000,
    "items": "<ol>" + "<li>a" * 12_000,
    "nested items": "<ul><li>x" * 6000,
    "rows": "<table>" + "<tr><td>a" * 6000,
    "cells": "<table><thead>" + "<tr><th>a" * 6000,
    "links": "<a href=https://x>a" * 3000,
    "stars": "*_`[" * 15_000,
    "entities": "&amp;amp;" * 6000,
    "deep then long": "<blockquote>" * 20 + "<p>a</p>" * 6000,
    "banners": "<p>Possible Duplicate:" * 2500,
    "spaces": " " * 60_000,
    "open": "<" * 60_000,
    "number": "<ol start='99999999999999999999'><li>a</ol><table><td colspan='²'>a</table>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_takes_no_second(name):
    started = time.process_time()

    body = to_markdown(HOSTILE[name])

    assert time.process_time() - started < 5, "five times the bound: only a hang can miss it"
    assert len(body) < 4 * len(HOSTILE[name]) + 2000


_parse_with_html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse
texts = st.text(st.sampled_from("ab1 *_`#>-+~|[]()!\\<&;.=\n\t'\"@:/x{}$^é“\u00a0"), max_size=80)
oddities = [
    '<a href="https://x.example">', "<a href='javascript:alert(1)'>", "<img src=//x onerror=y>",
    "<svg onload=alert(1)>", "<!-- c -->", "<![CDATA[x]]>", "<li", "&lt;script&gt;", "&#0;",
]  # fmt: skip
tags = [f"<{slash}{tag}>" for tag in TAGS.split() for slash in ("", "/")]
pieces = st.one_of(st.sampled_from(tags), st.sampled_from(oddities), texts)


@settings(max_examples=300, deadline=5000)
@given(st.lists(pieces, max_size=30).map("".join))
@example("<a href='https://x.example'></a><img src='https://[x'>")
@example("<h1><pre>&lt;script&gt;")
@example("<del><pre>&lt;script&gt;")
@example("<code><pre>&lt;script&gt;")
@example("<code>a\n- &lt;script&gt;")
@example("<a><code>&lt;script&gt;`<a>1")
def test_whatever_comes_nothing_raw_survives(html):
    body = to_markdown(html)

    blocks = _parse_with_html(body)
    tokens = [*blocks, *(inner for block in blocks for inner in block.children or ())]
    assert not [token for token in tokens if token.type.startswith("html")], body
    shown = render(body).html
    assert not re.search(r"<(script|svg|img|style|iframe)|\son\w+=|href=.javascript", shown)


@settings(max_examples=300, deadline=5000)
@given(texts)
@example("1. a")
@example("a\n---")
@example("--|--")
@example("&amp;")
@example("!")
@example("-\xa0")
@example("\xa0>")
def test_text_stays_text(text):
    body = to_markdown(f"<p>{escape(text)}</p>")

    assert " ".join(render(body).plain.split()) == " ".join(text.split())


@given(texts)
def test_escaped_text_reads_as_before(text):
    lines = "\n".join(line.strip() for line in text.split("\n"))

    assert " ".join(render(escape_text(lines)).plain.split()) == " ".join(text.split())
