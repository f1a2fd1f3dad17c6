"""The id_token: who signed it, for whom, when, and for which login. What it says: see claims.py.

Security Framework 1.0 section 5.1.3; OIDC Core sections 3.1.3.7 and 3.2.2.11. PyJWT decodes and
verifies the signature, with RS256 alone; every claim is checked here, since a claim that is missing
is refused too. Issuer and audience are looked at before the signature: a token of another platform
must not make this one's keys be fetched. That refuses, and never accepts.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti.launching import refusals
from peerqa.secrets import hash_token, is_same

MAX_BYTES = 65_536
DEEPEST = 50  # JSON in JSON; Python reads about a thousand, and fewer where it stands deep itself
LEEWAY_SECONDS = 10
MAX_AGE_SECONDS = 600
ALGORITHM = "RS256"

Payload = Mapping[str, Any]  # Any: JSON, read by claims.py
# kid → keys of that name, of the login's platform; may ask the platform
FindKeys = Callable[[str], Sequence[RSAPublicKey]]


@dataclass(frozen=True)
class Expected:
    """What the login promised."""

    issuer: str
    client_id: str
    nonce_hash: str


def read(token: str, expected: Expected, *, find_keys: FindKeys, at: datetime) -> Payload:
    """Return what a token says that is right in every respect.

    Raises:
        LaunchRefused: it is not.
    """
    if len(token.encode("utf-8", "replace")) > MAX_BYTES:
        raise refusals.TokenTooLarge
    header, seen = _peek(token)
    if "crit" in header:  # RFC 7515 section 4.1.11: we know of none
        raise refusals.TokenUnreadable
    if header.get("alg") != ALGORITHM:
        raise refusals.AlgorithmRefused
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise refusals.KeyIdMissing
    _check_parties(seen, expected)
    payload = _verify(token, find_keys(kid))
    _check_times(payload, at.timestamp())
    _check_nonce(payload, expected)
    return payload


def _peek(token: str) -> tuple[Mapping[str, Any], Payload]:  # Any: JSON
    try:
        whole = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise refusals.TokenUnreadable from None
    if not _is_flat(whole["header"]) or not _is_flat(whole["payload"]):
        raise refusals.TokenUnreadable
    return whole["header"], whole["payload"]


def _is_flat(value: Any) -> bool:  # Any: JSON
    """Whether the value is not nested so deeply that somebody who reads it later gives up."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False


def _verify(token: str, keys: Sequence[RSAPublicKey]) -> Payload:
    """Return the payload that one of the keys signed; platforms have given two keys one name."""
    for key in keys:
        payload = _read_signed(token, key)
        if payload is not None:
            return payload
    raise refusals.SignatureWrong


def _read_signed(token: str, key: RSAPublicKey) -> Payload | None:
    try:
        payload: Payload = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            options={  # the signature alone
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
                "verify_iss": False,
                "verify_sub": False,
                "verify_jti": False,
            },
        )
    except jwt.PyJWTError:  # it could be read before, so it is the signature
        return None
    return payload


def _check_parties(payload: Payload, expected: Expected) -> None:
    """Compare issuer and audience; with several audiences, or azp, that must be us too."""
    issuer, audience, party = payload.get("iss"), payload.get("aud"), payload.get("azp")
    if issuer is None:
        raise refusals.ClaimMissing(claim="iss")
    if issuer != expected.issuer:
        raise refusals.IssuerWrong
    if audience is None:
        raise refusals.ClaimMissing(claim="aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        raise refusals.AudienceWrong
    if (len(audiences) > 1 or party is not None) and party != expected.client_id:
        raise refusals.AudienceWrong


def _check_times(payload: Payload, now: float) -> None:
    expires, issued = _number(payload, "exp"), _number(payload, "iat")
    if expires <= now - LEEWAY_SECONDS or issued < now - MAX_AGE_SECONDS - LEEWAY_SECONDS:
        raise refusals.TokenExpired
    begins = _number(payload, "nbf") if payload.get("nbf") is not None else issued
    if max(issued, begins) > now + LEEWAY_SECONDS:
        raise refusals.TokenFromFuture


def _number(payload: Payload, claim: str) -> float:
    value = payload.get(claim)
    if value is None:
        raise refusals.ClaimMissing(claim=claim)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusals.ClaimWrong(claim=claim)
    if isinstance(value, float) and not math.isfinite(value):
        raise refusals.ClaimWrong(claim=claim)
    return value


def _check_nonce(payload: Payload, expected: Expected) -> None:
    nonce = payload.get("nonce")
    if nonce is None:
        raise refusals.ClaimMissing(claim="nonce")
    if not isinstance(nonce, str) or not is_same(hash_token(nonce), expected.nonce_hash):
        raise refusals.NonceWrong
