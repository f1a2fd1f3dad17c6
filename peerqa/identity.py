"""Who is asking: sign-ins in browsers, and one-time links. Tokens of programs: see tokens.py.

No passwords. A link is consumed by a POST from its landing page, since mail scanners open links.
Only hashes of tokens are stored; the plain token is shown once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, Text, bindparam, cast, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from peerqa import outbox
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import Member, OneTimeLink, OutboxRow, SignIn
from peerqa.secrets import InstanceKey, hash_token, new_token
from peerqa.services.moderating.kept_out import is_active
from peerqa.services.moderating.suspensions import refuse_suspended

SEEN_EVERY = timedelta(hours=12)  # how stale seen_at may be, so that reading writes nothing
SIGN_IN_MAIL = "sign-in-mail"  # the outbox topic; its key is the member's id
MAIL_EVERY = timedelta(minutes=1)


class LinkExpired(Invalid):
    """The one-time link was used or is too old."""

    code = "link-expired"
    status = 410


@dataclass(frozen=True)
class NewSignIn:
    """A sign-in and the token that goes into the cookie."""

    row: SignIn
    token: str


def sign_in(
    session: Session,
    member: Member,
    *,
    at: datetime,
    before: SignIn | None = None,
    browser: str | None = None,
) -> NewSignIn:
    """Sign the member in, in one browser.

    Args:
        before: the sign-in that this one replaces there. It ends, and its binding goes on: so of
            the pages that are still open, only those of another person are refused.
        browser: what the browser showed that it was given before: two sign-ins of one person at
            once, in two of its frames, then take each other's pages.
    """
    token = new_token()
    row = SignIn(
        member=member,
        token_hash=hash_token(token),
        binding=before.binding if before else hash_token(browser or new_token()),
        created_at=at,
        seen_at=at,
    )
    if before is not None:
        before.ended_at = at
    session.add(row)
    session.flush()
    return NewSignIn(row, token)


def find_sign_in(session: Session, token: str, *, at: datetime, days: int) -> SignIn | None:
    """Return the living sign-in of a cookie, with its member, or None."""
    wanted = {"token_hash": hash_token(token), "since": at - timedelta(days=days)}
    return session.scalars(_living(), wanted).unique().one_or_none()


@cache
def _living() -> Select[SignIn]:
    return (
        select(SignIn)
        .where(
            SignIn.token_hash == bindparam("token_hash"),
            SignIn.ended_at.is_(None),
            SignIn.seen_at > bindparam("since"),
        )
        .join(SignIn.member)
        .where(Member.inactive_at.is_(None))
        .options(
            joinedload(SignIn.member).joinedload(Member.organization),
            joinedload(SignIn.member).joinedload(Member.department),
            joinedload(SignIn.member).joinedload(Member.memberships),
        )
    )


def needs_renewal(row: SignIn, *, at: datetime) -> bool:
    """Whether the next write of this person should move seen_at."""
    return at - row.seen_at > SEEN_EVERY


def renew(session: Session, row: SignIn, *, at: datetime) -> None:
    """Let a sign-in last from now on, unless it was ended meanwhile."""
    session.execute(
        update(SignIn).where(SignIn.id == row.id, SignIn.ended_at.is_(None)).values(seen_at=at)
    )


def sign_out(session: Session, row: SignIn, *, at: datetime) -> None:
    """End the sign-in of one browser."""
    row.ended_at = at
    session.flush()


def list_sign_ins(session: Session, member: Member, *, at: datetime, days: int) -> Sequence[SignIn]:
    """Return the browsers in which the member is signed in, the latest first."""
    return session.scalars(
        select(SignIn)
        .where(
            SignIn.member_id == member.id,
            SignIn.ended_at.is_(None),
            SignIn.seen_at > at - timedelta(days=days),
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        .limit(50)
    ).all()


def end_sign_in(session: Session, member: Member, sign_in_id: int, *, at: datetime) -> None:
    """End one of the member's own sign-ins; harmless twice.

    Raises:
        NotFound: it is not theirs.
    """
    ended = session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.member_id == member.id)
        .values(ended_at=func.coalesce(SignIn.ended_at, at))
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise NotFound(N_("You are not signed in there."), sign_in=sign_in_id)


def csrf_token(key: InstanceKey, row: SignIn) -> str:
    """Return the token that unsafe requests of this member in this browser carry."""
    return key.digest("csrf", row.member_id, row.binding)


def make_link(session: Session, member: Member, *, at: datetime, minutes: int) -> str:
    """Make a one-time link; returns its token, which is stored as a hash only.

    Raises:
        Invalid: the member has left.
    """
    if member.inactive_at is not None:
        raise Invalid(N_("This person is no longer active and cannot sign in."), member=member.id)
    token = new_token()
    session.add(
        OneTimeLink(
            member=member,
            token_hash=hash_token(token),
            created_at=at,
            expires_at=at + timedelta(minutes=minutes),
        )
    )
    session.flush()
    return token


def link_address(address: str, token: str) -> str:
    """Return what a person opens to use the link.

    Args:
        address: of this installation, without a slash at the end.
    """
    return f"{address}/sign-in/{token}"


def ask_for_link(session: Session, email: str, *, at: datetime) -> int:
    """Have a one-time link mailed to whoever has this address, in each of their organizations.

    Whether there is such a person is not told. A mail that is waiting, or was sent a minute ago,
    is not sent again, so that nobody's mailbox is filled by a stranger.

    Returns:
        How many mails this call asks for.
    """
    members = session.scalars(
        select(Member).where(
            Member.email == email.strip().lower(),
            is_active(at),
            ~exists().where(
                OutboxRow.topic == SIGN_IN_MAIL,
                OutboxRow.key == cast(Member.id, Text),
                OutboxRow.dead_at.is_(None),
            ),
            ~exists().where(
                OneTimeLink.member_id == Member.id, OneTimeLink.created_at > at - MAIL_EVERY
            ),
        )
    ).all()
    outbox.ask_many(session, SIGN_IN_MAIL, [str(member.id) for member in members], at=at)
    return len(members)


def find_link(session: Session, token: str, *, at: datetime) -> OneTimeLink:
    """Return a link that can still be used, without using it.

    Raises:
        LinkExpired: it cannot; the same for one that never was.
    """
    link = session.scalars(
        select(OneTimeLink)
        .where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
        .join(OneTimeLink.member)
        .where(Member.inactive_at.is_(None))
        .options(joinedload(OneTimeLink.member))
    ).one_or_none()
    if link is None:
        raise LinkExpired(
            N_("This sign-in link was used already or is too old. Ask for a new one.")
        )
    return link


def use_link(
    session: Session, token: str, *, at: datetime, before: SignIn | None = None
) -> NewSignIn:
    """Consume a link and sign its member in; of two that try at once, one succeeds.

    Args:
        before: as for sign_in().

    Raises:
        LinkExpired: it was used or is too old.
        Suspended: the member is kept out.
    """
    link = find_link(session, token, at=at)
    refuse_suspended(link.member, at=at)
    used = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=at)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise LinkExpired(
            N_("This sign-in link was used already or is too old. Ask for a new one.")
        )
    return sign_in(session, link.member, at=at, before=before)


def delete_ended(session: Session, *, at: datetime, days: int) -> None:
    """Delete the sign-ins and links that nobody can use any more.

    Args:
        days: that a sign-in lasts without use.
    """
    session.execute(
        delete(SignIn).where(
            or_(SignIn.ended_at.is_not(None), SignIn.seen_at <= at - timedelta(days=days))
        )
    )
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= at))
