"""Rosters, read in the background: who is in each course, and who is gone.

NRPS 2.0. Recently launched courses alone, each at most every four hours. What fails comes again
after a growing pause; a course that is gone or closed to us, after a long one. All pages are read
before anything is changed, and nothing is requested inside a transaction. People come and go by the
hundred, a transaction each, so that a course of thousands does not hold up everybody who writes;
the last one says when the roster was read, and until then all of it is done again.
"""

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from lti.launching.refusals import MemberClosed
from lti.models import Account, Context, Deployment, Enrolment, Platform
from lti.models.platform import DeploymentState
from lti.people import accounts, departures, roles
from lti.people.enrolment import enter_course
from lti.people.roster_reading import Listed, RosterRefused, read_roster
from lti.services.platform_services import wait_for
from lti.services.service_tokens import PlatformBusy, Registration
from peerqa.database import db, storable, transaction
from peerqa.errors import N_, PeerQAError
from peerqa.models import Member
from peerqa.outgoing import Unreadable

EVERY = timedelta(hours=4)
RECENT = timedelta(days=14)
LEASE = timedelta(minutes=10)  # of a worker that reads; another one repeats it afterwards
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=4)
LONGEST_PAUSE_REFUSED = timedelta(days=7)
RUN_SECONDS, RUN_CONTEXTS = 60.0, 20
AT_ONCE = 100  # people brought in by one transaction

Clock = Callable[[], datetime]
Row = TypeVar("Row")
log = structlog.get_logger()


@dataclass(frozen=True)
class _Due:
    """A course whose roster is ours to read."""

    context_id: int
    url: str
    registration: Registration


def read_due(*, now: Clock) -> int:
    """Read the rosters that are due, for a while; returns how many were tried.

    A platform that fails is left alone until the next run, so that the others have their turn.
    """
    failing: set[int] = set()
    end = time.monotonic() + RUN_SECONDS
    for tried in range(RUN_CONTEXTS):
        due = _claim_next(at=now(), without=failing)
        if due is None or time.monotonic() > end:
            return tried
        if not _read(due, now=now):
            failing.add(due.registration.platform_id)
    return RUN_CONTEXTS


def ask_again(session: Session, context: Context, *, at: datetime) -> bool:
    """Have the roster read soon, unless that was done just now; whether it will be."""
    last = context.roster_read_at
    if context.roster_url is None or (last is not None and last > at - FIRST_PAUSE):
        return False
    context.roster_due_at = at
    session.flush()
    return True


def _claim_next(*, at: datetime, without: Collection[int]) -> _Due | None:
    session = db.session()
    context = session.scalars(
        select(Context)
        .join(Context.deployment)
        .join(Deployment.platform)
        .where(
            Context.roster_url.is_not(None),
            Context.roster_due_at <= at,
            Context.launched_at > at - RECENT,
            Deployment.state == DeploymentState.APPROVED,
            Platform.disabled_at.is_(None),
            Platform.id.not_in(without),
        )
        .options(contains_eager(Context.deployment).contains_eager(Deployment.platform))
        .order_by(Context.roster_due_at, Context.id)
        .limit(1)
    ).one_or_none()
    if context is None or context.roster_url is None:
        session.rollback()
        return None
    registration = Registration.of(context.deployment.platform)
    due, was = _Due(context.id, context.roster_url, registration), context.roster_due_at
    with transaction() as writing:
        claimed = writing.execute(
            update(Context)
            .where(Context.id == due.context_id, Context.roster_due_at == was)
            .values(roster_due_at=at + LEASE)
        )
        is_ours = claimed.rowcount == 1  # type: ignore[attr-defined]  # a CursorResult
    return due if is_ours else None


def _read(due: _Due, *, now: Clock) -> bool:
    """Read one roster and follow it; False when its platform should be left alone for now."""
    started = now()
    try:
        listed = read_roster(due.registration, due.url, now=now)
        if not any(person.is_here for person in listed.values()):
            raise Unreadable(N_("The LMS sent an empty roster, so nobody was marked as gone."))
    except PeerQAError as refusal:
        log.warning("lti.roster-failed", context=due.context_id, reason=refusal.code)
        _remember(due, refusal, at=now())
        return isinstance(refusal, RosterRefused)
    for people in _batches(_list_changed(due.context_id, listed)):
        with transaction() as session:
            _bring_in(session, due.context_id, people, at=now())
    for gone in _batches(_list_gone(due.context_id, listed, started=started)):
        with transaction() as session:
            _see_off(session, due.context_id, gone, at=now())
    with transaction() as session:
        _finish(session, due.context_id, at=now())
    log.info("lti.roster-read", context=due.context_id, people=len(listed))
    return True


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _list_changed(context_id: int, listed: Mapping[str, Listed]) -> list[Listed]:
    """Return who is new here, or other than before; of most people nothing has changed."""
    session = db.session()
    known = {
        enrolment.account.subject: enrolment
        for enrolment in session.scalars(
            select(Enrolment)
            .where(Enrolment.context_id == context_id, Enrolment.left_at.is_(None))
            .options(joinedload(Enrolment.account).joinedload(Account.member))
        )
    }
    changed = [
        person
        for person in listed.values()
        if person.is_here
        and (person.subject not in known or _differs(known[person.subject], person))
    ]
    session.rollback()
    return changed


def _differs(enrolment: Enrolment, person: Listed) -> bool:
    member: Member = enrolment.account.member
    return (
        (bool(person.roles) and list(person.roles) != enrolment.roles)
        or (person.name is not None and person.name != member.name)
        or (person.email is not None and person.email.lower() != member.email)
        or member.inactive_at is not None
    )


def _bring_in(session: Session, context_id: int, people: Sequence[Listed], *, at: datetime) -> None:
    context = session.get_one(Context, context_id)
    organization = context.deployment.organization
    rules = roles.read_rules(session, organization.id)
    for person in people:
        account = accounts.find_or_make_account(
            session, platform=context.deployment.platform, organization=organization,
            subject=person.subject, name=person.name, email=person.email,
            is_test=roles.judge(person.roles, rules).is_test, at=at,
        )  # fmt: skip
        try:
            accounts.wake(session, account)
        except MemberClosed:
            continue  # an admin's word counts for more than the roster's
        received = person.roles or _known_roles(session, context, account)
        enter_course(session, account, context, received=received, rules=rules, at=at)


def _known_roles(session: Session, context: Context, account: Account) -> tuple[str, ...]:
    """Return what the last launch said of somebody whose roles the roster leaves out."""
    known = session.scalar(
        select(Enrolment.roles).where(
            Enrolment.context_id == context.id, Enrolment.account_id == account.id
        )
    )
    return tuple(known or ())


def _list_gone(context_id: int, listed: Mapping[str, Listed], *, started: datetime) -> list[int]:
    """Return the enrolments of who is not on the roster, or there as somebody who left.

    Who launched after reading began is there, whatever the roster says; a test student never
    stands on a roster.
    """
    here = {person.subject for person in listed.values() if person.is_here}
    session = db.session()
    present = session.execute(
        select(Enrolment.id, Account.subject)
        .join(Enrolment.account)
        .where(
            Enrolment.context_id == context_id,
            Enrolment.left_at.is_(None),
            Account.is_test.is_(False),
            or_(Account.seen_at.is_(None), Account.seen_at < started),
        )
    ).all()
    session.rollback()
    return [enrolment_id for enrolment_id, subject in present if subject not in here]


def _see_off(session: Session, context_id: int, gone: Sequence[int], *, at: datetime) -> None:
    context = session.get_one(Context, context_id)
    enrolments = session.scalars(
        select(Enrolment)
        .where(Enrolment.id.in_(gone), Enrolment.left_at.is_(None))
        .options(joinedload(Enrolment.account).joinedload(Account.member))
    ).all()
    rules = roles.read_rules(session, context.deployment.organization_id)
    departures.leave(session, enrolments, rules=rules, at=at)


def _finish(session: Session, context_id: int, *, at: datetime) -> None:
    session.execute(
        update(Enrolment)
        .where(Enrolment.context_id == context_id, Enrolment.left_at.is_(None))
        .values(seen_at=at)
    )
    context = session.get_one(Context, context_id)
    context.roster_read_at, context.roster_due_at = at, at + EVERY
    context.roster_failed_count, context.roster_error = 0, None


def _remember(due: _Due, refusal: PeerQAError, *, at: datetime) -> None:
    """Keep why it failed, and when it comes again."""
    with transaction() as session:
        context = session.get_one(Context, due.context_id)
        context.roster_failed_count += 1
        context.roster_error = storable(str(refusal))[:500]
        context.roster_due_at = at + _pause(refusal, context.roster_failed_count, at=at)


def _pause(refusal: PeerQAError, failures: int, *, at: datetime) -> timedelta:
    if isinstance(refusal, PlatformBusy) and (asked := wait_for(refusal.reply, at=at)) is not None:
        return max(asked, FIRST_PAUSE)
    is_final = isinstance(refusal, RosterRefused)
    first, longest = (EVERY, LONGEST_PAUSE_REFUSED) if is_final else (FIRST_PAUSE, LONGEST_PAUSE)
    pause: timedelta = min(first * 2 ** min(failures - 1, 20), longest)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
