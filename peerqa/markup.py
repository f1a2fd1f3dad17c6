"""Markdown to safe HTML, once, when a post is written; and to the plain text that is searched.

markdown-it without raw HTML and without linkify (which is quadratic), then nh3 as the second lock.
Plain text keeps the blocks apart, so that passages can be found in it and marked in the HTML:
blocks are divided by an empty line, list items begin with "• " or "1. ", code stands between lines
of ```. plain_text() and mark_passage() walk the HTML with the same walker, so offsets always agree.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from peerqa.database import storable

MAX_LENGTH = 20_000  # characters of Markdown in a post
MAX_HTML = (
    1_000_000  # characters; more comes of one long address that is referred to a thousand times
)
MAX_CELLS = 10_000  # of a table with its short rows filled up; the library's limit takes seconds
# Languages that are coloured, by their first name in Pygments: those that no hostile code slows
# down. Many of the others take minutes for some (amdgpu: letters; c: spaces; csharp: lines).
_LANGUAGES = """bash batch css diff docker html ini javascript json php powershell python sql toml
    xml yaml"""
LANGUAGES = frozenset(_LANGUAGES.split())
MAX_CODE = 4000  # characters of a block that is coloured; the time may rise with their square
_TEDIOUS = re.compile(r"(\S)\1{99}|\s{100}")
_BLOCKS = {"p", "pre", "ul", "ol", "blockquote", "table", "hr", "h3", "h4", "h5", "h6"}
_TAGS = _BLOCKS | {
    *("a", "br", "code", "del", "em", "img", "li", "s", "span", "strong"),
    *("tbody", "td", "th", "thead", "tr"),
}
_PICTURE = re.compile(r"/pictures/([A-Za-z0-9_-]{43})")  # the address of a picture of ours
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "loading"},
    "code": {"class"},
    "span": {"class"},
    "ol": {"start"},
}


@dataclass(frozen=True)
class Rendered:
    """A body in the two forms that are stored beside it."""

    html: str
    plain: str


def render(markdown: str) -> Rendered:
    """Turn Markdown into safe HTML and plain text; never fails, whatever is in it."""
    markdown = storable(markdown)
    html = _markdown.render(markdown)
    if len(html) > MAX_HTML:
        html = f"<pre><code>{escape(markdown, quote=False)}</code></pre>"
    html = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
        attribute_filter=_only_own_pictures if "<img" in html else None,
    )
    return Rendered(html, plain_text(html))


def picture_tokens(html: str) -> set[str]:
    """Return the tokens of the pictures of ours that rendered HTML shows."""
    return {match[1] for match in re.finditer(rf'<img src="{_PICTURE.pattern}"', html)}


def plain_text(html: str) -> str:
    """Return the text of rendered HTML, with its blocks apart as the module says."""
    walker = _Walker()
    walker.feed(html)
    walker.close()
    return walker.plain


def mark_passage(html: str, start: int, end: int) -> str:
    """Put <mark> around plain_text(html)[start:end], piece by piece where tags come between."""
    walker = _Walker(start, end)
    walker.feed(html)
    walker.close()
    return walker.html


class _Walker(HTMLParser):
    """Writes the plain text, and the HTML again with a passage marked."""

    def __init__(self, start: int = 0, end: int = 0) -> None:
        super().__init__(convert_charrefs=True)
        self.plain = ""
        self._pieces: list[str] = []
        self._start, self._end = start, end
        self._counters: list[int | None] = []  # of the open lists; None for bullets
        self._in_code = False
        self._fresh = True  # nothing stands yet in the block that was begun last

    @property
    def html(self) -> str:
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._pieces.append(self.get_starttag_text() or "")
        if tag in {"ul", "ol"}:
            self._counters.append(_first_number(dict(attrs)) if tag == "ol" else None)
        if tag == "li":
            self._begin("\n" if self.plain.strip() else "", self._bullet())
        elif tag == "tr":
            self._begin("\n")
        elif tag == "br":
            self.plain += "\n"
        elif tag == "img":
            self._describe(dict(attrs).get("alt") or "")
        elif tag in {"td", "th"} and not self._fresh and not self.plain.endswith(" "):
            self.plain += " "
        elif tag == "pre":
            self._in_code = True
            self._begin("\n\n", "```\n")
        elif tag in _BLOCKS and not (tag in {"ul", "ol"} and len(self._counters) > 1):
            self._begin("\n\n")

    def handle_endtag(self, tag: str) -> None:
        self._pieces.append(f"</{tag}>")
        if tag in {"ul", "ol"} and self._counters:
            self._counters.pop()
        if tag == "pre":
            self._in_code = False
            self.plain += "```" if self.plain.endswith("\n") else "\n```"

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            data = data.replace("\n", " ")
            if data.isspace() and (self._fresh or self.plain.endswith(("\n", " ", "```"))):
                self._pieces.append(data)
                return
            if self.plain.endswith("\n") and data.startswith(" "):
                self._pieces.append(" ")  # the line break of the HTML behind a <br>
                data = data[1:]
        at = len(self.plain)
        self.plain += data
        self._fresh = False
        left = min(max(self._start - at, 0), len(data))
        right = min(max(self._end - at, 0), len(data))
        marked = data[left:right]
        if not marked.strip():
            self._pieces.append(escape(data, quote=False))
            return
        for text, open_, close in (
            (data[:left], "", ""),
            (marked, "<mark>", "</mark>"),
            (data[right:], "", ""),
        ):
            self._pieces.append(open_ + escape(text, quote=False) + close)

    def _describe(self, alt: str) -> None:
        """A picture is found by what is said to be in it."""
        if alt:
            self.plain += alt if self._fresh or self.plain.endswith((" ", "\n")) else f" {alt}"
            self._fresh = False

    def _begin(self, gap: str, opening: str = "") -> None:
        """Begin a block, unless the enclosing one was begun just now and is empty yet."""
        if self._fresh and not opening:
            return
        if self.plain and not self._fresh:
            self.plain = self.plain.rstrip(" \n") + gap
        elif self.plain and opening:
            self.plain = self.plain.rstrip(" ") + ("" if self.plain.endswith("\n") else gap)
        self.plain += opening
        self._fresh = True

    def _bullet(self) -> str:
        if not self._counters or self._counters[-1] is None:
            return "• "
        number = self._counters[-1]
        self._counters[-1] = number + 1
        return f"{number}. "


def _first_number(attributes: Mapping[str, str | None]) -> int:
    start = attributes.get("start") or "1"
    return int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1


def _colour(code: str, language: str, _attributes: str) -> str:
    """Highlight a fenced block, when its language is known."""
    if not language or len(code) > MAX_CODE or _TEDIOUS.search(code):
        return ""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    if lexer.aliases[0] not in LANGUAGES:
        return ""
    return str(highlight(code, lexer, _formatter))


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    """Leave no address of a picture but ours."""
    is_foreign = tag == "img" and attribute == "src" and not _PICTURE.fullmatch(value)
    return None if is_foreign else value


def _image(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: Any,  # Any: markdown-it's option and environment mappings
    _env: Any,
) -> str:
    """Show a picture from elsewhere as a link: loading it would tell its host who reads here."""
    source = str(tokens[index].attrs.get("src", ""))
    if _PICTURE.fullmatch(source):
        return f'<img src="{source}" alt="{escape(tokens[index].content)}" loading="lazy">'
    return f'<a href="{escape(source)}">{escape(tokens[index].content or source, quote=False)}</a>'


def _lower_heading(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    """Headings of a post begin below those of the page."""
    level = min(int(tokens[index].tag[1]) + 2, 6)
    return f"<h{level}>" if tokens[index].nesting == 1 else f"</h{level}>\n"


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take for a table only what has not too many cells."""
    header = state.src[state.bMarks[start] : state.eMarks[start]]
    if "|" not in header:
        return False
    if not silent:  # asked once a block, where silently it is asked for each line
        below = start
        while below < end and not state.isEmpty(below):
            below += 1
        if (header.count("|") + 1) * (below - start) > MAX_CELLS:
            return False
    return table(state, start, end, silent)


def _make_markdown() -> MarkdownIt:
    markdown = MarkdownIt(
        "commonmark", {"html": False, "linkify": False, "maxNesting": 20, "highlight": _colour}
    ).enable(["table", "strikethrough"])
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("heading_open", _lower_heading)
    markdown.add_render_rule("heading_close", _lower_heading)
    return markdown


_formatter = HtmlFormatter(nowrap=True)
_markdown = _make_markdown()
