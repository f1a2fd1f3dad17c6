"""The demo company as values; people, spaces and threads are named by their keys and names.

Times are ages, so that the company is always as young as the day it is founded on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from peerqa.demo.people import email_of


@dataclass(frozen=True)
class DemoSpace:
    """A space; a closed one is seen by its members only."""

    name: str
    description: str
    is_closed: bool


@dataclass(frozen=True)
class Person:
    """Somebody of the company; everybody is in the first space, and in those named here."""

    key: str
    name: str
    department: str
    spaces: frozenset[str]
    steward_of: frozenset[str]
    is_admin: bool
    has_left: bool

    @property
    def email(self) -> str:
        """Where mail would go."""
        return email_of(self.key)


@dataclass(frozen=True)
class Remark:
    """A comment."""

    by: str
    ago: timedelta
    text: str


@dataclass(frozen=True)
class Reply:
    """An answer, and whom it helped."""

    by: str
    ago: timedelta
    body: str
    is_accepted: bool
    helped: Sequence[str]
    remarks: Sequence[Remark]


@dataclass(frozen=True)
class Thread:
    """A question with everything under it; people are named by their keys."""

    key: str
    title: str
    by: str
    space: str
    ago: timedelta
    topics: Sequence[str]  # its file's topic first
    body: str
    same: Sequence[str]  # who has this too
    duplicate_of: str | None
    remarks: Sequence[Remark]
    replies: Sequence[Reply]


@dataclass(frozen=True)
class DemoTopic:
    """A file: a topic, its other names, and the threads that are mostly about it."""

    name: str
    about: str
    synonyms: Sequence[str]
    threads: Sequence[Thread]


@dataclass(frozen=True)
class Company:
    """All of it."""

    organization: str
    departments: Sequence[str]
    spaces: Sequence[DemoSpace]
    people: Mapping[str, Person]
    topics: Sequence[DemoTopic]

    @property
    def threads(self) -> list[Thread]:
        """All threads, the oldest first."""
        threads = [thread for topic in self.topics for thread in topic.threads]
        return sorted(threads, key=lambda thread: -thread.ago)
