"""Access tokens for a platform's services, bought with an assertion that we signed.

LTI Security Framework 1.0 section 4.1 (client credentials, RFC 7523 assertion). One token for a
platform and a set of scopes is kept, sealed, for all processes until a minute before it expires.
Requests are made between transactions, never inside one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

import structlog
from sqlalchemy import delete, select, update

from lti.models import Platform, ServiceToken
from lti.services import keys
from peerqa.database import db, insert_once, transaction
from peerqa.errors import N_, PeerQAError
from peerqa.gate import instance_key, outgoing
from peerqa.outgoing import Reply, Unreadable
from peerqa.secrets import BrokenSeal, new_token

SEAL = "lti-service-token"
MARGIN = timedelta(seconds=60)  # a token this close to its end is not used any more
SKEW = timedelta(seconds=10)  # a platform whose clock is behind ours must not see the future
FAR_OFF = timedelta(seconds=30)  # clocks that differ more make assertions old, or of the future
ASSERTION_LASTS = timedelta(minutes=4)
USUALLY_LASTS_SECONDS = 300  # where a platform does not say
LONGEST_SECONDS = 24 * 3600
MAX_TOKEN = 8192
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MEANT = {  # RFC 6749 section 5.2; nothing else of what the platform wrote is repeated
    "invalid_client": N_("The LMS does not accept PeerQA's signature or client id."),
    "invalid_scope": N_("The LMS does not allow PeerQA this service."),
    "unauthorized_client": N_("The LMS does not allow PeerQA any service."),
}

log = structlog.get_logger()


class TokenRefused(PeerQAError):
    """The platform gives no token; an admin there or here has to change something."""

    code = "token-refused"
    status = 502


class PlatformBusy(PeerQAError):
    """The platform is overloaded or out of order; later it may not be."""

    code = "platform-busy"
    status = 502

    def __init__(self, reply: Reply) -> None:
        sentence = N_("%(host)s is busy or out of order (status %(status)s).")
        super().__init__(sentence, host=reply.host, status=reply.status)
        self.reply = reply


@dataclass(frozen=True)
class Registration:
    """What requests to a platform need of its row, which no session holds meanwhile."""

    platform_id: int
    client_id: str
    token_url: str
    audience: str

    @classmethod
    def of(cls, platform: Platform) -> Self:
        """Copy it out of the row."""
        audience = platform.token_audience or platform.token_url
        return cls(platform.id, platform.client_id, platform.token_url, audience)


@dataclass(frozen=True)
class Bearer:
    """A token in hand, and how it is kept."""

    token: str
    sealed: bytes

    def __repr__(self) -> str:
        return "Bearer(…)"


def get_bearer(registration: Registration, scopes: Collection[str], *, at: datetime) -> Bearer:
    """Return a token that lasts, the kept one or a new one.

    Raises:
        TokenRefused: the platform gives none.
        PlatformBusy: not now.
        peerqa.outgoing.Refused, Unreachable: it may not or cannot be asked.
    """
    wanted = _join(scopes)
    return _find_kept(registration, wanted, at=at) or _buy(registration, wanted, at=at)


def forget(registration: Registration, scopes: Collection[str], bearer: Bearer) -> None:
    """Forget a token that a service did not take, unless a newer one is kept by now."""
    with transaction() as session:
        session.execute(
            delete(ServiceToken).where(
                ServiceToken.platform_id == registration.platform_id,
                ServiceToken.scopes == _join(scopes),
                ServiceToken.sealed == bearer.sealed,
            )
        )


def _join(scopes: Collection[str]) -> str:
    return " ".join(sorted(set(scopes)))


def _find_kept(registration: Registration, scopes: str, *, at: datetime) -> Bearer | None:
    session = db.session()
    sealed = session.scalar(
        select(ServiceToken.sealed).where(
            ServiceToken.platform_id == registration.platform_id,
            ServiceToken.scopes == scopes,
            ServiceToken.expires_at > at + MARGIN,
        )
    )
    session.rollback()
    if sealed is None:
        return None
    try:
        return Bearer(instance_key().open(SEAL, sealed).decode(), sealed)
    except BrokenSeal:  # of another instance key; the next one replaces it
        return None


def _buy(registration: Registration, scopes: str, *, at: datetime) -> Bearer:
    reply = _ask(registration, scopes, by_clock=at, at=at)
    if reply.status in {400, 401} and reply.date and abs(reply.date - at) > FAR_OFF:
        reply = _ask(registration, scopes, by_clock=reply.date, at=at)
    token, seconds = _read_reply(registration, reply)
    sealed = instance_key().seal(SEAL, token.encode())
    _keep(registration, scopes, sealed, expires_at=at + timedelta(seconds=seconds))
    return Bearer(token, sealed)


def _ask(registration: Registration, scopes: str, *, by_clock: datetime, at: datetime) -> Reply:
    """Ask for a token.

    Args:
        by_clock: the time in the assertion: ours, or the platform's where the clocks differ.
    """
    session = db.session()
    claims = _claims(registration, at=by_clock)
    assertion = keys.sign(session, instance_key(), claims, at=at)
    session.rollback()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _ASSERTION,
        "client_assertion": assertion,
        "scope": scopes,
    }
    return outgoing().request(
        "POST",
        registration.token_url,
        headers={
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        body=urlencode(form).encode(),
    )


def _claims(registration: Registration, *, at: datetime) -> dict[str, Any]:  # Any: claims are JSON
    return {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": registration.audience,
        "iat": int((at - SKEW).timestamp()),
        "exp": int((at + ASSERTION_LASTS).timestamp()),
        "jti": new_token(),
    }


def _read_reply(registration: Registration, reply: Reply) -> tuple[str, float]:
    if reply.status == 429 or reply.status >= 500:
        raise PlatformBusy(reply)
    if not reply.is_success:
        log.warning("lti.token-refused", platform=registration.platform_id, status=reply.status)
        raise TokenRefused(_read_refusal(reply), host=reply.host, status=reply.status)
    said = reply.json()
    token = said.get("access_token") if isinstance(said, dict) else None
    if (
        not isinstance(token, str)
        or not 0 < len(token) <= MAX_TOKEN
        or not (token.isascii() and token.isprintable())
    ):
        raise Unreadable(N_("%(host)s answered without an access token."), host=reply.host)
    return token, _read_seconds(said.get("expires_in"))


def _read_refusal(reply: Reply) -> str:
    try:
        said = reply.json()
    except Unreadable:
        said = None
    error = said.get("error") if isinstance(said, dict) else None
    return _MEANT.get(
        error if isinstance(error, str) else "",
        N_("%(host)s gives PeerQA no access token (status %(status)s)."),
    )


def _read_seconds(said: object) -> float:
    """Read expires_in, which some send as text."""
    try:
        seconds = float(said)  # type: ignore[arg-type]  # whatever it is
    except (TypeError, ValueError):
        return USUALLY_LASTS_SECONDS
    return min(seconds, LONGEST_SECONDS) if seconds > 0 else 0  # never true of "nan"


def _keep(registration: Registration, scopes: str, sealed: bytes, *, expires_at: datetime) -> None:
    values: dict[str, object] = {"sealed": sealed, "expires_at": expires_at}
    with transaction() as session:
        if not insert_once(
            session, ServiceToken, platform_id=registration.platform_id, scopes=scopes, **values
        ):
            session.execute(
                update(ServiceToken)
                .where(
                    ServiceToken.platform_id == registration.platform_id,
                    ServiceToken.scopes == scopes,
                )
                .values(**values)
            )
