"""A platform that signs what it is told to: every claim, header and key can be another.

Keys are made once a test session. It answers for its key set as the guarded client would.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask.testing import FlaskClient
from jwt.algorithms import RSAAlgorithm
from werkzeug.test import TestResponse

from lti.launching import claims
from lti.models import Platform
from peerqa.clock import utc_now
from peerqa.outgoing import Reply

TARGET = "http://localhost/lti/launch"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LEARNER, INSTRUCTOR = f"{MEMBERSHIP}Learner", f"{MEMBERSHIP}Instructor"


class _Absent:
    """A claim that is left out; its name is the same in every process, for the ids of tests."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
Claims = dict[str, Any]


@cache
def rsa_key(name: str = "good") -> rsa.RSAPrivateKey:
    """Return the key of this name, the same for the whole session."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: rsa.RSAPrivateKey, kid: str, **more: str) -> dict[str, str]:
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} | more


def segment(value: object) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@dataclass
class Outgoing:
    """Stands for the guarded client: the key sets by address, and how often each was asked for."""

    documents: dict[str, Reply | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **_more: object) -> Reply:
        self.asked.append(url)
        answer = self.documents[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def publish(self, url: str, *keys: Mapping[str, str]) -> None:
        body = json.dumps({"keys": list(keys)}).encode()
        self.documents[url] = Reply(200, {"content-type": ("application/json",)}, body, "lms")


@dataclass
class Sent:
    """A login that came back from PeerQA: what the platform was asked."""

    reply: TestResponse
    query: dict[str, str]

    @property
    def state(self) -> str:
        return self.query["state"]

    @property
    def nonce(self) -> str:
        return self.query["nonce"]


class FakePlatform:
    """One registration, seen from the LMS's side."""

    def __init__(self, row: Platform, outgoing: Outgoing, *, key: str = "good") -> None:
        self.issuer, self.client_id = row.issuer, row.client_id
        self.authorization_url = row.authorization_url
        self.key = rsa_key(key)
        self.kid = f"kid-{key}"
        outgoing.publish(row.keys_url, public_jwk(self.key, self.kid, alg="RS256", use="sig"))

    def begin(self, client: FlaskClient, *, method: str = "GET", **more: object) -> Sent:
        """Send the browser to the login; a parameter that is ABSENT is left out."""
        sent = {
            "iss": self.issuer,
            "login_hint": "hint-1",
            "target_link_uri": TARGET,
            "client_id": self.client_id,
            "lti_message_hint": "message-1",
        } | more
        sent = {name: value for name, value in sent.items() if value is not ABSENT}
        if method == "GET":
            reply = client.get("/lti/login", query_string=sent)
        else:
            reply = client.post("/lti/login", data=sent, headers=CROSS_SITE)
        return self.read(reply)

    @staticmethod
    def read(reply: TestResponse) -> Sent:
        """Return what PeerQA asks the platform."""
        query = parse_qs(urlsplit(reply.headers.get("Location", "")).query)
        return Sent(reply, {name: values[0] for name, values in query.items()})

    def claims(self, nonce: str, /, **more: object) -> Claims:
        """Return the claims of a good learner's launch, with changes by the claim's short name."""
        now = int(utc_now().timestamp())
        said: Claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "user-1",
            "exp": now + 60,
            "iat": now,
            "nonce": nonce,
            "name": "Lena Learner",
            "email": "lena@example.org",
            claims.VERSION: "1.3.0",
            claims.MESSAGE: "LtiResourceLinkRequest",
            claims.DEPLOYMENT: "1",
            claims.TARGET: TARGET,
            claims.ROLES: [LEARNER],
            claims.RESOURCE_LINK: {"id": "link-1", "title": "Ask a colleague"},
            claims.CONTEXT: {"id": "course-1", "title": "Brakes and lights"},
        }
        for name, value in more.items():
            said[getattr(claims, name, name)] = value
        return {name: value for name, value in said.items() if value is not ABSENT}

    def sign(
        self, said: Claims, *, key: object = None, alg: str = "RS256", **header: object
    ) -> str:
        headers = {"kid": self.kid} | header
        headers = {name: value for name, value in headers.items() if value is not ABSENT}
        payload = json.dumps(said).encode()
        return jwt.api_jws.encode(payload, key or self.key, algorithm=alg, headers=headers)

    def launch(
        self,
        client: FlaskClient,
        *,
        change: Callable[[Claims], object] | None = None,
        login: Mapping[str, object] | None = None,
        **more: object,
    ) -> TestResponse:
        """Log in and launch, with changed claims."""
        sent = self.begin(client, **(login or {}))
        said = self.claims(sent.nonce, **more)
        if change is not None:
            change(said)
        return post(client, self.sign(said), sent.state)


CROSS_SITE = {"Origin": "https://moodle.example", "Sec-Fetch-Site": "cross-site"}


def post(client: FlaskClient, token: str, state: str, **more: object) -> TestResponse:
    """Post a launch as a browser does that a platform's page submits."""
    headers = more.pop("headers", CROSS_SITE)
    return client.post(
        "/lti/launch", data={"id_token": token, "state": state, **more}, headers=headers
    )


def unsigned(said: Claims, *, alg: str = "none", kid: str = "kid-good") -> str:
    return f"{segment({'alg': alg, 'typ': 'JWT', 'kid': kid})}.{segment(said)}."


def signed_with_the_public_key(said: Claims, key: rsa.RSAPrivateKey, kid: str) -> str:
    """HS256, with the public key's PEM as its secret: what PyJWT itself would not make."""
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    body = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{segment(said)}"
    return f"{body}.{segment(hmac.new(pem, body.encode(), hashlib.sha256).digest())}"
