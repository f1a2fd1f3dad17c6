"""The self-test of a registration: what can be seen from here, line by line, and what to do.

Keys, access tokens and the clock are asked of the platform, outside of transactions; whether people
get in is read in the launch log, since only a launch shows that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.connecting.tool import SCOPES
from lti.models import LaunchRecord, Platform
from lti.services import jwks, service_tokens
from lti.services.service_tokens import Registration, TokenRefused
from peerqa.database import db
from peerqa.errors import N_, PeerQAError
from peerqa.outgoing import Client, Reply
from peerqa.settings import Settings

CLOCKS_APART = timedelta(seconds=10)  # what a launch forgives


class State(StrEnum):
    """How a line ended."""

    OK = "ok"
    UNKNOWN = "unknown"
    WRONG = "wrong"


@dataclass(frozen=True)
class Line:
    """One thing that was tested; sentences are untranslated."""

    name: str
    state: State
    said: str
    remedy: str = ""
    context: dict[str, object] | None = None


@dataclass(frozen=True)
class Registered:
    """What the test needs of the row, which no session holds meanwhile."""

    platform_id: int
    organization_id: int
    keys_url: str
    scopes: tuple[str, ...]
    is_off: bool
    services: Registration

    @classmethod
    def of(cls, platform: Platform) -> "Registered":
        """Copy it out of the row."""
        return cls(
            platform.id,
            platform.organization_id,
            platform.keys_url,
            tuple(platform.scopes),
            platform.disabled_at is not None,
            Registration.of(platform),
        )


def run(platform: Platform, settings: Settings, outgoing: Client, *, at: datetime) -> list[Line]:
    """Test a registration; ends the session's transaction before it asks the platform."""
    row = Registered.of(platform)
    log = list(_test_launches(db.session(), row))
    db.session().rollback()
    lines = [_test_address(settings)]
    if row.is_off:
        lines.append(
            Line(N_("Switch"), State.WRONG, N_("This LMS is switched off here."),
                 N_("Switch it on, below on this page."))
        )  # fmt: skip
    reply, keys = _test_keys(row, outgoing)
    lines.append(keys)
    lines.append(_test_clock(reply, at=at))
    lines.append(_test_token(row, at=at))
    return [*lines, *log]


def _test_address(settings: Settings) -> Line:
    name = N_("Address of PeerQA")
    said: dict[str, object] = {"address": settings.address}
    if settings.address.startswith("https://"):
        return Line(name, State.OK, N_("LMSs open %(address)s."), context=said)
    return Line(
        name,
        State.WRONG,
        N_("%(address)s is without https, so only this machine can open it."),
        N_("Put a web server with TLS in front, and set PEERQA_PUBLIC_URL."),
        said,
    )


def _test_keys(row: Registered, outgoing: Client) -> tuple[Reply | None, Line]:
    name = N_("Keys of the LMS")
    remedy = N_("Compare the keyset address with the one that the LMS shows.")
    try:
        reply = outgoing.request("GET", row.keys_url, headers={"Accept": "application/json"})
        if reply.status != 200:
            said = N_("The keyset address answers with status %(status)s.")
            return reply, Line(name, State.WRONG, said, remedy, {"status": reply.status})
        found = jwks.read_key_set(reply.body.decode("utf-8", "replace"))
    except PeerQAError as refusal:
        return None, _wrong(name, refusal, remedy)
    count: dict[str, object] = {"count": sum(len(each) for each in found.values())}
    return reply, Line(name, State.OK, N_("Fetched; usable keys: %(count)s."), context=count)


def _test_clock(reply: Reply | None, *, at: datetime) -> Line:
    name = N_("Clocks")
    if reply is None or reply.date is None:
        return Line(name, State.UNKNOWN, N_("The LMS did not tell its time."))
    apart = abs(reply.date - at)
    seconds: dict[str, object] = {"seconds": round(apart.total_seconds())}
    if apart <= CLOCKS_APART:
        return Line(name, State.OK, N_("They differ by %(seconds)s s."), context=seconds)
    return Line(
        name,
        State.WRONG,
        N_("They differ by %(seconds)s s, which makes launches fail."),
        N_("Let both machines follow a time server."),
        seconds,
    )


def _test_token(row: Registered, *, at: datetime) -> Line:
    name = N_("Services of the LMS")
    scopes = row.scopes or [scope.uri for scope in SCOPES]
    try:
        service_tokens.get_bearer(row.services, scopes, at=at)
    except TokenRefused as refusal:
        remedy = N_("Compare client id and access token address; the tool must be active there.")
        if row.scopes:
            return _wrong(name, refusal, remedy)
        remedy = N_("Allow the tool rosters and grades in the LMS, where you want them.")
        return Line(name, State.UNKNOWN, refusal.sentence, remedy, dict(refusal.context))
    except PeerQAError as refusal:
        return _wrong(name, refusal, N_("Compare the access token address with the LMS's."))
    return Line(name, State.OK, N_("The LMS gives PeerQA access to rosters and grades."))


def _test_launches(session: Session, row: Registered) -> Iterator[Line]:
    name = N_("Last launch")
    last: Sequence[Any] = session.execute(
        select(LaunchRecord.sentence, LaunchRecord.context)
        .where(
            LaunchRecord.platform_id == row.platform_id,
            LaunchRecord.organization_id == row.organization_id,  # others' are not its business
        )
        .order_by(LaunchRecord.id.desc())
        .limit(1)
    ).all()
    if not last:
        yield Line(
            name, State.UNKNOWN, N_("Nobody has come from there yet."),
            N_("Open PeerQA from a course, and test again."),
        )  # fmt: skip
        return
    sentence, context = last[0]
    if not sentence:
        yield Line(name, State.OK, N_("The last launch went well."))
    else:
        yield Line(name, State.WRONG, sentence, N_("The launch log says more."), dict(context))


def _wrong(name: str, refusal: PeerQAError, remedy: str) -> Line:
    return Line(name, State.WRONG, refusal.sentence, remedy, dict(refusal.context))
