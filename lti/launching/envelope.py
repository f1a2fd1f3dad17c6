"""The security envelope: from what was posted to a verified Launch, or to a refusal.

Security Framework 1.0 section 5.1.1.5 (state, and that it is this browser's), 5.1.3 (id_token);
LTI Core 1.3 section 5.3. Nothing is written here and nothing consumed; the platform's keys may have
to be fetched, so no transaction is open. Consuming comes with the sign-in, in one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlalchemy.orm import Session

from lti.connecting.registration import find_deployment
from lti.launching import claims, id_token, refusals
from lti.launching.launch import Launch
from lti.launching.launch_log import Attempt
from lti.launching.login import Ground, find_login
from lti.models import Login, Platform
from lti.origins import origin_of

FindKeys = Callable[[Platform, str], Sequence[RSAPublicKey]]

_LOGIN = {"login_required", "interaction_required", "account_selection_required"}
_DENIED = {"access_denied", "unauthorized_client", "consent_required"}


@dataclass(frozen=True)
class Opened:
    """A launch whose every word is verified, and the login that it answers."""

    launch: Launch
    login: Login
    platform: Platform
    nonce: str


def open_envelope(
    session: Session,
    *,
    token: str,
    state: str,
    ground: Ground,
    find_keys: FindKeys,
    attempt: Attempt,
    at: datetime,
) -> Opened:
    """Verify all that the platform posted. Whether the browser is the login's: see routes.py.

    Raises:
        LaunchRefused: it is not right.
    """
    login = _get_login(session, state, attempt, at=at)
    if not token:
        raise refusals.TokenMissing
    if login.platform.disabled_at is not None:
        raise refusals.PlatformDisabled
    login_id = login.id
    platform = login.platform
    payload = id_token.read(
        token,
        id_token.Expected(platform.issuer, platform.client_id, login.nonce_hash),
        find_keys=lambda kid: find_keys(platform, kid),
        at=at,
    )
    login = session.get_one(Login, login_id)  # fetching keys may have ended the transaction
    attempt.deployment_id = claims.deployment_of(payload)
    deployment = find_deployment(session, login.platform, attempt.deployment_id)
    if deployment is not None:  # one registration may serve several organizations
        attempt.enter(deployment)
    launch = claims.read(payload, authorization_url=login.platform.authorization_url)
    attempt.place = launch.course.title if launch.course else ""
    _check_target(launch, login, ground)
    return Opened(launch, login, login.platform, nonce=payload["nonce"])


def refuse_message(session: Session, *, error: str, state: str, attempt: Attempt) -> None:
    """Say what to do when the platform sends an error instead of an id_token.

    Raises:
        PlatformRefused: always.
    """
    if (login := find_login(session, state)) is not None:
        attempt.reach(login.platform)
    if error in _LOGIN:
        raise refusals.LoginRequired
    raise refusals.PlatformDenied if error in _DENIED else refusals.PlatformRefused


def _get_login(session: Session, state: str, attempt: Attempt, *, at: datetime) -> Login:
    if not state:
        raise refusals.StateMissing
    login = find_login(session, state)
    if login is None:
        raise refusals.StateUnknown
    attempt.reach(login.platform)
    if login.expires_at <= at:
        raise refusals.StateExpired
    if login.used_at is not None:
        raise refusals.StateUsed
    return login


def _check_target(launch: Launch, login: Login, ground: Ground) -> None:
    """Compare the target with the login's; only a resource launch must name it (5.3.5)."""
    if not launch.target:
        return
    if origin_of(launch.target) not in ground.origins:
        raise refusals.TargetElsewhere
    if launch.target != login.target:
        raise refusals.TargetChanged
