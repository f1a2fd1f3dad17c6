"""What a tool has signed, verified against the key set at its registered address.

Security Framework 1.0, sections 4.1.1 (client assertions) and 5.2 (messages from the tool): RS256
with a kid of the tool's key set; an unknown kid has the set read anew, once.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from peerqa.demo.lms.web import Fetch, Json, Refused

LEEWAY = timedelta(seconds=5)


class ToolKeys:
    """Key sets of tools, as they were read last."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._sets: dict[str, dict[str, Json]] = {}

    def find(self, url: str, kid: str) -> jwt.PyJWK:
        """Return the key of this name.

        Raises:
            Refused: the set cannot be read, or has no such key.
        """
        for is_second in (False, True):
            if is_second or url not in self._sets:
                self._sets[url] = _read(self._fetch(url))
            if kid in self._sets[url]:
                return _usable(self._sets[url][kid])
        raise Refused("invalid_client", f"The tool's key set has no key {kid!r}.")


@dataclass(frozen=True)
class Wanted:
    """What a token of the tool must say."""

    client_id: str
    audience: str
    keys_url: str
    longest: timedelta  # from iat to exp
    needs: tuple[str, ...] = ()


def verify(token: str, wanted: Wanted, keys: ToolKeys, *, at: datetime) -> dict[str, Json]:
    """Return the claims of a token that is the tool's and for us.

    Raises:
        Refused: says what is wrong with it.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise Refused("invalid_client", f"This is no JWT ({error}).") from None
    if header.get("alg") != "RS256":
        raise Refused("invalid_client", f"alg is {header.get('alg')!r}, not RS256.")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Refused("invalid_client", "The JWT names no key (kid).")
    try:
        claims = jwt.decode(
            token,
            keys.find(wanted.keys_url, kid).key,
            algorithms=["RS256"],
            options={"verify_signature": True, "verify_aud": False, "verify_iss": False,
                     "verify_exp": False, "verify_iat": False, "verify_nbf": False,
                     "verify_sub": False, "verify_jti": False},
        )  # fmt: skip
    except jwt.PyJWTError as error:
        raise Refused("invalid_client", f"The signature does not fit ({error}).") from None
    _check(claims, wanted, at=at)
    return claims


def _check(claims: dict[str, Json], wanted: Wanted, *, at: datetime) -> None:
    if missing := [name for name in ("iss", "aud", "iat", "exp", *wanted.needs)
                   if claims.get(name) in (None, "")]:  # fmt: skip
        raise Refused("invalid_client", f"The JWT has no {', '.join(missing)}.")
    if claims["iss"] != wanted.client_id:
        raise Refused("invalid_client", f"iss must be the client id {wanted.client_id!r}.")
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if wanted.audience not in audience:
        raise Refused("invalid_client", f"aud must be {wanted.audience!r}.")
    if len(audience) > 1 and claims.get("azp") not in {None, wanted.audience}:
        raise Refused("invalid_client", "azp is somebody else.")
    begins, ends = _instant(claims, "iat"), _instant(claims, "exp")
    now = at.timestamp()
    if begins > now + LEEWAY.total_seconds():
        raise Refused("invalid_client", "iat is in the future.")
    if ends <= now - LEEWAY.total_seconds():
        raise Refused("invalid_client", "The JWT has expired.")
    if ends - begins > wanted.longest.total_seconds():
        raise Refused("invalid_client", f"The JWT lasts longer than {wanted.longest}.")


def _instant(claims: dict[str, Json], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("invalid_client", f"{name} must be a number of seconds.")
    return float(value)


def _read(body: bytes) -> dict[str, Json]:
    try:
        keys = json.loads(body)["keys"]
        return {key["kid"]: key for key in keys}
    except (ValueError, KeyError, TypeError):
        raise Refused("invalid_client", "The tool's key set is no JWKS with kids.") from None


def _usable(key: Json) -> jwt.PyJWK:
    if key.get("alg", "RS256") != "RS256" or key.get("use", "sig") != "sig":
        raise Refused("invalid_client", "The key is not for RS256 signatures.")
    if "d" in key:
        raise Refused("invalid_client", "The tool publishes its private key.")
    try:
        return jwt.PyJWK(key, algorithm="RS256")
    except jwt.PyJWTError:
        raise Refused("invalid_client", "The key in the key set cannot be read.") from None
