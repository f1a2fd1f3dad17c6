"""Leaving mail with one click, without signing in (RFC 8058).

The link carries its own right: who, what and until when, sealed with the instance key. So nobody
can make one or read one, nothing is stored, and a link of another installation is no link.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.errors import N_, Invalid
from peerqa.models import Member
from peerqa.models.notifying.mail_choice import Stopped
from peerqa.secrets import BrokenSeal, InstanceKey
from peerqa.services.notifying import choices
from peerqa.services.notifying.kinds import KINDS

LASTS = timedelta(days=366)
_USE = "leave-mail"
_LONGEST = 400  # characters of a token


class LeaveExpired(Invalid):
    """The link is too old, was changed, or is of nobody here."""

    code = "leave-expired"
    status = 410


@dataclass(frozen=True)
class Leave:
    """Who leaves what."""

    member_id: int
    kinds: Sequence[str]  # empty: what `stopped` says
    stopped: Stopped = Stopped.NOTHING


def make_token(key: InstanceKey, leave: Leave, *, at: datetime) -> str:
    """Return what stands in the link; another one each time, and of letters that URLs have."""
    until = (at + LASTS).astimezone(UTC).date().isoformat()
    text = f"{leave.member_id} {until} {leave.stopped.value} {'+'.join(leave.kinds)}"
    return base64.urlsafe_b64encode(key.seal(_USE, text.encode())).decode().rstrip("=")


def read_token(key: InstanceKey, token: str, *, at: datetime) -> Leave:
    """Return what a link says.

    Raises:
        LeaveExpired: it was not made here, was changed, or is older than a year.
    """
    try:
        padded = token[:_LONGEST] + "=" * (-len(token[:_LONGEST]) % 4)
        sealed = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
        text = key.open(_USE, sealed).decode()
    except (BrokenSeal, binascii.Error, UnicodeError):
        raise _expired() from None
    member_id, until, stopped, kinds = text.split(" ")
    if at.astimezone(UTC).date() > date.fromisoformat(until):
        raise _expired()
    known = [kind for kind in kinds.split("+") if kind in KINDS]
    return Leave(int(member_id), known, Stopped(stopped))


def leave(session: Session, leaving: Leave, *, at: datetime) -> None:
    """Send no more of that; harmless twice.

    Raises:
        LeaveExpired: there is no such member any more.
    """
    member = _get_member(session, leaving)
    if leaving.kinds:
        choices.leave_kinds(session, member=member, kinds=leaving.kinds)
        return
    now = choices.setting_of(session, member, at=at).stopped
    if now != Stopped.ALL:  # who has left all mail does not get some again by leaving the digests
        choices.stop(session, member=member, what=leaving.stopped, at=at)


def come_back(session: Session, leaving: Leave, *, at: datetime) -> None:
    """Send that again; for a click too much.

    Raises:
        LeaveExpired: there is no such member any more.
    """
    member = _get_member(session, leaving)
    if leaving.kinds:
        choices.return_to_kinds(session, member=member, kinds=leaving.kinds)
    elif choices.setting_of(session, member, at=at).stopped == leaving.stopped:
        choices.stop(session, member=member, what=Stopped.NOTHING, at=at)


def _get_member(session: Session, leaving: Leave) -> Member:
    found = session.scalars(
        select(Member).where(Member.id == leaving.member_id, Member.inactive_at.is_(None))
    ).one_or_none()
    if found is None:
        raise _expired()
    return found


def _expired() -> LeaveExpired:
    return LeaveExpired(
        N_("This link is too old or not whole. Sign in, and choose your e-mail in the settings.")
    )
