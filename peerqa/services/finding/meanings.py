"""What each filter of a search stands for, or why nothing can have it: one query for all.

What the member may not see is answered as what does not exist. A value may be a name or an id.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from peerqa.database import storable
from peerqa.errors import N_, Invalid
from peerqa.models import Member, Question, QuestionTopic, Space, Topic, TopicSynonym
from peerqa.paging import read_id
from peerqa.permissions import spaces_visible_to, visible_to
from peerqa.services.finding.operators import MOST_TERMS, MOST_VALUE, Term
from peerqa.services.topics import topic_name

STATES = ("open", "answered", "solved", "verified")
KINDS = ("question", "answer", "guide")
MYSELF = "me"
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")

NO_TOPIC = N_("There is no topic of this name.")
NO_SPACE = N_("There is no space of this name.")
NO_MEMBER = N_("There is nobody of this name.")
NO_STATE = N_("A question is open, answered, solved or verified.")
NO_KIND = N_("A post is a question, an answer or a guide.")
NO_DAY = N_("A day is written like 2026-01-31, a month like 2026-01.")
TOO_MANY = N_("This is one filter too many; at most ten are looked at.")

_REFUSALS = {"topic": NO_TOPIC, "space": NO_SPACE, "author": NO_MEMBER}

Ids = frozenset[int]


class SpaceName(NamedTuple):
    """A space to choose."""

    id: int
    name: str


class _Row(NamedTuple):
    id: int
    name: str
    other_name: str


@dataclass(frozen=True)
class Meaning:
    """A filter and what it stands for; one field is set."""

    term: Term
    ids: Ids = frozenset()  # of the topic, the spaces or the members
    word: str = ""  # the state or the kind
    day: datetime | None = None  # its beginning, in UTC
    refused: str = ""  # why nothing can have it: a sentence to translate


def read_meanings(
    session: Session, member: Member, terms: Sequence[Term], *, with_spaces: bool = False
) -> tuple[list[Meaning], list[SpaceName]]:
    """Say what each filter stands for, in their order.

    Args:
        with_spaces: return all spaces that the member may see as well, by name.
    """
    asked, left = terms[:MOST_TERMS], terms[MOST_TERMS:]
    wanted = {
        key: [each.value for each in asked if each.key == key and len(each.value) <= MOST_VALUE]
        for key in _REFUSALS
    }
    rows = _look_up(session, member, wanted, with_spaces=with_spaces)
    named = {
        "topic": _read_topics(wanted["topic"], rows),
        "space": _by_value(wanted["space"], [(row.id, [row.name]) for row in rows["space"]]),
        "author": _by_value(
            wanted["author"],
            [
                *((row.id, [row.name, *_beginnings(row.name)]) for row in rows["author"]),
                (member.id, [MYSELF]),
            ],
        ),
    }
    meanings = [
        *(_named(each, named[each.key]) if each.key in named else _written(each) for each in asked),
        *(Meaning(each, refused=TOO_MANY) for each in left),
    ]
    return meanings, sorted((SpaceName(row.id, row.name) for row in rows["space"]), key=_by_name)


def read_day(written: str) -> datetime | None:
    """Return when a day, the first of a month or of a year begins, in UTC."""
    parts = _DAY.fullmatch(written)
    if parts is None:
        return None
    year, month, day = (int(part or 1) for part in parts.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None


def _named(term: Term, named: Mapping[str, Ids]) -> Meaning:
    found = named.get(term.value)
    return Meaning(term, ids=found) if found else Meaning(term, refused=_REFUSALS[term.key])


def _written(term: Term) -> Meaning:
    word = term.value.lower()
    if term.key == "is":
        return Meaning(term, word=word) if word in STATES else Meaning(term, refused=NO_STATE)
    if term.key == "kind":
        return Meaning(term, word=word) if word in KINDS else Meaning(term, refused=NO_KIND)
    day = read_day(word)
    return Meaning(term, day=day) if day else Meaning(term, refused=NO_DAY)


def _look_up(
    session: Session, member: Member, wanted: Mapping[str, Sequence[str]], *, with_spaces: bool
) -> dict[str, list[_Row]]:
    """Return the topics, spaces and members that may be meant; one query for all."""
    parts = []
    if names := _topic_names(wanted["topic"]):
        parts.append(_topics_named(member, list(names.values())))
    if wanted["space"] or with_spaces:
        parts.append(_spaces_seen(member))
    if wanted["author"]:
        parts.append(_members_named(member, wanted["author"]))
    rows: dict[str, list[_Row]] = {key: [] for key in _REFUSALS}
    for key, each, name, other_name in session.execute(union_all(*parts)) if parts else ():
        rows[key].append(_Row(each, name, other_name))
    return rows


def _topics_named(member: Member, names: Sequence[str]) -> Select[str, int, str, str]:
    """Topics of which the member may see a question, and the other names of each."""
    seen = (
        select(QuestionTopic.topic_id)
        .join(Question, Question.id == QuestionTopic.question_id)
        .where(QuestionTopic.topic_id == Topic.id, visible_to(member, with_guides=True))
    )
    return (
        select(literal("topic"), Topic.id, Topic.name, func.coalesce(TopicSynonym.name, ""))
        .outerjoin(TopicSynonym, TopicSynonym.topic_id == Topic.id)
        .where(
            Topic.organization_id == member.organization_id,
            or_(Topic.name.in_(names), TopicSynonym.name.in_(names)),
            seen.exists(),
        )
    )


def _spaces_seen(member: Member) -> Select[str, int, str, str]:
    return select(literal("space"), Space.id, Space.name, literal("")).where(
        spaces_visible_to(member)
    )


def _members_named(member: Member, values: Sequence[str]) -> Select[str, int, str, str]:
    """Who has the name, or begins with it: a first name is enough."""
    spellings = _spellings(values)
    return select(literal("author"), Member.id, Member.name, literal("")).where(
        Member.organization_id == member.organization_id,
        or_(
            Member.id.in_(_ids_in(values)),
            *(Member.name.ilike(name, escape="\\") for name in spellings),
            *(Member.name.ilike(f"{name} %", escape="\\") for name in spellings),
        ),
    )


def _read_topics(values: Sequence[str], rows: Mapping[str, Sequence[_Row]]) -> dict[str, Ids]:
    """Return the topic of each name; a synonym comes first, as when a question is asked."""
    by_name = {row.name: row.id for row in rows["topic"]}
    by_name |= {row.other_name: row.id for row in rows["topic"]}
    names = _topic_names(values)
    return {value: frozenset([by_name[name]]) for value, name in names.items() if name in by_name}


def _topic_names(values: Sequence[str]) -> dict[str, str]:
    """Return what each value is called as a topic; nothing for what no topic can be called."""
    names: dict[str, str] = {}
    for value in values:
        with suppress(Invalid):
            names[value] = topic_name(value)
    return names


def _by_value(values: Sequence[str], named: Sequence[tuple[int, Sequence[str]]]) -> dict[str, Ids]:
    """Return which of the things each value means: by its id, or by one of its names."""
    known: dict[str, set[int]] = {}
    for each, names in named:
        for name in {str(each), *map(_plain, names)}:
            known.setdefault(name, set()).add(each)
    return {value: frozenset(known.get(_plain(value), ())) for value in values}


def _by_name(space: SpaceName) -> str:
    return space.name.casefold()


def _beginnings(name: str) -> list[str]:
    words = name.split()
    return [" ".join(words[:count]) for count in range(1, len(words))]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _ids_in(values: Sequence[str]) -> list[int]:
    return [number for value in values if (number := read_id(value)) is not None]


def _spellings(values: Sequence[str]) -> list[str]:
    """Return patterns of the names: SQLite's LIKE knows only the small letters of English."""
    names = [storable(value) for value in values]
    spelled = {each for name in names for each in (name, name.title(), name.upper(), name.lower())}
    return [re.sub(r"([\\%_])", r"\\\1", name) for name in sorted(spelled)]
