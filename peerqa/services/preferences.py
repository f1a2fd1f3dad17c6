"""How PeerQA is for a reader: language, time zone, shortcuts.

The language: what the member chose, else what their LMS said at the last launch, else the
organization's; else, on a page, what the browser asks for, and in a letter the language that the
organization writes in. The zone: what the member chose; else a page takes the browser's, and what
is written without a browser takes the organization's.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from peerqa import languages
from peerqa.errors import N_, Invalid
from peerqa.models import MailSetting, Member
from peerqa.services import audit
from peerqa.services.notifying.local_time import next_time, read_zone, zone_of


@dataclass(frozen=True)
class Preferences:
    """What is known of a reader."""

    language: str | None = None  # None: as the browser asks
    zone: str | None = None  # what the member chose
    organization_zone: str | None = None
    has_shortcuts: bool = True


def read_preferences(member: Member) -> Preferences:
    """Return how PeerQA is for this member."""
    organization = member.organization
    return Preferences(
        languages.known(member.language)
        or languages.match(member.launch_language)
        or languages.known(organization.screen_language),
        member.time_zone,
        organization.time_zone,
        member.has_shortcuts,
    )


def language_of(member: Member) -> str:
    """Return the language of what is written to the member without a browser."""
    chosen = read_preferences(member).language
    return chosen or languages.match(member.organization.language) or languages.ENGLISH


def clock_of(member: Member) -> ZoneInfo:
    """Return the zone of what is done for the member without a browser."""
    return zone_of(member.time_zone or member.organization.time_zone)


def save_preferences(
    session: Session, *, member: Member, language: str, zone: str, has_shortcuts: bool, at: datetime
) -> None:
    """Save what the member chose; an empty choice is none.

    Raises:
        Invalid: a language or a zone that there is not.
    """
    member.language = _read_language(language)
    _move(session, member, read_zone(zone), at=at)
    member.has_shortcuts = has_shortcuts
    session.flush()


def save_defaults(session: Session, *, by: Member, language: str, zone: str, at: datetime) -> None:
    """Save what holds for members who chose nothing.

    Raises:
        Invalid: a language or a zone that there is not.
    """
    organization = by.organization
    organization.screen_language = _read_language(language)
    organization.time_zone = read_zone(zone)
    audit.record(
        session, "defaults.changed", by=by, at=at,
        language=organization.screen_language, zone=organization.time_zone,
    )  # fmt: skip


def note_launch_language(session: Session, *, member: Member, tag: str | None) -> None:
    """Keep the language that the LMS shows to the member, where it says one that there is."""
    language = languages.match(tag)
    if language is not None and language != member.launch_language:
        member.launch_language = language
        session.flush()


def _move(session: Session, member: Member, zone: str | None, *, at: datetime) -> None:
    """Put the member into another zone: the next morning is another instant there."""
    if zone == member.time_zone:
        return
    member.time_zone = zone
    setting = session.get(MailSetting, member.id)
    if setting is not None:
        setting.digest_at = next_time(at, setting.digest_hour, clock_of(member))


def _read_language(language: str) -> str | None:
    if language and languages.known(language) is None:
        raise Invalid(N_("This language is not offered. Choose another one."), field="language")
    return language or None
