"""Our own RSA keys: sealed at rest, signing for 30 days, published for 14 days longer.

LTI Security Framework 1.0 section 6.3: keys are told apart by their kid, and several are published
while one follows the other. The next key is published a day before it signs, since platforms keep
a key set for a while. A chain (`follows`, unique) makes processes that rotate at once agree.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti.models import ToolKey
from peerqa.database import db, insert_once, transaction
from peerqa.secrets import InstanceKey, new_token

ALGORITHM = "RS256"
ACTIVE = timedelta(days=30)
PUBLISHED_LONGER = timedelta(days=14)
MADE_BEFORE = timedelta(days=1)  # before the one that signs retires
SEAL = "lti-tool-key"


@dataclass(frozen=True)
class FreshKey:
    """A key that no row has yet; making one takes a tenth of a second of computing."""

    kid: str
    pem: bytes
    public: dict[str, str]  # the JWK

    def __repr__(self) -> str:
        return f"FreshKey({self.kid})"


def make_fresh() -> FreshKey:
    """Make a key; call it outside of transactions."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    kid = new_token()[:16]
    jwk: dict[str, str] = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    public = {
        "kty": "RSA",
        "kid": kid,
        "use": "sig",
        "alg": ALGORITHM,
        "n": jwk["n"],
        "e": jwk["e"],
    }
    return FreshKey(kid, pem, public)


def rotate(
    session: Session, key: InstanceKey, *, at: datetime, fresh: FreshKey | None = None
) -> ToolKey:
    """Let a new key sign from now on; those before it stay published for a while.

    Args:
        fresh: made before the transaction; made here when None.
    """
    before = list_published(session, at=at)
    newest = _find_newest(session)
    made = _add(session, key, fresh or make_fresh(), after=newest, begins_at=at, at=at)
    for row in before:
        row.retires_at = min(row.retires_at, at)
        row.withdrawn_at = min(row.withdrawn_at, at + PUBLISHED_LONGER)
    session.flush()
    return made


def keep_going(key: InstanceKey, *, at: datetime) -> None:
    """Make the next key when it is time, and forget those that are withdrawn; opens transactions.

    Called by a timer, and by whoever needs a key; harmless as often as it is called.
    """
    before = db.session()
    is_due = _needs_next(_find_newest(before), at=at)
    has_old = before.scalar(select(ToolKey.id).where(ToolKey.withdrawn_at <= at).limit(1))
    before.rollback()
    if is_due:
        fresh = make_fresh()
        with transaction() as session:
            newest = _find_newest(session)
            if _needs_next(newest, at=at):
                begins_at = max(at, newest.retires_at) if newest else at
                _add(session, key, fresh, after=newest, begins_at=begins_at, at=at)
    if has_old is not None:
        with transaction() as session:
            session.execute(delete(ToolKey).where(ToolKey.withdrawn_at <= at))


def list_published(session: Session, *, at: datetime) -> Sequence[ToolKey]:
    """Return the keys that platforms may verify with, the newest first."""
    return session.scalars(
        select(ToolKey).where(ToolKey.withdrawn_at > at).order_by(ToolKey.id.desc())
    ).all()


def sign(
    session: Session, key: InstanceKey, claims: dict[str, Any], *, at: datetime
) -> str:  # Any: claims are JSON
    """Return a JWT of these claims, signed by the key that is active."""
    row = _find_signing(session, at=at)
    if row is None and session.info.get("writing"):
        row = rotate(session, key, at=at)
    elif row is None:
        keep_going(key, at=at)
        row = _find_signing(session, at=at)
    assert row is not None
    # Its arithmetic is not examined again, forty milliseconds each time: who could seal another
    # key could sign with it.
    private = serialization.load_pem_private_key(
        key.open(SEAL, row.sealed), None, unsafe_skip_rsa_key_validation=True
    )
    assert isinstance(private, rsa.RSAPrivateKey)
    return jwt.encode(claims, private, algorithm=ALGORITHM, headers={"kid": row.kid})


def _find_signing(session: Session, *, at: datetime) -> ToolKey | None:
    """Return the oldest key that is not retired: the others may not be known yet everywhere."""
    return session.scalars(
        select(ToolKey)
        .where(ToolKey.retires_at > at, ToolKey.withdrawn_at > at)
        .order_by(ToolKey.id)
        .limit(1)
    ).one_or_none()


def _find_newest(session: Session) -> ToolKey | None:
    return session.scalars(select(ToolKey).order_by(ToolKey.id.desc()).limit(1)).one_or_none()


def _needs_next(newest: ToolKey | None, *, at: datetime) -> bool:
    return newest is None or newest.retires_at - MADE_BEFORE <= at


def _add(
    session: Session,
    key: InstanceKey,
    fresh: FreshKey,
    *,
    after: ToolKey | None,
    begins_at: datetime,
    at: datetime,
) -> ToolKey:
    """Add the key after that one, or return what another process added there meanwhile."""
    follows = after.kid if after else ""
    insert_once(
        session, ToolKey, kid=fresh.kid, follows=follows, public=fresh.public,
        sealed=key.seal(SEAL, fresh.pem), created_at=at, retires_at=begins_at + ACTIVE,
        withdrawn_at=begins_at + ACTIVE + PUBLISHED_LONGER,
    )  # fmt: skip
    return session.scalars(select(ToolKey).where(ToolKey.follows == follows)).one()
