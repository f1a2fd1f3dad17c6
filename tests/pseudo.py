"""A language in which every sentence that went through a catalogue is seen: ⟦Åšķ à çöļļéàĝüé ~~~~⟧.

Letters have accents, sentences are a third longer, and stand in brackets. Places keep their names.
"""

import re
from gettext import NullTranslations
from html.parser import HTMLParser

OPENS, CLOSES = "⟦", "⟧"
_ACCENTS = str.maketrans("aceghiklnorstuyACEGHIKLNORSTUY", "åçéĝĥîķļñöŕšţüýÅÇÉĜĤÎĶĻÑÖŔŠŢÜÝ")
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]*>|\{\w+\}|&\w+;)")
_BRACKETED = re.compile(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}")
_SILENT = {"script", "style", "time", "code", "kbd"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "path", "circle"}
_SPOKEN = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
_SPOKEN |= {"data-guess", "data-label", "data-offline", "data-count", "content"}


def pseudo(sentence: str) -> str:
    """Return the sentence as it is in no language."""
    pieces = _KEPT.split(sentence)
    pieces[::2] = [piece.translate(_ACCENTS) for piece in pieces[::2]]
    return f"{OPENS}{''.join(pieces)}{'~' * (len(sentence) // 3)}{CLOSES}"


class Pseudo(NullTranslations):
    """The catalogue of that language."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    ugettext, ungettext = gettext, ngettext  # as flask-babel calls them


class _Reader(HTMLParser):
    """Collects what a person sees or hears of a page; instants are of the reader's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent: list[str] = []  # elements that are open, from one on that says nothing

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if self._silent or tag in _SILENT or found.get("translate") == "no":
            self._silent += [tag] if tag not in _VOID else []
        elif tag != "meta":
            self.said += [value for name, value in attrs if name in _SPOKEN and value]
            if tag == "input" and found.get("type") in {"submit", "button", "reset"}:
                self.said.append(found.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:  # what need not be closed may be still open in it
            del self._silent[len(self._silent) - 1 - self._silent[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def untranslated(page: str) -> list[str]:
    """Return the words on a page that no catalogue was asked for."""
    reader = _Reader()
    reader.feed(page)
    text = re.sub(r"https?://[^\s⟧]+|[^\s⟧]+@[^\s⟧]+", " ", "\n".join(reader.said))
    while text != (less := _BRACKETED.sub(" ", text)):
        text = less
    return re.findall(r"[^\W\d_]{2,}", text)
