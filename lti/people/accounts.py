"""LMS accounts: a person as one platform knows them, and the member that they are here.

A member is recognized by (registration, sub) within the organization, never by e-mail: whoever can
choose their address in an LMS would become somebody else. LTI Core 1.3 section 5.3.6 (sub; name and
e-mail may be missing).

What the LMS calls somebody is taken over as long as this account is the member's only one; an
address that somebody else has here is not. Whom an admin made inactive stays so. Whom a roster made
inactive (at the instant at which it left a course) is back with a launch, which is newer.
"""

import hashlib
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti.launching import refusals
from lti.models import Account, Enrolment, Platform
from peerqa.database import hold, insert_once, one_line
from peerqa.errors import N_, Invalid
from peerqa.models import Member, Organization
from peerqa.services import audit, members
from peerqa.services.admin.people import has_other_admin
from peerqa.services.moderating.audit_acts import Source
from peerqa.services.organizations import MAX_NAME, is_visible

NAMELESS = N_("Member %(mark)s")


class _AnotherWasFirst(Exception):
    """The account was made meanwhile; the member that was made for it goes."""


def find_or_make_account(
    session: Session,
    *,
    platform: Platform,
    organization: Organization,
    subject: str,
    name: str | None,
    email: str | None,
    is_test: bool = False,
    at: datetime,
) -> Account:
    """Return the account of a person, made with its member at the first time.

    Of several that make it at once, one does; the others return its account.

    Args:
        platform: the registration.
        subject: its "sub"; case counts.
        name: as the platform says, or None.
        email: as the platform says, or None.
    """
    account = find_account(session, platform, organization, subject)
    if account is not None:
        _follow(session, account, name=name, email=email)
        return account
    try:
        with session.begin_nested():
            member = _make_member(
                session, organization, _read_name(name) or nameless(platform, subject), email, at=at
            )
            if not insert_once(
                session, Account, platform_id=platform.id, organization_id=organization.id,
                subject=subject, member_id=member.id, is_test=is_test, made_admin=False,
                created_at=at,
            ):  # fmt: skip
                raise _AnotherWasFirst
    except _AnotherWasFirst:
        pass
    made = find_account(session, platform, organization, subject)
    assert made is not None, "it was made by this call or by another"
    return made


def find_account(
    session: Session, platform: Platform, organization: Organization, subject: str
) -> Account | None:
    """Return the account of a person as this platform knows them, or None."""
    return session.scalars(
        select(Account).where(
            Account.platform_id == platform.id,
            Account.organization_id == organization.id,
            Account.subject == subject,
        )
    ).one_or_none()


def wake(session: Session, account: Account) -> None:
    """Let a member be active whom a roster made inactive; harmless for who is active.

    Raises:
        MemberClosed: somebody else made them inactive.
    """
    member = account.member
    if member.inactive_at is None:
        return
    by_roster = exists().where(
        Enrolment.account_id == Account.id,
        Account.member_id == member.id,
        Enrolment.left_at == member.inactive_at,
    )
    if not session.scalar(select(by_roster)):
        raise refusals.MemberClosed
    member.inactive_at = None
    session.flush()


def set_admin(
    session: Session, account: Account, *, is_administrator: bool | None, at: datetime
) -> None:
    """Make the member an admin, or take back what a launch gave.

    What a person or a command gave is never taken back here, and the last admin stays one: from
    then on the role is as one that an admin gave, which another admin takes away.

    Args:
        is_administrator: what the platform says and may say; None when it said nothing of roles.
    """
    member = account.member
    before = member.is_admin
    if is_administrator and not member.is_admin:
        member.is_admin = account.made_admin = True
    elif is_administrator is False and account.made_admin:
        others = exists().where(
            Account.member_id == member.id, Account.id != account.id, Account.made_admin.is_(True)
        )
        hold(session, member.organization)  # as who takes the role from somebody by hand
        session.refresh(member, ["is_admin"])
        account.made_admin = False
        is_made_elsewhere = bool(session.scalar(select(others)))
        is_kept = is_made_elsewhere or not has_other_admin(session, member, at=at)
        member.is_admin = member.is_admin and is_kept
        if member.is_admin and not is_made_elsewhere:
            _note(session, "admin.kept", member, at=at)
    session.flush()
    if member.is_admin != before:
        _note(session, "admin.given" if member.is_admin else "admin.taken", member, at=at)


def _note(session: Session, act: str, member: Member, *, at: datetime) -> None:
    organization_id = member.organization_id
    audit.record(session, act, by=Source.LMS, thing=member, organization=organization_id, at=at)


def nameless(platform: Platform, subject: str) -> str:
    """Return what somebody is called whose LMS gives no name: the same each time."""
    mark = hashlib.sha256(f"{platform.id}:{subject}".encode("utf-8", "replace")).hexdigest()[:4]
    return NAMELESS % {"mark": mark}


def _make_member(
    session: Session, organization: Organization, name: str, email: str | None, *, at: datetime
) -> Member:
    try:
        return members.create_member(
            session, organization=organization, name=name, email=email, at=at
        )
    except Invalid:  # the address is somebody else's, or none
        return members.create_member(session, organization=organization, name=name, at=at)


def _follow(session: Session, account: Account, *, name: str | None, email: str | None) -> None:
    """Take over what the LMS calls them now."""
    member = account.member
    accounts = session.scalar(
        select(func.count()).select_from(Account).where(Account.member_id == member.id)
    )
    is_nameless = member.name == nameless(account.platform, account.subject)
    known_as = _read_name(name)
    if known_as and known_as != member.name and (accounts == 1 or is_nameless):
        member.name = known_as
        session.flush()
    if email and (member.email is None or accounts == 1):
        _set_email(session, member, email)


def _set_email(session: Session, member: Member, email: str) -> None:
    try:
        address = members.read_email(email)
    except Invalid:
        return
    if address == member.email:
        return
    if members.find_member_by_email(session, member.organization, address) is not None:
        return
    try:
        with session.begin_nested():
            member.email = address
    except IntegrityError:  # two at once; the constraint decides
        session.refresh(member, ["email"])


def _read_name(name: str | None) -> str | None:
    """Return the name as members have them; None for one that nobody could read."""
    tidy = one_line(name or "")
    if not is_visible(tidy):
        return None
    return tidy if len(tidy) <= MAX_NAME else tidy[: MAX_NAME - 1] + "…"
