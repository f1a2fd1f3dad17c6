"""Whatever is typed, no script, handler or foreign scheme is in what comes out, and nothing raises.

The result is parsed again, by another parser than the one that cleaned it, and each tag, attribute
and address is held against the list of what a post may hold.
"""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerqa.markup import mark_passage, plain_text, render

BARE = """p pre ul blockquote table hr h3 h4 h5 h6 br del em li s strong
    tbody td th thead tr mark"""
ALLOWED = {
    "a": {"href", "title", "rel"},
    "code": {"class"},
    "span": {"class"},
    "ol": {"start"},
    **{tag: set() for tag in BARE.split()},
}

SCRIPTS = """
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script\t>alert(1)</script\t>
<script/x>alert(1)</script>
<<script>alert(1)//<</script>
<img src=x onerror=alert(1)>
<img src=x onerror="alert(1)"
<IMG SRC="jav&#x09;ascript:alert(1);">
<img src=`javascript:alert(1)`>
<img/src=x/onerror=alert(1)>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>
<math href="javascript:alert(1)">x</math>
<body onload=alert(1)>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data="data:text/html,<script>alert(1)</script>"></object>
<embed src="javascript:alert(1)">
<form action="javascript:alert(1)"><input type=submit></form>
<button formaction="javascript:alert(1)">x</button>
<input autofocus onfocus=alert(1)>
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)></video>
<audio src=x onerror=alert(1)>
<marquee onstart=alert(1)>
<base href="javascript:alert(1)//">
<meta http-equiv="refresh" content="0;url=javascript:alert(1)">
<link rel=stylesheet href="javascript:alert(1)">
<style>@import 'javascript:alert(1)';</style>
<style><!--</style><script>alert(1)//--></script>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<template><script>alert(1)</script></template>
<textarea><script>alert(1)</script></textarea>
<xmp><script>alert(1)</script></xmp>
<!--[if gte IE 4]><script>alert(1)</script><![endif]-->
<!--><script>alert(1)</script>
<![CDATA[<script>alert(1)</script>]]>
<?xml version="1.0"?><script>alert(1)</script>
<a href="javascript:alert(1)">x</a>
<a href="x" onclick="alert(1)">x</a>
<p style="background:url(javascript:alert(1))">x</p>
<div id=x onmouseover=alert(1)>x</div>
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](javascript&colon;alert(1))
[x](javascript&#58;alert(1))
[x](&#106;avascript:alert(1))
[x](java&#9;script:alert(1))
[x](<java\tscript:alert(1)>)
[x](<  javascript:alert(1)>)
[x](&#1;javascript:alert(1))
[x](vbscript:msgbox(1))
[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[x](data:image/svg+xml,<svg/onload=alert(1)>)
[x](file:///etc/passwd)
[x](blob:https://example.org/1)
[x](view-source:https://example.org)
[x](https://example.org/"onmouseover="alert(1))
[x](https://example.org/ "\\" onmouseover=\\"alert(1)")
[x](https://example.org/ '"><script>alert(1)</script>')
[x]: javascript:alert(1)
![x](javascript:alert(1))
![x](https://example.org/"onerror="alert(1))
!["onerror="alert(1)](https://example.org/x)
![x](x "onerror=alert(1)")
![<script>alert(1)</script>](https://example.org/x)
<javascript:alert(1)>
<https://example.org/"onclick="alert(1)>
<data:text/html,<script>alert(1)</script>>
`<script>alert(1)</script>`
    <script>alert(1)</script>
# <script>alert(1)</script>
> <img src=x onerror=alert(1)>
- <img src=x onerror=alert(1)>
|<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|
```html\n<script>alert(1)</script>\n```
```"onload="alert(1)\nx\n```
```python"><script>alert(1)</script>\nx\n```
``` <script>\nx\n```
&lt;script&gt;alert(1)&lt;/script&gt;
&amp;lt;script&amp;gt;alert(1)
\\<script>alert(1)</script>
**<script>**alert(1)</script>
[<script>alert(1)</script>](https://example.org)
[x][<script>]\n\n[<script>]: javascript:alert(1)
"""
VECTORS = [line.replace("\\n", "\n") for line in SCRIPTS.strip().splitlines()]

FRAGMENTS = (
    *"[]()<>\"'`~*_#|-+=!&;:/\\ \n\t\x00\ud800\u202ea1",
    *("```", "~~~", "&#", "![", "](", "<a ", "javascript:", "data:", "onerror=", "<script>"),
    *("</script>", "<!--", "-->", "https://", "1. ", "- ", "    ", "> ", "|-|", "[x]: ", "</p>"),
)
TYPED = st.lists(
    st.sampled_from(FRAGMENTS) | st.text(max_size=5) | st.characters(), max_size=40
).map("".join)


class Audit(HTMLParser):
    """Notes everything that a post must not hold."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in ALLOWED:
            self.bad.append(tag)
        for name, value in attrs:
            if name not in ALLOWED.get(tag, set()):
                self.bad.append(f"{tag} {name}")
            # a browser leaves out white space and control characters before it reads a scheme
            seen = "".join(c for c in value or "" if c > " ")
            if name == "href" and urlsplit(seen).scheme not in {"", "http", "https", "mailto"}:
                self.bad.append(value)

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.bad.append("comment")

    def handle_decl(self, decl):
        self.bad.append("declaration")

    def handle_pi(self, data):
        self.bad.append("instruction")

    def unknown_decl(self, data):
        self.bad.append("section")


def test_the_auditor_sees_what_it_must_see():
    seen = Audit(
        '<script>x</script><a onclick="x" href="java\tscript:x">x</a><!-- x --><img src=x>'
    ).bad

    assert seen == ["script", "a onclick", "java\tscript:x", "comment", "img", "img src"]


def test_there_are_enough_vectors():
    assert len(set(VECTORS)) >= 60


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("around", ["{}", "Text {} text", "- {}", "> {}", "[x]({})", "{}\n\n{}"])
def test_no_script_survives(vector, around):
    rendered = render(around.replace("{}", vector))

    assert Audit(rendered.html).bad == []
    assert Audit(mark_passage(rendered.html, 0, len(rendered.plain))).bad == []


@given(TYPED)
def test_nothing_that_is_typed_raises_or_escapes(typed):
    rendered = render(typed)

    assert Audit(rendered.html).bad == []
    rendered.html.encode()
    assert rendered.plain == plain_text(rendered.html)


@given(TYPED, st.integers(-5, 200), st.integers(-5, 200))
def test_a_mark_changes_neither_the_text_nor_the_plain_text(typed, start, end):
    rendered = render(typed)

    marked = mark_passage(rendered.html, start, end)

    assert plain_text(marked) == rendered.plain
    assert Audit(marked).text.split() == Audit(rendered.html).text.split()
    assert Audit(marked).bad == []


@given(TYPED, st.integers(0, 200), st.integers(1, 50))
def test_what_is_marked_is_what_was_asked_for(typed, start, length):
    """Bullets and fences are of the plain text alone, so a mark may hold less, never other."""
    rendered = render(typed)

    pieces = mark_passage(rendered.html, start, start + length).split("<mark>")[1:]
    marked = "".join(Audit(piece.partition("</mark>")[0]).text for piece in pieces)

    rest = iter(rendered.plain[max(start, 0) : start + length])
    assert all(character in rest for character in marked)
