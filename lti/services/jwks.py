"""The platforms' keys: fetched when a kid is unknown, kept for all processes, used while stale.

LTI Security Framework 1.0 sections 5.1.3 and 6.3. A platform may rotate at any moment, so an
unknown kid asks again, but not more often than every few seconds: whoever posts made-up tokens must
not make us hammer a platform. While its endpoint is down, the keys it had go on working. Requests
are made between transactions, never inside one; of several processes that need the same keys, one
asks and the others wait for it. RSA alone, of 2048 bits or more.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti.models import Platform, PlatformKeys
from peerqa.database import db, insert_once, storable, transaction
from peerqa.errors import N_, PeerQAError
from peerqa.gate import outgoing
from peerqa.outgoing import Unreadable

AGAIN = timedelta(seconds=10)  # between two requests to one platform
REFRESHED = timedelta(hours=6)  # so that a withdrawn key ends
WAIT_SECONDS, POLL_SECONDS = 6.0, 0.1  # for another process that is asking
ALGORITHM = "RS256"
BITS = range(2048, 8193)
LARGEST_EXPONENT = 2**32
MAX_KEYS = 100

Keys = Mapping[str, tuple[RSAPublicKey, ...]]  # kid → every key of that name

log = structlog.get_logger()


class KeysUnavailable(PeerQAError):
    """The platform's keys could not be fetched, and none is kept that would do."""

    code = "keys-unavailable"
    status = 502


class KeyUnknown(PeerQAError):
    """The platform publishes no key of this name."""

    code = "key-unknown"
    status = 401


@dataclass(frozen=True)
class _Kept:
    """The row, as it was read."""

    document: str
    fetched_at: datetime | None
    tried_at: datetime
    error: str | None

    @property
    def is_under_way(self) -> bool:
        return self.error is None and (self.fetched_at is None or self.fetched_at < self.tried_at)


def find_keys(platform: Platform, kid: str, *, at: datetime) -> Sequence[RSAPublicKey]:
    """Return every key of this name, at least one; may ask the platform, and ends transactions.

    Raises:
        KeysUnavailable: the platform could not be asked.
        KeyUnknown: it was asked, and has no such key.
    """
    platform_id, url = platform.id, platform.keys_url
    kept = _find(db.session(), platform_id)
    found = _named(kept, kid)
    is_fresh = kept is not None and kept.fetched_at and kept.fetched_at > at - REFRESHED
    if found and is_fresh:
        return found
    db.session().rollback()
    if _claim(platform_id, at=at):
        _fetch(platform_id, url, at=at)
    elif not found:
        _wait(platform_id)
    kept = _find(db.session(), platform_id)
    if later := _named(kept, kid):
        return later
    if kept is not None and kept.error:
        raise KeysUnavailable(N_("The keys of the LMS cannot be had: %(why)s"), why=kept.error)
    raise KeyUnknown(N_("The LMS signed with a key that it does not publish."))


def read_key_set(document: str) -> Keys:
    """Read a JSON Web Key Set; keys that cannot verify RS256 are left out.

    Raises:
        Unreadable: it is no key set, or none of its keys will do.
    """
    keys = _read(document)
    if not keys:
        raise Unreadable(N_("The keyset address answered without any usable RSA key."))
    return keys


def _find(session: Session, platform_id: int) -> _Kept | None:
    row = session.execute(
        select(
            PlatformKeys.document,
            PlatformKeys.fetched_at,
            PlatformKeys.tried_at,
            PlatformKeys.error,
        ).where(PlatformKeys.platform_id == platform_id)
    ).one_or_none()
    return _Kept(*row) if row else None


def _named(kept: _Kept | None, kid: str) -> tuple[RSAPublicKey, ...]:
    return _read(kept.document).get(kid, ()) if kept is not None else ()


def _claim(platform_id: int, *, at: datetime) -> bool:
    """Say that we ask now; False when somebody just did."""
    with transaction() as session:
        if insert_once(session, PlatformKeys, platform_id=platform_id, document="", tried_at=at):
            return True
        claimed = session.execute(
            update(PlatformKeys)
            .where(PlatformKeys.platform_id == platform_id, PlatformKeys.tried_at <= at - AGAIN)
            .values(tried_at=at, error=None)
        )
        return claimed.rowcount == 1  # type: ignore[attr-defined,no-any-return]  # a CursorResult


def _fetch(platform_id: int, url: str, *, at: datetime) -> None:
    values: dict[str, object]
    try:
        values = {"document": _ask(url), "fetched_at": at, "error": None}
    except PeerQAError as refusal:
        log.warning("lti.keys-unavailable", platform=platform_id, reason=refusal.code)
        values = {"error": storable(str(refusal))[:500]}
    with transaction() as session:
        session.execute(
            update(PlatformKeys).where(PlatformKeys.platform_id == platform_id).values(**values)
        )


def _ask(url: str) -> str:
    reply = outgoing().request("GET", url, headers={"Accept": "application/json"})
    if reply.status != 200:
        raise Unreadable(
            N_("%(host)s answered with status %(status)s."), host=reply.host, status=reply.status
        )
    reply.json()
    document = storable(reply.body.decode("utf-8", "replace"))
    read_key_set(document)
    return document


def _wait(platform_id: int) -> None:
    """Let another process bring its request to an end."""
    session = db.session()
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        kept = _find(session, platform_id)
        session.rollback()
        if kept is None or not kept.is_under_way:
            return
        time.sleep(POLL_SECONDS)


@lru_cache(maxsize=64)
def _read(document: str) -> Keys:
    """Read what is kept; once a process for each document."""
    if not document:
        return MappingProxyType({})
    listed = _list_keys(document)
    keys: dict[str, tuple[RSAPublicKey, ...]] = {}
    for entry in listed[:MAX_KEYS]:
        key = _read_key(entry)
        if key is not None:
            keys[entry["kid"]] = (*keys.get(entry["kid"], ()), key)
    return MappingProxyType(keys)


def _list_keys(document: str) -> list[Any]:  # Any: JSON of others
    try:
        said = json.loads(document)
    except (ValueError, RecursionError):
        said = None
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise Unreadable(N_("The keyset address answered with something that is no key set."))
    return listed


def _read_key(entry: Any) -> RSAPublicKey | None:  # Any: JSON of others
    """Return the key of a JWK (RFC 7517), or None for one that cannot verify RS256."""
    if not isinstance(entry, dict) or entry.get("kty") != "RSA":
        return None
    if not isinstance(entry.get("kid"), str) or entry.get("alg", ALGORITHM) != ALGORITHM:
        return None
    if entry.get("use", "sig") != "sig":
        return None
    try:
        public = {name: entry[name] for name in ("kty", "n", "e")}
        key = RSAAlgorithm.from_jwk(public)
    except (jwt.PyJWTError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size not in BITS:
        return None
    return key if key.public_numbers().e <= LARGEST_EXPONENT else None
