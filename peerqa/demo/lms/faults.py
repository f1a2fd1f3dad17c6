"""What can be wrong with one launch: each fault spoils a draft that was right.

The names are for the panel "Next launch" and for tests; what a fault leaves alone stays right.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from peerqa.demo.lms.claims import DEEP, GRADES, LTI, ROSTER
from peerqa.demo.lms.keyring import Key, make_key
from peerqa.demo.lms.web import Json

HUGE_CHARACTERS = 700_000


@dataclass(frozen=True)
class Draft:
    """A launch before it is signed."""

    claims: dict[str, Json]
    key: Key
    state: str | None
    kid: str | None
    algorithm: str = "RS256"
    last_nonce: str = ""
    extra: dict[str, str] = field(default_factory=dict)  # more form fields

    def saying(self, **claims: Json) -> "Draft":
        """Return the same with other claims; _lti names are LTI's."""
        return replace(self, claims=self.claims | {_full(name): v for name, v in claims.items()})


Change = Callable[[Draft], Draft]

SHORT_NAMES: Mapping[str, str] = {
    **{name: f"{LTI}{name}" for name in (
        "version", "message_type", "deployment_id", "target_link_uri", "roles", "context",
        "resource_link", "custom", "launch_presentation", "tool_platform", "for_user",
    )},
    "deep_linking_settings": f"{DEEP}deep_linking_settings",
    "roster": ROSTER,
    "grades": GRADES,
}  # fmt: skip
OMITTED = (
    "name", "given_name", "family_name", "email", "roles", "context", "sub", "iss", "aud", "exp",
    "iat", "nonce", "version", "message_type", "deployment_id", "target_link_uri", "resource_link",
    "custom", "launch_presentation", "tool_platform", "roster", "grades", "deep_linking_settings",
    "for_user",
)  # fmt: skip

_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership"
_PERSON = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"
_SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person"

SIGNATURES: Mapping[str, tuple[str, Change]] = {
    "no-kid": ("no kid", lambda d: replace(d, kid=None)),
    "unknown-kid": ("a kid that is in no key set", lambda d: replace(d, kid="nobody")),
    "wrong-key": ("the right kid, another key", lambda d: replace(d, key=make_key())),
    "alg-none": ("alg none", lambda d: replace(d, algorithm="none")),
    "alg-hs256": ("HS256 with the public key", lambda d: replace(d, algorithm="HS256")),
    "alg-rs512": ("RS512", lambda d: replace(d, algorithm="RS512")),
    "alg-es256": ("ES256", lambda d: replace(d, algorithm="ES256")),
    "tampered": ("changed after signing", lambda d: replace(d, algorithm="tampered")),
}
TIMES: Mapping[str, tuple[str, Change]] = {
    "expired": ("expired a minute ago", lambda d: d.saying(iat=_now(d) - 120, exp=_now(d) - 60)),
    "old-iat": ("issued two days ago", lambda d: d.saying(iat=_now(d) - 172_800)),
    "future-iat": ("issued in ten minutes",
                   lambda d: d.saying(iat=_now(d) + 600, exp=_now(d) + 660)),
    "skewed": ("the clock is five seconds ahead", lambda d: d.saying(iat=_now(d) + 5)),
    "text-times": ("times are texts", lambda d: d.saying(iat=str(_now(d)), exp=str(_now(d) + 60))),
}  # fmt: skip
ADDRESSES: Mapping[str, tuple[str, Change]] = {
    "wrong-iss": ("another issuer", lambda d: d.saying(iss="https://elsewhere.example")),
    "wrong-aud": ("for another client", lambda d: d.saying(aud="somebody-else")),
    "aud-list": ("for two clients, azp is PeerQA",
                 lambda d: d.saying(aud=["somebody-else", d.claims["aud"]], azp=d.claims["aud"])),
    "wrong-azp": ("for two clients, azp is the other",
                  lambda d: d.saying(aud=[d.claims["aud"], "somebody-else"], azp="somebody-else")),
    "no-azp": ("for two clients, without azp",
               lambda d: d.saying(aud=[d.claims["aud"], "somebody-else"])),
    "other-deployment": ("another deployment", lambda d: d.saying(deployment_id="2")),
    "case-deployment": ("a deployment with another case",
                        lambda d: d.saying(deployment_id=d.claims[f"{LTI}deployment_id"] + "A")),
    "other-host": ("the target is on another host",
                   lambda d: d.saying(target_link_uri="https://elsewhere.example/lti/launch")),
    "other-target": ("the target is not the login's",
                     lambda d: d.saying(
                         target_link_uri=d.claims[f"{LTI}target_link_uri"] + "/other")),
    "wrong-version": ("LTI 1.1", lambda d: d.saying(version="LTI-1p1")),
    "unknown-message": ("an unknown message", lambda d: d.saying(message_type="LtiDance")),
    "deep-message": ("a deep linking message without its settings",
                     lambda d: d.saying(message_type="LtiDeepLinkingRequest")),
    "wrong-nonce": ("a nonce that nobody gave", lambda d: d.saying(nonce="f" * 32)),
    "last-nonce": ("the nonce of the launch before", lambda d: d.saying(nonce=d.last_nonce)),
    "empty-nonce": ("an empty nonce", lambda d: d.saying(nonce="")),
    "no-state": ("no state", lambda d: replace(d, state=None)),
    "wrong-state": ("a state that nobody gave", lambda d: replace(d, state="f" * 32)),
}  # fmt: skip
CONTENTS: Mapping[str, tuple[str, Change]] = {
    "roles-empty": ("an empty list of roles", lambda d: d.saying(roles=[])),
    "roles-blank": ("a role that is empty", lambda d: d.saying(roles=[""])),
    "roles-text": ("roles are a text", lambda d: d.saying(roles=f"{_ROLE}#Learner")),
    "roles-null": ("roles are null", lambda d: d.saying(roles=None)),
    "roles-unknown": ("an unknown role", lambda d: d.saying(roles=[f"{_ROLE}#Juggler"])),
    "roles-short": ("a short role", lambda d: d.saying(roles=["Instructor"])),
    "roles-trap": ("Learner#Instructor",
                   lambda d: d.saying(roles=[f"{_ROLE}/Learner#Instructor"])),
    "roles-institution": ("teacher of the academy, not of the course",
                          lambda d: d.saying(roles=[f"{_PERSON}#Instructor"])),
    "roles-system": ("administrator of the system, learner of the course",
                     lambda d: d.saying(roles=[f"{_SYSTEM}#Administrator", f"{_ROLE}#Learner"])),
    "no-person": ("nobody in particular: no sub, no name",
                  lambda d: replace(d, claims={k: v for k, v in d.claims.items() if k not in
                                    {"sub", "name", "given_name", "family_name", "email"}})),
    "no-link-id": ("an activity without id", lambda d: d.saying(resource_link={"title": "?"})),
    "long-link-id": ("an activity with an id of 256", lambda d: d.saying(
        resource_link={"id": "x" * 256})),
    "longest-link-id": ("an activity with an id of 255", lambda d: d.saying(
        resource_link={"id": "x" * 255})),
    "odd-context": ("the course is a text", lambda d: d.saying(context="Course 1")),
    "odd-custom": ("a custom parameter is a number", lambda d: d.saying(custom={"key": 7})),
    "unknown-claims": ("claims that nobody knows",
                       lambda d: d.saying(**{"https://elsewhere.example/claim": {"a": [1]}})),
    "huge": ("an id_token of almost a megabyte",
             lambda d: d.saying(**{"https://elsewhere.example/huge": "x" * HUGE_CHARACTERS})),
    "too-huge": ("an id_token of more than a megabyte",
                 lambda d: d.saying(**{"https://elsewhere.example/huge": "x" * HUGE_CHARACTERS * 2})
                 ),
}  # fmt: skip
GROUPS = {
    "Signature": SIGNATURES, "Times": TIMES, "Addresses": ADDRESSES, "Contents": CONTENTS,
}  # fmt: skip
FAULTS: Mapping[str, tuple[str, Change]] = {**SIGNATURES, **TIMES, **ADDRESSES, **CONTENTS}


def sign(draft: Draft) -> str:
    """Return the id_token."""
    headers = {"kid": draft.kid} if draft.kid is not None else {}
    private = draft.key.private
    if draft.algorithm == "HS256":
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return _sign_by_hand(draft.claims, headers, public)
    if draft.algorithm == "ES256":
        return jwt.encode(draft.claims, generate_private_key(SECP256R1()), "ES256", headers)
    if draft.algorithm == "none":
        return jwt.encode(draft.claims, "", "none", headers)
    if draft.algorithm == "tampered":
        head, _, signature = jwt.encode(draft.claims, private, "RS256", headers).split(".")
        return f"{head}.{_encode(draft.claims | {'sub': 'somebody-else'})}.{signature}"
    return jwt.encode(draft.claims, private, draft.algorithm, headers)


def _sign_by_hand(claims: dict[str, Json], headers: dict[str, str], secret: bytes) -> str:
    """PyJWT refuses to take a public key for a secret, and rightly so."""
    signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'} | headers)}.{_encode(claims)}"
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _encode(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _full(name: str) -> str:
    return SHORT_NAMES.get(name, name)


def _now(draft: Draft) -> int:
    return int(draft.claims["iat"])
