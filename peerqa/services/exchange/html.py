"""The HTML of other sites' posts → Markdown that people here can go on editing.

First nh3 (scripts, styles, handlers and odd addresses go, and tags are balanced), then markdownify
with its gaps closed: all text is escaped, so that what was text stays text, fences are longer than
what they enclose, pictures become links. What is nested or tagged beyond any writer's doing is
taken as text alone: markdownify recurses, and is quadratic in places.
"""

import re
from collections.abc import Callable
from html import unescape
from posixpath import basename
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import nh3
from markdownify import ATX, MarkdownConverter

if TYPE_CHECKING:
    from bs4.element import NavigableString, Tag

_TAGS = {
    *("a", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2"),
    *("h3", "h4", "h5", "h6", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s", "strike"),
    *("strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "pre": {"class"}, "code": {"class"}}
_VOID = {"br", "hr", "img"}
_EDGE = "\ue000"  # stands at the ends of code until all is joined: two spans must not touch
MOST_NESTED = 24
MOST_TAGS = 5000

_TAG = re.compile(r"<(/?)([a-z0-9]+)")
_END_OF_BLOCK = re.compile(r"(?=</(?:p|div|li|pre|tr|dt|dd|h\d|blockquote)>)|(?<=<br>)")
_BANNER = re.compile(
    r"\s*(?:<blockquote>\s*<p>\s*(?:<(?:strong|b)>)?\s*Possible Duplicates?\b.*?</blockquote>"
    r"|<p>\s*(?:<(?:strong|b)>)?\s*Possible Duplicates?:.*?</p>)\s*",
    re.IGNORECASE | re.DOTALL,
)
_LANGUAGE = re.compile(r"\blang(?:uage)?-([\w+#.-]{1,30})")
_SPACES = re.compile(r"\s+")
_MANY_LINES = re.compile(r"\n{3,}")

_ANYWHERE = re.compile(r"[\\`*\[\]<|]|~(?=~)|(?<=~)~|&(?=#?\w+;)|_(?![^\W_])|(?<![^\W_])_")
_AT_LINE_START = re.compile(
    r"^([^\S\n]*)(?:(>|(?:[-+]|#{1,6}|=+|-{2,}|~{3,})(?=\s|$))|(\d{1,9})([.)])(?=\s|$))", re.M
)
_NOT_IN_ADDRESSES = re.compile(r"[\s<>()\\\"`\x00-\x1f]")


def to_markdown(html: str) -> str:
    """Turn HTML into Markdown; never fails, whatever is in it. Banners of duplicates are left out.

    A banner at the top says which earlier question answers this one: search, measured on it, would
    find what it has been told.
    """
    clean = nh3.clean(
        html.replace("\x00", ""),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    clean = _without_banners(clean.replace(_EDGE, ""))
    markdown = "" if _is_beyond_writing(clean) else _converter.convert(clean)
    if not markdown or len(markdown) > 2 * len(clean) + 1000:  # indented again and again
        markdown = _as_text(clean)
    markdown = markdown.replace(_EDGE * 2, " ").replace(_EDGE, "")
    return _MANY_LINES.sub("\n\n", markdown).strip()


def escape_text(text: str) -> str:
    """Put a backslash wherever Markdown would take text, not indented, for something else."""
    text = _ANYWHERE.sub(r"\\\g<0>", text)
    return _AT_LINE_START.sub(_escape_start, text)


def _escape_start(match: re.Match[str]) -> str:
    indent, mark, number, dot = match.groups()
    return f"{indent}\\{mark}" if mark else f"{indent}{number}\\{dot}"


def _without_banners(html: str) -> str:
    at = 0
    while banner := _BANNER.match(html, at):
        at = banner.end()
    return html[at:]


def _is_beyond_writing(html: str) -> bool:
    depth = deepest = count = 0
    for closing, tag in _TAG.findall(html):
        if tag not in _VOID:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
        count += 1
    return deepest > MOST_NESTED or count > 2 * MOST_TAGS


def _as_text(html: str) -> str:
    text = unescape(nh3.clean(_END_OF_BLOCK.sub("\n\n", html), tags=set()))
    return escape_text("\n".join(line.strip() for line in text.split("\n")))


def _address(found: object) -> str | None:
    """Return an absolute address that fits between Markdown's parentheses, or None."""
    address = str(found or "").strip()
    if address.startswith("//"):
        address = f"https:{address}"
    if not address.lower().startswith(("http://", "https://", "mailto:")):
        return None  # it leads to a page of the other site
    return _NOT_IN_ADDRESSES.sub(lambda match: quote(match[0]), address)


def _longer_than_any_in(code: str, *, least: int) -> str:
    """Return backticks that close where the code ends, and not before."""
    return "`" * max(least, *(len(run) + 1 for run in re.findall("`+", code)), 0)


def _around_text_only(mark: str) -> Callable[..., str]:
    """Make a conversion that marks text, and leaves alone what holds whole blocks."""

    def convert(_self: object, _el: "Tag", text: str, parent_tags: set[str]) -> str:
        inner = text.strip()
        if not inner or "\n\n" in text or "_noformat" in parent_tags:
            return text
        at = text.index(inner)
        return f"{text[:at]}{mark}{inner}{mark}{text[at + len(inner) :]}"

    return convert


class _Converter(MarkdownConverter):
    """markdownify with its gaps closed; the names and the argument lists are its own."""

    def __init__(self) -> None:
        super().__init__(autolinks=False, bullets="-", heading_style=ATX, newline_style="backslash")
        self._numbers: dict[int, int] = {}  # of the ordered lists: the next item's

    def convert(self, html: str) -> str:
        self._numbers.clear()
        return str(super().convert(html))

    def escape(self, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        return escape_text(text)

    def process_text(self, el: "NavigableString", parent_tags: set[str] | None = None) -> str:
        text = str(super().process_text(el, parent_tags=parent_tags))  # type: ignore[misc]  # not in its stub
        if text.endswith("!") and getattr(el.next_sibling, "name", None) in {"a", "img"}:
            return text[:-1] + "\\!"  # or the link would become a picture
        return text

    def convert_code(self, el: "Tag", text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        inner = _SPACES.sub(" ", text).strip()  # a line of it might begin a list
        if not inner or "_noformat" in parent_tags:
            return text
        fence = _longer_than_any_in(inner, least=1)
        pad = " " if "`" in inner else ""
        before = " " if text[:1].isspace() else ""
        after = " " if text[-1:].isspace() else ""
        return f"{before}{_EDGE}{fence}{pad}{inner}{pad}{fence}{_EDGE}{after}"

    convert_kbd = convert_code

    def convert_a(self, el: "Tag", text: str, parent_tags: set[str]) -> str:
        address = _address(el.get("href"))
        inner = _SPACES.sub(" ", text).strip()
        if address is None or not inner or "_noformat" in parent_tags:
            return text
        before = " " if text[:1].isspace() else ""
        after = " " if text[-1:].isspace() else ""
        return f"{before}[{inner}]({address}){after}"

    def convert_img(self, el: "Tag", text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        address = _address(el.get("src"))
        told = _SPACES.sub(" ", str(el.get("alt") or "")).strip()
        if "_noformat" in parent_tags:
            return told
        if address is None:
            return escape_text(told)
        if not told or told.startswith("enter image description"):
            told = basename(urlsplit(address).path) or "image"
        return escape_text(told) if "a" in parent_tags else f"[{escape_text(told)}]({address})"

    def convert_li(self, el: "Tag", text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        text = (text or "").strip()
        mark = "- "
        if el.parent is not None and el.parent.name == "ol":
            number = self._numbers[id(el.parent)] = self._numbers.get(id(el.parent), 0) + 1
            mark = f"{number}. "
        indent = "\n" + " " * len(mark)
        return mark + indent.join(text.split("\n")).replace(indent + "\n", "\n\n") + "\n"

    def convert_pre(self, el: "Tag", text: str, parent_tags: set[str]) -> str:
        text = text.strip("\n")
        if not text.strip() or "_noformat" in parent_tags:
            return text
        if "_inline" in parent_tags:  # a table or a heading has no room for it
            return f" {self.convert_code(el, text, parent_tags)} "
        classes = " ".join(str(tag.get("class") or "") for tag in (el, el.code) if tag is not None)
        language = _LANGUAGE.search(classes.replace("'", " "))
        fence = _longer_than_any_in(text, least=3)
        return f"\n\n{fence}{language[1] if language else ''}\n{text}\n{fence}\n\n"

    def convert_dd(self, el: "Tag", text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        return f"\n\n{text.strip()}\n\n"

    convert_b = convert_strong = _around_text_only("**")
    convert_i = convert_em = _around_text_only("*")
    convert_s = convert_del = convert_strike = _around_text_only("~~")

    def convert_dt(self, el: "Tag", text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        return f"\n\n{text.strip()}\n\n"


_converter: Any = _Converter()  # Any: markdownify ships no types
