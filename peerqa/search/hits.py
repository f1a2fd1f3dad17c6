"""What a look-up gives back: hits that claim to answer, and related ones that claim nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerqa.models import Member, Organization
from peerqa.permissions import spaces_of

MOST_CHARACTERS = 2_000  # of a question's body, and of each answer, that are looked at again

State = Literal["very_likely", "possibly"]


@dataclass(frozen=True)
class Reader:
    """Who looks: what they may see, and how sure a hit must be to be shown to them."""

    organization_id: int
    precision_target: float
    language: str
    space_ids: frozenset[int]  # closed spaces that they are in


@dataclass(frozen=True)
class Passage:
    """A piece of an answer: Answer.plain[start:end]."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FoundQuestion:
    """What a hit tells of its question."""

    id: int
    title: str
    plain: str  # its beginning
    answer_count: int
    accepted_id: int | None
    duplicate_of_id: int | None
    space_id: int
    space_name: str
    retired_count: int = 0  # of its answers; more than there are, where it is retired itself
    is_verified: bool = False  # one of its answers
    is_guide: bool = False  # its own text answers

    @property
    def live_count(self) -> int:
        """How many of its answers may be shown as answering something."""
        return max(0, self.answer_count + self.is_guide - self.retired_count)

    @property
    def is_retired(self) -> bool:
        """Whether nothing here is held to be right any more."""
        return self.retired_count > 0 and not self.live_count

    @property
    def is_solved(self) -> bool:
        """Whether an answer was accepted."""
        return self.accepted_id is not None


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """What a hit tells of its answer."""

    id: int
    question_id: int
    plain: str
    helped_count: int  # people who said that it helped or solved it
    author_name: str | None  # None: it has no author any more
    is_verified: bool = False


@dataclass(frozen=True)
class Hit:
    """An earlier question, its best answer, and how likely it answers what was asked."""

    question: FoundQuestion
    answer: FoundAnswer | None  # accepted, else the most helpful
    passage: Passage | None  # of that answer, nearest to what was typed
    similarity: float | None  # cosine, in [-1, 1]; None when found by words alone
    gap: float | None  # to the ten others that stand highest; None when not looked at closely
    probability: float | None  # that it answers, in [0, 1]
    state: State | None  # None: related, claims nothing
    model: str | None = None  # whose vectors similarity and gap are of


@dataclass(frozen=True)
class Found:
    """The outcome of a look-up."""

    hits: Sequence[Hit]  # at most three, best first, all with a state
    related: Sequence[Hit]  # without a state
    by_words_only: bool  # the encoder or the index was not there


@dataclass(frozen=True)
class Results:
    """One page of search results."""

    hits: Sequence[Hit]
    next: int | None  # where the next page begins
    by_words_only: bool


def reader_of(member: Member) -> Reader:
    """Return what this member may find; the organization must be loaded."""
    organization = member.organization
    return Reader(
        organization.id,
        organization.precision_target,
        organization.language,
        frozenset(spaces_of(member)),
    )


def reader_of_organization(organization: Organization) -> Reader:
    """Return what everybody in the organization may find; for commands, which are nobody."""
    return Reader(
        organization.id, organization.precision_target, organization.language, frozenset()
    )
