"""What a member chooses about being asked: whether, how often, when, and about what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa.database import insert_once
from peerqa.errors import N_, Invalid
from peerqa.models import Availability, Member, Skill, Topic
from peerqa.services import topics

MOST_A_WEEK = 50
MOST_SKILLS = 20
LONGEST_AWAY = timedelta(days=730)


@dataclass(frozen=True)
class AskingChoices:
    """What is chosen; None where the settings hold."""

    is_asked: bool = True
    most_a_week: int | None = None
    away_from: datetime | None = None  # midnight, UTC
    away_until: datetime | None = None  # the first day back
    works_from: int | None = None
    works_until: int | None = None
    works_on: str = ""
    skills: tuple[str, ...] = ()


def read_choices(session: Session, member: Member) -> AskingChoices:
    """Return what the member has chosen."""
    row, names = session.get(Availability, member.id), list_skills(session, member)
    if row is None:
        return AskingChoices(skills=tuple(names))
    return AskingChoices(
        row.is_asked, row.most_a_week, row.away_from, row.away_until, row.works_from,
        row.works_until, row.works_on, tuple(names),
    )  # fmt: skip


def list_skills(session: Session, member: Member) -> Sequence[str]:
    """Return the topics that the member can be asked about, by name."""
    return session.scalars(
        select(Topic.name)
        .join(Skill, Skill.topic_id == Topic.id)
        .where(Skill.member_id == member.id)
        .order_by(Topic.name)
    ).all()


def save_choices(session: Session, member: Member, choices: AskingChoices) -> None:
    """Save all of it, or nothing.

    Raises:
        Invalid: what is amiss with which field.
    """
    _check(choices)
    insert_once(session, Availability, member_id=member.id, is_asked=True, works_on="")
    row = session.get_one(Availability, member.id)
    row.is_asked, row.most_a_week = choices.is_asked, choices.most_a_week
    row.away_from, row.away_until = choices.away_from, choices.away_until
    row.works_from, row.works_until = choices.works_from, choices.works_until
    row.works_on = choices.works_on
    wanted = topics.make_topics(session, member.organization_id, list(choices.skills))
    session.execute(
        delete(Skill).where(
            Skill.member_id == member.id, Skill.topic_id.not_in([each.id for each in wanted])
        )
    )
    for topic in wanted:
        insert_once(session, Skill, member_id=member.id, topic_id=topic.id)
    session.flush()


def _check(choices: AskingChoices) -> None:
    most = choices.most_a_week
    if most is not None and not 0 <= most <= MOST_A_WEEK:
        raise Invalid(
            N_("Choose a number from 0 to %(most)s."), field="most_a_week", most=MOST_A_WEEK
        )
    if choices.away_until is not None and choices.away_from is None:
        raise Invalid(N_("Say from which day on you are away, too."), field="away")
    if choices.away_from is not None and choices.away_until is not None:
        if choices.away_until <= choices.away_from:
            raise Invalid(N_("The day you are back comes after the day you leave."), field="away")
        if choices.away_until - choices.away_from > LONGEST_AWAY:
            raise Invalid(N_("Nobody is away for more than two years here."), field="away")
    hours = (choices.works_from, choices.works_until)
    if (hours[0] is None) != (hours[1] is None):
        raise Invalid(
            N_("Choose when your work begins and when it ends, or neither."), field="works"
        )
    if hours[0] is not None and hours[1] is not None and not 0 <= hours[0] < hours[1] <= 24:
        raise Invalid(N_("Work ends later on the day than it begins."), field="works")
    if any(day not in "0123456" for day in choices.works_on):
        raise Invalid(N_("Choose days of the week."), field="works")
    if len(choices.skills) > MOST_SKILLS:
        raise Invalid(
            N_("Name at most %(most)s topics: what you know best."), field="skills",
            most=MOST_SKILLS,
        )  # fmt: skip


def read_day(text: str) -> datetime | None:
    """Read a day, as a date field sends it; None for none.

    Raises:
        Invalid: it is no day.
    """
    if not text.strip():
        return None
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(N_("Write a day like 2026-12-24."), field="away") from None
