"""What every reader makes of its file: people, posts and the links between them.

A ref names a thing within one file. An external id names it for good: across runs, newer dumps and
renamed files; by it a second run knows what it brought before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

MAX_HTML = 200_000  # characters; Stack Exchange lets people write 30,000, entities swell them
MAX_MARKDOWN = 60_000  # rendering this takes a second at worst
LONGEST_TITLE = 300
MOST_VOTES = 1_000_000  # of a post


@dataclass(frozen=True)
class Person:
    """Somebody who wrote something."""

    ref: str
    external_id: str
    name: str
    email: str | None = None  # lower case, valid
    is_expected: bool = False  # becomes a member under this address, not a placeholder


@dataclass(frozen=True)
class SourcePost:
    """A question, an answer or a comment as the file has it."""

    kind: str
    ref: str
    external_id: str
    text: str
    created_at: datetime | None  # None: the instant of the import
    parent: str | None = None  # ref of the question or answer that it stands under
    author: str | None = None  # ref of a person
    title: str = ""
    topics: Sequence[str] = ()
    votes: int = 0
    accepted: str | None = None  # ref of an answer
    edited_at: datetime | None = None
    is_html: bool = False

    @property
    def state(self) -> str:
        """A hash of all that people read: another one means that it changed at the source."""
        return digest(self.title, self.text, *self.topics)


def digest(*parts: str) -> str:
    """Return a short name of some texts."""
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def fit_title(title: str, *, longest: int = LONGEST_TITLE) -> tuple[str, str]:
    """Tidy a title, and shorten one that no page can show.

    Args:
        title: in any length.
        longest: characters that may stay.

    Returns:
        The title, and the whole of it when it was cut, so that it can begin the text.
    """
    title = " ".join(title.replace("\x00", "").split())
    if len(title) <= longest:
        return title, ""
    return title[: longest - 1].rsplit(" ", 1)[0].rstrip() + "…", title
