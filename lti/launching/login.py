"""Third-party initiated login: from the platform's click to its authorization endpoint.

Security Framework 1.0 section 5.1.1.1 to 5.1.1.3; LTI Core 1.3 section 4.1 (lti_message_hint,
client_id, lti_deployment_id); OIDC Core section 3.1.2.1. Each login is one row with its own state,
nonce and cookie, so that two activities that are opened at once know nothing of each other, and a
restart in between loses none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from lti.launching import refusals
from lti.launching.launch_log import Attempt
from lti.models import Login, Platform
from lti.origins import origin_of
from peerqa.database import storable
from peerqa.secrets import hash_token, is_same, new_token

LASTS = timedelta(minutes=10)
COOKIE_PREFIX = "peerqa_lti_"
AGAIN = "again"  # in Login.request: begun anew in a tab of its own
_REQUIRED = ("iss", "login_hint", "target_link_uri")
_OPTIONAL = ("client_id", "lti_message_hint", "lti_deployment_id")
MOST_LIVING = 20_000  # of a platform: thirty a second, for as long as they live
AT_ONCE = 2000  # that are deleted in one transaction
_MOST_CHARACTERS = 8000  # of one parameter; hints may be tokens of their own
_MOST_IN_ALL = 12_000
_MOST_OF_A_NAME = 255


@dataclass(frozen=True)
class Begun:
    """A login that waits for its launch, and what the browser needs for it."""

    state: str
    nonce: str
    binding: str
    address: str  # of the platform's authorization endpoint, with the request
    origin: str  # of that endpoint
    storage_target: str | None


@dataclass(frozen=True)
class Ground:
    """Where this installation is reached.

    Attributes:
        address: the one that platforms are told, without a slash at the end.
        origins: those that a target may have.
    """

    address: str
    origins: Sequence[str]

    @property
    def launch_address(self) -> str:
        """The redirect URI, the same in every registration."""
        return f"{self.address}/lti/launch"


def begin(
    session: Session,
    sent: Mapping[str, str],
    *,
    ground: Ground,
    attempt: Attempt,
    is_again: bool = False,
    at: datetime,
) -> Begun:
    """Check what the platform sent, and make the login.

    Raises:
        LaunchRefused: it cannot begin like that.
    """
    request = read_request(sent, attempt)
    platform = find_platform(session, request, attempt)
    target = request["target_link_uri"]
    if origin_of(target) not in ground.origins:
        raise refusals.TargetElsewhere
    state, nonce, binding = new_token(), new_token(), new_token()
    storage_target = None if is_again else sent.get("lti_storage_target", "")[:_MOST_OF_A_NAME]
    row = Login(
        state_hash=hash_token(state),
        nonce_hash=hash_token(nonce),
        binding_hash=hash_token(binding),
        platform_id=platform.id,
        target=target,
        storage_target=storage_target or None,
        request=request | ({AGAIN: "1"} if is_again else {}),
        created_at=at,
        expires_at=at + LASTS,
    )
    session.add(row)
    session.flush()
    return Begun(
        state=state,
        nonce=nonce,
        binding=binding,
        address=_authorization_address(platform, request, ground, state=state, nonce=nonce),
        origin=origin_of(platform.authorization_url) or "",
        storage_target=row.storage_target,
    )


def read_request(sent: Mapping[str, str], attempt: Attempt) -> dict[str, str]:
    """Return the parameters that matter.

    Raises:
        LoginTooLarge: one is longer than any platform's.
        LoginIncomplete: a required one is missing.
    """
    request = {
        name: storable(sent[name]) for name in (*_REQUIRED, *_OPTIONAL) if sent.get(name, "")
    }
    attempt.issuer = request.get("iss", "")
    attempt.client_id = request.get("client_id", "")
    lengths = [len(value) for value in request.values()]
    if max(lengths, default=0) > _MOST_CHARACTERS or sum(lengths) > _MOST_IN_ALL:
        raise refusals.LoginTooLarge
    for name in _REQUIRED:
        if name not in request:
            raise refusals.LoginIncomplete(parameter=name)
    return request


def find_platform(session: Session, request: Mapping[str, str], attempt: Attempt) -> Platform:
    """Return the registration that the login is about.

    Raises:
        IssuerUnknown, ClientUnknown, ClientMissing, PlatformDisabled: there is none to go on with.
    """
    found = session.scalars(
        select(Platform).where(Platform.issuer == request["iss"]).order_by(Platform.id)
    ).all()
    if not found:
        raise refusals.IssuerUnknown
    if "client_id" in request:
        found = [platform for platform in found if platform.client_id == request["client_id"]]
        if not found:
            raise refusals.ClientUnknown
    else:
        found = [platform for platform in found if platform.disabled_at is None] or found
        if len(found) > 1:
            raise refusals.ClientMissing
    attempt.reach(found[0])
    if found[0].disabled_at is not None:
        raise refusals.PlatformDisabled
    return found[0]


def _authorization_address(
    platform: Platform, request: Mapping[str, str], ground: Ground, *, state: str, nonce: str
) -> str:
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": ground.launch_address,
        "login_hint": request["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if "lti_message_hint" in request:
        query["lti_message_hint"] = request["lti_message_hint"]
    address, _, _fragment = platform.authorization_url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def cookie_name(state: str) -> str:
    """Return the name of the cookie of one login."""
    return COOKIE_PREFIX + hash_token(state)[:16]


def find_login(session: Session, state: str) -> Login | None:
    """Return the login of a state, old and used ones too, or None."""
    return session.scalars(select(Login).where(Login.state_hash == hash_token(state))).one_or_none()


def find_living(session: Session, state: str, *, at: datetime) -> Login:
    """Return a login that may begin anew in a tab of its own, whether or not it was used.

    Raises:
        StateUnknown, StateExpired: there is none.
    """
    row = find_login(session, state)
    if row is None:
        raise refusals.StateUnknown
    if row.expires_at <= at:
        raise refusals.StateExpired
    return row


def is_bound(row: Login, binding: str | None) -> bool:
    """Whether the cookie of this login came with the launch."""
    return binding is not None and is_same(hash_token(binding), row.binding_hash)


def consume(session: Session, login_id: int, *, at: datetime) -> None:
    """Use the login up; of several that try at once, one succeeds.

    Raises:
        StateUsed: another launch was first.
    """
    used = session.execute(
        update(Login).where(Login.id == login_id, Login.used_at.is_(None)).values(used_at=at)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise refusals.StateUsed


def delete_old(session: Session, *, at: datetime) -> int:
    """Delete some logins of which nothing can come any more; returns how many.

    Anybody may begin logins. So of each platform the newest ones are kept: a flood takes no more
    room than these, and who really comes is through long before they are the oldest.
    """
    doomed = [Login.expires_at <= at]
    crowded = select(Login.platform_id).group_by(Login.platform_id)
    for platform_id in session.scalars(crowded.having(func.count() > MOST_LIVING)).all():
        theirs = select(Login.id).where(Login.platform_id == platform_id)
        oldest = session.scalar(theirs.order_by(Login.id.desc()).offset(MOST_LIVING).limit(1))
        doomed.append(and_(Login.platform_id == platform_id, Login.id <= oldest))
    some = select(Login.id).where(or_(*doomed)).limit(AT_ONCE)
    deleted = session.execute(
        delete(Login).where(Login.id.in_(some)), execution_options={"synchronize_session": False}
    )
    return deleted.rowcount  # type: ignore[attr-defined,no-any-return]  # a CursorResult
