"""What an import did, in numbers and notices; the same for a dry run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from peerqa.errors import N_

Step = Callable[[str, int, int | None], None]  # what is being done, how many, of how many


class Notice(StrEnum):
    """What a person should know of an import, though it is no error; %(count)s times."""

    ORPHAN_ANSWERS = N_("%(count)s answers were left out: their question is not in the dump.")
    ORPHAN_COMMENTS = N_("%(count)s comments were left out: their post is not in the dump.")
    LOST_DUPLICATES = N_("%(count)s duplicate links were left out: one end is not in the dump.")
    NO_VOTES = N_("There is no Votes.xml: the score of %(count)s posts was taken as their votes.")
    CUT_TITLES = N_("%(count)s titles were too long: the whole title begins the question's text.")
    LONG_TEXTS = N_("%(count)s texts are longer than people may write here; they are kept whole.")
    OLD_ENCODING = N_("The file is not UTF-8; it was read as Windows-1252.")
    UNKNOWN_COLUMNS = N_("%(count)s columns have no meaning here and were left out.")
    OTHER_DETAILS = N_("%(count)s rows repeat a question with other details; the first were taken.")
    SAME_ANSWERS = N_("%(count)s rows repeat an answer word by word and were left out.")
    SEVERAL_ACCEPTED = N_("%(count)s questions have several accepted answers; the first was taken.")
    ELSEWHERE = N_("%(count)s questions were imported into another space before and stay there.")


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
        return [notice % {"count": count} for notice, count in self.notices.items() if count]


@dataclass
class UndoReport:
    """What undoing a batch removed, by kind, and how many things it set back."""

    batch: int
    removed: dict[str, int]
    restored: int
