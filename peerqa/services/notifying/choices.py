"""What members want to be told by mail, and when: read for many at once, changed by each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa.database import insert_once
from peerqa.errors import N_, Invalid
from peerqa.models import MailChoice, MailSetting, Member
from peerqa.models.notifying.mail_choice import Frequency, Stopped
from peerqa.services.notifying.kinds import KINDS, OPEN, kind_of
from peerqa.services.notifying.local_time import next_time, quiet_until, read_zone
from peerqa.services.preferences import clock_of

DIGEST_HOUR = 8
UTC = ZoneInfo("UTC")
HOURS = range(24)
_NOT_UNDERSTOOD = N_("This form said something that is not offered. Reload the page and try again.")


@dataclass(frozen=True)
class Wishes:
    """What one member wants."""

    time_zone: str | None = None  # as chosen
    clock: ZoneInfo = UTC
    quiet_from: int | None = None
    quiet_until: int | None = None
    digest_hour: int = DIGEST_HOUR
    stopped: str = Stopped.NOTHING
    everywhere: Mapping[str, str] = field(default_factory=dict)  # by kind
    by_space: Mapping[tuple[int, str], str] = field(default_factory=dict)  # by space and kind

    def frequency(self, reason: str, space_id: int | None) -> Frequency:
        """Return how often news with this reason from this space is mailed."""
        kind = kind_of(reason)
        if self.stopped == Stopped.ALL:
            return Frequency.NEVER
        chosen = self.by_space.get((space_id, kind)) if space_id is not None else None
        found = Frequency(chosen or self.everywhere.get(kind) or KINDS[kind].default)
        if self.stopped == Stopped.DIGESTS and found is not Frequency.IMMEDIATE:
            return Frequency.NEVER
        return found

    def quiet_until_when(self, at: datetime) -> datetime | None:
        """Return when the quiet hours end, where it is quiet now."""
        return quiet_until(at, self.quiet_from, self.quiet_until, self.clock)


def read_wishes(session: Session, members: Sequence[Member]) -> dict[int, Wishes]:
    """Return what each of the members wants, by id; two queries however many they are."""
    ids = [member.id for member in members]
    settings = {
        row.member_id: row
        for row in session.scalars(select(MailSetting).where(MailSetting.member_id.in_(ids)))
    }
    everywhere: dict[int, dict[str, str]] = {}
    by_space: dict[int, dict[tuple[int, str], str]] = {}
    for row in session.scalars(select(MailChoice).where(MailChoice.member_id.in_(ids))):
        if row.space_id is None:
            everywhere.setdefault(row.member_id, {})[row.kind] = row.frequency
        else:
            by_space.setdefault(row.member_id, {})[row.space_id, row.kind] = row.frequency
    return {
        member.id: _joined(
            member,
            settings.get(member.id),
            everywhere.get(member.id, {}),
            by_space.get(member.id, {}),
        )
        for member in members
    }


def _joined(
    member: Member,
    setting: MailSetting | None,
    everywhere: Mapping[str, str],
    by_space: Mapping[tuple[int, str], str],
) -> Wishes:
    if setting is None:
        return Wishes(member.time_zone, clock_of(member), everywhere=everywhere, by_space=by_space)
    return Wishes(
        member.time_zone,
        clock_of(member),
        setting.quiet_from,
        setting.quiet_until,
        setting.digest_hour,
        setting.stopped,
        everywhere,
        by_space,
    )


def save_times(
    session: Session,
    *,
    member: Member,
    zone: str,
    quiet_from: str,
    quiet_until: str,
    digest_hour: str,
    at: datetime,
) -> None:
    """Save when the member may be reached; what is typed comes as it was sent.

    Raises:
        Invalid: an unknown zone, half of the quiet hours, or quiet hours that are the whole day.
    """
    start, end = _read_hour(quiet_from), _read_hour(quiet_until)
    if (start is None) != (end is None):
        raise Invalid(
            N_("Quiet hours need a beginning and an end. Choose both, or none."), field="quiet"
        )
    if start is not None and start == end:
        raise Invalid(
            N_("This is the whole day. To get no e-mail at all, choose so above."), field="quiet"
        )
    hour = _read_hour(digest_hour)
    if hour is None:
        raise Invalid(_NOT_UNDERSTOOD, field="digest_hour")
    member.time_zone = read_zone(zone)
    setting = setting_of(session, member, at=at)
    setting.quiet_from, setting.quiet_until, setting.digest_hour = start, end, hour
    setting.digest_at = next_time(at, hour, clock_of(member))
    session.flush()


def save_choices(
    session: Session, *, member: Member, chosen: Mapping[str, str], space_id: int | None = None
) -> None:
    """Save how often each kind is mailed, everywhere or in a space that the member may see.

    Args:
        chosen: by kind; an empty one means the default, in a space: as everywhere.

    Raises:
        Invalid: a frequency that the kind does not have.
    """
    for kind, frequency in chosen.items():
        if kind not in KINDS or (frequency and frequency not in frequencies(kind)):
            raise Invalid(_NOT_UNDERSTOOD, field="frequency")
    _forget(session, member, chosen, space_id)
    for kind, frequency in chosen.items():
        if frequency and (space_id is not None or frequency != KINDS[kind].default):
            insert_once(
                session,
                MailChoice,
                member_id=member.id,
                space_id=space_id,
                kind=kind,
                frequency=frequency,
            )


def frequencies(kind: str) -> Sequence[Frequency]:
    """Return what can be chosen; nobody waits for open questions."""
    return [f for f in Frequency if kind != OPEN or f is not Frequency.IMMEDIATE]


def stop(session: Session, *, member: Member, what: Stopped, at: datetime) -> None:
    """Leave the digests or all mail, or get it all again."""
    setting_of(session, member, at=at).stopped = what
    session.flush()


def leave_kinds(session: Session, *, member: Member, kinds: Collection[str]) -> None:
    """Get no mail of these kinds any more, in any space; harmless twice."""
    session.execute(
        delete(MailChoice).where(MailChoice.member_id == member.id, MailChoice.kind.in_(kinds))
    )
    save_choices(session, member=member, chosen=dict.fromkeys(kinds, Frequency.NEVER.value))


def return_to_kinds(session: Session, *, member: Member, kinds: Collection[str]) -> None:
    """Get mail of these kinds again, as by default."""
    _forget(session, member, kinds, None)


def spaces_with_choices(wishes: Wishes) -> set[int]:
    """Return the ids of the spaces in which something is different."""
    return {space_id for space_id, _kind in wishes.by_space}


def setting_of(session: Session, member: Member, *, at: datetime) -> MailSetting:
    """Return the member's row, made where it is missing; of two at once, one makes it."""
    found = session.get(MailSetting, member.id)
    if found is None:
        insert_once(
            session,
            MailSetting,
            member_id=member.id,
            digest_hour=DIGEST_HOUR,
            digest_at=next_time(at, DIGEST_HOUR, clock_of(member)),
            stopped=Stopped.NOTHING,
        )
        found = session.get_one(MailSetting, member.id)
    return found


def _forget(session: Session, member: Member, kinds: Collection[str], space_id: int | None) -> None:
    session.execute(
        delete(MailChoice).where(
            MailChoice.member_id == member.id,
            MailChoice.kind.in_(kinds),
            MailChoice.space_id.is_not_distinct_from(space_id),
        )
    )


def _read_hour(typed: str) -> int | None:
    """Return the hour that was chosen; None for none.

    Raises:
        Invalid: no hour of a day.
    """
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 2 and int(typed) in HOURS):
        raise Invalid(_NOT_UNDERSTOOD, field="hours")
    return int(typed)
