"""What a look-up gives back: hits that claim to answer, and related ones that claim nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerqa.models import Answer, Member, Organization, Question
from peerqa.permissions import spaces_of

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


@dataclass(frozen=True)
class Hit:
    """An earlier question, its best answer, and how likely it answers what was asked."""

    question: Question  # with its space loaded, and its topics where it was searched for
    answer: Answer | None  # accepted, else the most helpful; with its author loaded
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
