"""What `peerqa doctor` says of the LMS front door; handed over by the app, as the commands are.

It asks no LMS: what could not be fetched is remembered from the last time that it was needed.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, or_, select

from lti.launching.launch_log import LET_IN
from lti.models import (
    Context,
    Deployment,
    GradeDelivery,
    LaunchRecord,
    LineItem,
    Platform,
    PlatformKeys,
    ToolKey,
)
from lti.models.grade import DeliveryState
from lti.models.platform import DeploymentState
from peerqa.cli.checks.finding import Finding, State
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.models import OutboxRow
from peerqa.services.grades import GRADE
from peerqa.settings import Settings

DAY = timedelta(days=1)
FEW_ATTEMPTS = 3  # in vain, before the doctor speaks of it
UNKNOWN = {"issuer-unknown", "client-unknown", "client-missing"}
LOG = "Admin, Learning management systems, Launches says who, where and what to change."


def check_platforms(app: Flask) -> Iterator[Finding]:
    """Check that LMSs can reach PeerQA at all."""
    count = db.session().scalar(select(func.count()).where(Platform.disabled_at.is_(None)))
    settings: Settings = app.extensions["peerqa.settings"]
    if not count:
        yield Finding("lms", State.OK, "none is connected; peerqa platform invite begins")
    elif settings.address.startswith("https://") or settings.demo:
        yield Finding("lms", State.OK, f"{count} connected")
    else:
        yield Finding(
            "lms",
            State.WARN,
            f"{count} connected, but {settings.address} is without https",
            "LMSs show PeerQA in frames, which take https alone: set PEERQA_PUBLIC_URL.",
        )


def check_keys(_app: Flask) -> Iterator[Finding]:
    """Check that a key of ours signs, and that the platforms' keys could be fetched."""
    session, now = db.session(), utc_now()
    newest = session.scalars(select(ToolKey).order_by(ToolKey.id.desc()).limit(1)).one_or_none()
    if newest is None:
        yield Finding("lms-keys", State.OK, "none yet: one is made when it is needed")
    elif newest.retires_at <= now:
        days = (now - newest.retires_at).days
        yield Finding(
            "lms-keys",
            State.WARN,
            f"no key has followed the one that retired {days} days ago",
            "Start a worker; or now: peerqa platform rotate-keys",
        )
    else:
        yield Finding("lms-keys", State.OK, f"signs with a key made {newest.created_at:%Y-%m-%d}")
    failed = session.execute(
        select(Platform.id, Platform.name, PlatformKeys.error)
        .join(PlatformKeys, PlatformKeys.platform_id == Platform.id)
        .where(PlatformKeys.error.is_not(None), Platform.disabled_at.is_(None))
        .order_by(Platform.id)
    )
    for platform_id, name, error in failed:
        yield Finding(
            "lms-keys",
            State.WARN,
            f"the keys of {name} (#{platform_id}) could not be fetched: {error}",
            "Nobody gets in once its keys change. Test it on its page, or compare its keyset URL.",
        )


def check_deployments(_app: Flask) -> Iterator[Finding]:
    """Check that nobody waits to be approved."""
    waiting = db.session().scalar(
        select(func.count()).where(Deployment.state == DeploymentState.WAITING)
    )
    if waiting:
        yield Finding(
            "lms-approvals",
            State.WARN,
            f"{waiting} deployments wait for approval",
            "peerqa platform list, then peerqa platform approve ID; or on the admin pages.",
        )


def check_launches(_app: Flask) -> Iterator[Finding]:
    """Check how the launches of the last day went."""
    rows = db.session().execute(
        select(LaunchRecord.code, func.count())
        .where(
            LaunchRecord.at > utc_now() - DAY,
            # Anybody can knock; what names no LMS at all is nobody's launch.
            or_(LaunchRecord.platform_id.is_not(None), LaunchRecord.code.in_(UNKNOWN)),
        )
        .group_by(LaunchRecord.code)
    )
    counts = {code: count for code, count in rows}
    refused = {code: count for code, count in counts.items() if code not in LET_IN}
    let_in = sum(counts.values()) - sum(refused.values())
    if not refused:
        if let_in:
            yield Finding("launches", State.OK, f"{let_in} in the last day, none refused")
        return
    commonest = max(refused, key=lambda code: refused[code])
    yield Finding(
        "launches",
        State.WARN,
        f"{let_in} in the last day, {sum(refused.values())} refused, mostly {commonest}",
        LOG,
    )


def check_services(_app: Flask) -> Iterator[Finding]:
    """Check that grades arrive and rosters are read."""
    session = db.session()
    dead = session.scalar(
        select(func.count()).where(OutboxRow.topic == GRADE, OutboxRow.dead_at.is_not(None))
    )
    failed = session.scalar(
        select(func.count()).where(
            GradeDelivery.state.in_((DeliveryState.REFUSED, DeliveryState.BLOCKED))
        )
    )
    dead = (dead or 0) + (
        session.scalar(select(func.count()).where(GradeDelivery.state == DeliveryState.GIVEN_UP))
        or 0
    )
    if dead or failed:
        yield Finding(
            "grades",
            State.WARN,
            f"{failed} were refused by their LMS, {dead} were given up",
            "Scores, on the page of the space, says why and sends them again.",
        )
    paused = session.scalar(select(func.count()).where(LineItem.attempts > FEW_ATTEMPTS))
    if paused:
        yield Finding(
            "gradebooks",
            State.WARN,
            f"{paused} cannot be reached, and are tried again and again",
            "Test the LMS on its page; Scores, on the page of the space, says what it answered.",
        )
    unread = session.scalar(select(func.count()).where(Context.roster_failed_count > 0))
    if unread:
        yield Finding(
            "rosters",
            State.WARN,
            f"{unread} could not be read the last time",
            "Test the LMS on its page. Courses that are gone there are tried ever more rarely.",
        )


CHECKS: tuple[Callable[[Flask], Iterator[Finding]], ...] = (
    check_platforms,
    check_keys,
    check_deployments,
    check_launches,
    check_services,
)
