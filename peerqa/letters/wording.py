"""How a letter is worded: a subject that says what happened, text and HTML, and its headers.

Templates are rendered without a request, in the language of who gets the letter. Names and titles
are what people typed: on one line, without marks that turn the direction of what follows, and
isolated where they are written from right to left, so that no name changes what the sentence around
it says.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from peerqa import languages
from peerqa.database import one_line
from peerqa.models.notifying.letter import LetterKind
from peerqa.models.notifying.mail_choice import Stopped
from peerqa.secrets import InstanceKey
from peerqa.services.notifying.contents import Contents, NewsLine, OpenLine
from peerqa.services.notifying.kinds import KINDS
from peerqa.services.notifying.leaving import Leave, make_token
from peerqa.settings import Settings

PACKAGE = Path(__file__).parent.parent
MOST_OF_A_NAME, MOST_OF_A_TITLE = 60, 110
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Said:
    """A line of news, in the reader's language."""

    sentence: str
    title: str
    excerpt: str
    link: str


@dataclass(frozen=True)
class Known:
    """A question that the reader may know."""

    title: str
    space: str
    link: str


def write(
    contents: Contents, *, settings: Settings, key: InstanceKey, at: datetime
) -> EmailMessage:
    """Return the message, ready to be handed over."""
    words = languages.catalogue(contents.language)
    news = [_say(line, settings, words) for line in contents.news]
    known = [_know(line, settings) for line in contents.open]
    leave = _leave(contents)
    links = {
        "leave": f"{settings.address}/leave/{make_token(key, leave, at=at)}",
        "settings": f"{settings.address}/notifications/settings",
        "inbox": f"{settings.address}/notifications",
    }
    message = EmailMessage()
    message["From"] = _sender(settings.mail_from)
    message["To"] = contents.address
    message["Subject"] = subject(contents, words)
    message["Date"] = format_datetime(at.astimezone(UTC))
    _thread(message, contents, settings)
    message["List-Unsubscribe"] = f"<{links['leave']}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058 section 3.1
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody is away from a machine
    pieces = {
        "contents": contents,
        "news": news,
        "known": known,
        "links": links,
        "subject": str(message["Subject"]),
        "leaves_kinds": bool(leave.kinds),
    }
    templates = _templates(contents.language)
    message.set_content(templates.get_template("letter.txt").render(pieces))
    message.add_alternative(templates.get_template("letter.html").render(pieces), subtype="html")
    return message


def subject(contents: Contents, words: NullTranslations) -> str:
    """Return what happened, with the title of the question where there is one thing."""
    if contents.kind == LetterKind.NEWS and len(contents.news) == 1:
        (line,) = contents.news
        return f"{_sentence(line, words)}: {_short(line.title, MOST_OF_A_TITLE)}"
    count = len(contents.news) + contents.more_count
    if not count:
        sentence = words.ngettext(
            "%(num)s open question that you may know",
            "%(num)s open questions that you may know",
            len(contents.open),
        )
        return sentence % {"num": len(contents.open)}
    first = _sentence(contents.news[0], words)
    if count == 1:
        return first
    more = words.ngettext("%(first)s, and %(num)s more", "%(first)s, and %(num)s more", count - 1)
    return more % {"first": first, "num": count - 1}


def _say(line: NewsLine, settings: Settings, words: NullTranslations) -> Said:
    part = f"?post={line.post_id}" if line.post_id != line.question_id else ""
    return Said(
        _sentence(line, words),
        _short(line.title, 300),
        _tidy(line.excerpt),
        f"{settings.address}/questions/{line.question_id}{part}#post-{line.post_id}",
    )


def _know(line: OpenLine, settings: Settings) -> Known:
    link = f"{settings.address}/questions/{line.question_id}"
    return Known(_short(line.title, 300), _short(line.space, MOST_OF_A_NAME), link)


def _sentence(line: NewsLine, words: NullTranslations) -> str:
    kind = KINDS[line.kind]
    name = _short(line.actor, MOST_OF_A_NAME) if line.actor else words.gettext(kind.nobody)
    return words.gettext(kind.sentence) % {"name": name}


def _leave(contents: Contents) -> Leave:
    """Return what one click leaves: these kinds of news, or the digests."""
    if contents.kind == LetterKind.NEWS:
        return Leave(contents.member_id, contents.kinds)
    return Leave(contents.member_id, (), Stopped.DIGESTS)


def _thread(message: EmailMessage, contents: Contents, settings: Settings) -> None:
    """Number the letter, and hang it under its question: mail programs show them together."""
    host = urlsplit(settings.address).hostname or "localhost"
    message["Message-ID"] = f"<letter-{contents.letter_id}@{host}>"
    if contents.question_id is not None:
        root = f"<question-{contents.question_id}@{host}>"
        message["In-Reply-To"], message["References"] = root, root


def _sender(mail_from: str) -> str | Address:
    """Return the sender, by name where the setting has none."""
    try:
        return Address("PeerQA", addr_spec=mail_from)
    except ValueError:
        return mail_from


def _short(text: str, most: int) -> str:
    text = _tidy(text)
    text = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    if any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text):
        return f"\u2068{text}\u2069"  # FSI … PDI: the sentence around it keeps its direction
    return text


def _tidy(text: str) -> str:
    """Return the text on one line, without control characters and turns of direction."""
    text = _DIRECTIONS.sub("", one_line(text))
    return "".join(c for c in text if unicodedata.category(c) != "Cc")


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PACKAGE / "templates" / "letters"),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install: Callable[..., None] = environment.install_gettext_translations  # type: ignore[attr-defined]  # of the extension
    install(languages.catalogue(language), newstyle=True)
    environment.globals.update(language=language, direction=languages.direction(language))
    return environment
