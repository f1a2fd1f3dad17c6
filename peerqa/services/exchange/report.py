"""What an import did, in numbers and notices; the same for a dry run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from peerqa.errors import N_

Step = Callable[[str, int, int | None], None]  # what is being done, how many, of how many


class Notice(StrEnum):
    """What a person should know of an import, though it is no error; %(count)s times."""

    ORPHAN_ANSWERS = N_("Answers left out because their question is not in the dump: %(count)s.")
    ORPHAN_COMMENTS = N_("Comments left out because their post is not in the dump: %(count)s.")
    LOST_DUPLICATES = N_("Duplicate links left out because an end is not in the dump: %(count)s.")
    NO_VOTES = N_("There is no Votes.xml: posts whose score was taken as their votes: %(count)s.")
    CUT_TITLES = N_("Long titles that were cut; the whole one begins the text: %(count)s.")
    LONG_TEXTS = N_("Texts kept whole though they are longer than people may write: %(count)s.")
    OLD_ENCODING = N_("The file is not UTF-8 and was read as Windows-1252.")
    UNKNOWN_COLUMNS = N_("Columns left out because they have no meaning here: %(count)s.")
    OTHER_DETAILS = N_("Rows that repeat a question with other details, left out: %(count)s.")
    SAME_ANSWERS = N_("Rows left out because they repeat an answer word by word: %(count)s.")
    MORE_ACCEPTED = N_("Accepted answers beyond the first of their question: %(count)s.")
    ELSEWHERE = N_("Questions that stay in another space, as imported before: %(count)s.")


@dataclass
class Count:
    """How many of one kind of thing were brought, and how many were here."""

    added: int = 0
    unchanged: int = 0
    updated: int = 0
    kept: int = 0  # changed at the source, but people here had changed them too


@dataclass
class Report:
    """What an import did, or would do."""

    questions: Count = field(default_factory=Count)
    answers: Count = field(default_factory=Count)
    comments: Count = field(default_factory=Count)
    members: Count = field(default_factory=Count)
    topics: Count = field(default_factory=Count)
    votes: Count = field(default_factory=Count)
    accepted: Count = field(default_factory=Count)
    duplicates: Count = field(default_factory=Count)
    batch: int | None = None  # None when nothing was added or changed
    dry_run: bool = False
    notices: Counter[Notice] = field(default_factory=Counter)

    def counts(self) -> dict[str, Count]:
        """Return the counts by what they count."""
        return {name: count for name, count in vars(self).items() if isinstance(count, Count)}

    def sentences(self) -> list[str]:
        """Return the notices as sentences."""
        return [n % {"count": self.notices[n]} for n in Notice if self.notices[n]]


@dataclass
class UndoReport:
    """What undoing a batch removed, by kind, and how many things it set back."""

    batch: int
    removed: dict[str, int]
    restored: int
