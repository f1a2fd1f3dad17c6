"""What holds in an organization where nobody chose otherwise.

The language of its texts, who sees a question at first, how long what is of passing use is kept.
An organization may keep things for a shorter time than whoever runs PeerQA set, never longer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.errors import N_, Invalid
from peerqa.languages import WRITTEN
from peerqa.models import Member, Organization
from peerqa.models.space import Visibility
from peerqa.services import audit
from peerqa.services.admin.admins import refuse_others

REWORD = "reword"  # the outbox topic; its key is the organization's id, and after which post
KEPT = ("evidence", "draft", "news")  # each for "…_days" of an organization
LEAST_DAYS = 1


@dataclass(frozen=True)
class Chosen:
    """What was chosen for how long things are kept, as it was typed; empty: as long as may be."""

    evidence: str = ""
    draft: str = ""
    news: str = ""


def set_writing(
    session: Session, *, language: str, visibility: Visibility, by: Member, at: datetime
) -> None:
    """Say in which language colleagues write, and who sees a question that says nothing else.

    The words of all posts are brought to the stems of another language by the worker.

    Raises:
        Invalid: the language is none of those that can be chosen.
    """
    refuse_others(by)
    if language not in WRITTEN:
        raise Invalid(N_("Choose a language from the list."), field="language")
    organization = by.organization
    if language != organization.language:
        organization.language = language
        outbox.ask(session, REWORD, f"{organization.id}:0", at=at)
    organization.question_visibility = visibility.value
    audit.record(
        session, "settings.changed", by=by, thing=organization, at=at,
        language=language, visibility=visibility.value,
    )  # fmt: skip


def set_retention(
    session: Session, *, chosen: Chosen, most: Mapping[str, int], by: Member, at: datetime
) -> None:
    """Say how many days things are kept; it holds from the next day on.

    Args:
        most: days of each kind that whoever runs PeerQA set.

    Raises:
        Invalid: a number that is none, or above the most; its field is the kind.
    """
    refuse_others(by)
    days = {kind: _read_days(getattr(chosen, kind), kind, most[kind]) for kind in KEPT}
    for kind, number in days.items():
        setattr(by.organization, f"{kind}_days", number)
    audit.record(
        session, "settings.retention", by=by, thing=by.organization, at=at,
        evidence=days["evidence"], draft=days["draft"], news=days["news"],
    )  # fmt: skip


def days_kept(organization: Organization, kind: str, most: int) -> int:
    """Return for how many days something is kept."""
    chosen: int | None = getattr(organization, f"{kind}_days")
    return most if chosen is None else min(chosen, most)


def _read_days(typed: str, kind: str, most: int) -> int | None:
    typed = typed.strip()
    if not typed:
        return None
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    if not LEAST_DAYS <= number <= most:
        raise Invalid(
            N_("Give a number of days from %(least)s to %(most)s, or nothing."),
            field=kind,
            least=LEAST_DAYS,
            most=most,
        )
    return number
