"""Launches that must be refused: how each is made, and with which code and status it is refused."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti.models import Deployment, Platform
from peerqa.outgoing import Refused, Reply, Unreachable
from tests.lti.platform import (
    ABSENT,
    TARGET,
    FakePlatform,
    Outgoing,
    ec_key,
    post,
    rsa_key,
    segment,
    signed_with_the_public_key,
    unsigned,
)


@dataclass(frozen=True)
class Scene:
    """Two LMSs, two browsers, and what PeerQA keeps."""

    platform: FakePlatform
    other: FakePlatform  # of another organization
    row: Platform
    deployment: Deployment
    client: FlaskClient
    other_client: FlaskClient
    session: Session
    outgoing: Outgoing


Act = Callable[[Scene], TestResponse]


@dataclass(frozen=True)
class Hostile:
    name: str
    code: str
    status: int
    act: Act


def token(make: Callable[[Scene, dict[str, Any]], str]) -> Act:
    """Post what is made of the claims of a good launch."""

    def act(scene: Scene) -> TestResponse:
        sent = scene.platform.begin(scene.client)
        return post(scene.client, make(scene, scene.platform.claims(sent.nonce)), sent.state)

    return act


def claims(**changes: object) -> Act:
    return lambda scene: scene.platform.launch(scene.client, **changes)


def in_seconds(**changes: int) -> Act:
    """Change claims to instants, seconds from now."""

    def act(scene: Scene) -> TestResponse:
        now = int(time.time())
        return scene.platform.launch(
            scene.client, **{name: now + seconds for name, seconds in changes.items()}
        )

    return act


def login(**changes: object) -> Act:
    return lambda scene: scene.platform.begin(scene.client, **changes).reply


def message(error: str) -> Act:
    """Post the platform's error for a login."""

    def act(scene: Scene) -> TestResponse:
        state = scene.platform.begin(scene.client).state
        return scene.client.post("/lti/launch", data={"error": error, "state": state})

    return act


def keys(answer: Reply | Exception) -> Act:
    """Launch while the key set's address answers like that."""

    def act(scene: Scene) -> TestResponse:
        scene.outgoing.documents[scene.row.keys_url] = answer
        return scene.platform.launch(scene.client)

    return act


def tampered(good: str, said: dict[str, Any]) -> str:
    """Put other claims under a signature."""
    header, _, signature = good.split(".")
    return f"{header}.{segment(said)}.{signature}"


def html(status: int = 200) -> Reply:
    return Reply(status, {"content-type": ("text/html",)}, b"<h1>Sign in</h1>", "lms")


ENVELOPE = [
    Hostile("no kid", "key-id-missing", 400, token(lambda s, c: s.platform.sign(c, kid=ABSENT))),
    Hostile("empty kid", "key-id-missing", 400, token(lambda s, c: s.platform.sign(c, kid=""))),
    Hostile("kid is a number", "token-unreadable", 400,
            token(lambda s, c: f"{segment({'alg': 'RS256', 'kid': 7})}.{segment(c)}.AAAA")),
    Hostile("a critical header", "token-unreadable", 400,
            token(lambda s, c: s.platform.sign(c, crit=["b64"], b64=True))),
    Hostile("unknown kid", "key-unknown", 401, token(lambda s, c: s.platform.sign(c, kid="new"))),
    Hostile("wrong key, right kid", "signature-wrong", 403,
            token(lambda s, c: s.platform.sign(c, key=rsa_key("thief")))),
    Hostile("key in the header", "signature-wrong", 403,
            token(lambda s, c: s.platform.sign(c, key=rsa_key("thief"), jku="https://evil.example"))),
    Hostile("alg none", "algorithm-refused", 400, token(lambda s, c: unsigned(c))),
    Hostile("alg nOnE", "algorithm-refused", 400, token(lambda s, c: unsigned(c, alg="nOnE"))),
    Hostile("HS256 with the public key", "algorithm-refused", 400,
            token(lambda s, c: signed_with_the_public_key(c, s.platform.key, "kid-good"))),
    Hostile("RS512", "algorithm-refused", 400,
            token(lambda s, c: s.platform.sign(c, alg="RS512"))),
    Hostile("PS256", "algorithm-refused", 400,
            token(lambda s, c: s.platform.sign(c, alg="PS256"))),
    Hostile("ES256", "algorithm-refused", 400,
            token(lambda s, c: s.platform.sign(c, key=ec_key(), alg="ES256"))),
    Hostile("RS256 without a signature", "signature-wrong", 403,
            token(lambda s, c: unsigned(c, alg="RS256"))),
    Hostile("a claim changed after signing", "signature-wrong", 403,
            token(lambda s, c: tampered(s.platform.sign(c), c | {"sub": "admin"}))),
    Hostile("no token at all", "token-missing", 400, token(lambda s, c: "")),
    Hostile("a word", "token-unreadable", 400, token(lambda s, c: "token")),
    Hostile("two parts", "token-unreadable", 400, token(lambda s, c: "e30.e30")),
    Hostile("no base64", "token-unreadable", 400, token(lambda s, c: "é.ü.ö")),
    Hostile("claims are a list", "token-unreadable", 400,
            token(lambda s, c: f"{segment({'alg': 'RS256', 'kid': 'kid-good'})}.{segment([])}.AA")),
    Hostile("claims are deep", "token-unreadable", 400,
            token(lambda s, c: f"{segment({'alg': 'RS256', 'kid': 'kid-good'})}."
                  f"{segment(b'[' * 20_000)}.AA")),
    Hostile("70 KB", "token-too-large", 413,
            token(lambda s, c: s.platform.sign(c | {"more": "x" * 60_000}))),
    Hostile("1 MB", "token-too-large", 413, token(lambda s, c: "x" * 1_000_000)),
]  # fmt: skip

KEYS = [
    Hostile("keys: down", "keys-unavailable", 502, keys(Unreachable("No answer."))),
    Hostile("keys: private address", "keys-unavailable", 502, keys(Refused("Not there."))),
    Hostile("keys: HTML", "keys-unavailable", 502, keys(html())),
    Hostile("keys: 500", "keys-unavailable", 502, keys(html(500))),
    Hostile("keys: redirect", "keys-unavailable", 502, keys(html(302))),
    Hostile("keys: an empty set", "keys-unavailable", 502, keys(Reply(200, {}, b'{"keys": []}'))),
]

MISSING = [
    Hostile(f"{name} is missing", code, status, claims(**{name: value}))
    for value in (ABSENT, None)
    for name, code, status in (
        ("iss", "claim-missing", 400),
        ("aud", "claim-missing", 400),
        ("exp", "claim-missing", 400),
        ("iat", "claim-missing", 400),
        ("nonce", "claim-missing", 400),
        ("VERSION", "version-wrong", 400),
        ("MESSAGE", "claim-missing", 400),
        ("DEPLOYMENT", "claim-missing", 400),
        ("TARGET", "claim-missing", 400),
        ("ROLES", "claim-missing", 400),
        ("RESOURCE_LINK", "claim-missing", 400),
    )
]

WHEN_AND_WHOM = [
    Hostile("exp past", "token-expired", 410, in_seconds(exp=-60)),
    Hostile("exp text", "claim-wrong", 400, claims(exp="tomorrow")),
    Hostile("exp true", "claim-wrong", 400, claims(exp=True)),
    Hostile("exp no number", "claim-wrong", 400, claims(exp=float("nan"))),
    Hostile("exp without end", "claim-wrong", 400, claims(exp=float("inf"))),
    Hostile("iat two days old", "token-expired", 410, in_seconds(iat=-172_800)),
    Hostile("iat 11 minutes old", "token-expired", 410, in_seconds(iat=-660)),
    Hostile("iat in a minute", "token-from-future", 400, in_seconds(iat=60)),
    Hostile("nbf in a minute", "token-from-future", 400, in_seconds(nbf=60)),
    Hostile("iss of somebody else", "issuer-wrong", 403, claims(iss="https://evil.example")),
    Hostile("iss with a slash", "issuer-wrong", 403, claims(iss="https://moodle.example/")),
    Hostile("iss in capitals", "issuer-wrong", 403, claims(iss="https://MOODLE.example")),
    Hostile("iss a list", "issuer-wrong", 403, claims(iss=["https://moodle.example"])),
    Hostile("aud of another tool", "audience-wrong", 403, claims(aud="other")),
    Hostile("aud in capitals", "audience-wrong", 403, claims(aud="CLIENT-1")),
    Hostile("aud a list without us", "audience-wrong", 403, claims(aud=["a", "b"], azp="client-1")),
    Hostile("aud an object", "audience-wrong", 403, claims(aud={"client-1": 1})),
    Hostile("two aud, no azp", "audience-wrong", 403, claims(aud=["client-1", "other"])),
    Hostile("two aud, azp other", "audience-wrong", 403,
            claims(aud=["client-1", "other"], azp="other")),
    Hostile("azp other", "audience-wrong", 403, claims(azp="other")),
    Hostile("nonce wrong", "nonce-wrong", 403, claims(nonce="wrong")),
    Hostile("nonce empty", "nonce-wrong", 403, claims(nonce="")),
    Hostile("nonce a list", "nonce-wrong", 403, claims(nonce=["x"])),
]  # fmt: skip


def deep(**settings: object) -> Act:
    said = {
        "deep_link_return_url": "https://moodle.example/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    } | settings
    said = {name: value for name, value in said.items() if value is not ABSENT}
    return claims(MESSAGE="LtiDeepLinkingRequest", DEEP_LINKING=said)


MESSAGES = [
    Hostile("version 1.1", "version-wrong", 400, claims(VERSION="1.1.0")),
    Hostile("version a number", "version-wrong", 400, claims(VERSION=1.3)),
    Hostile("message unknown", "message-unknown", 400, claims(MESSAGE="LtiDanceRequest")),
    Hostile("message in small", "message-unknown", 400, claims(MESSAGE="ltiresourcelinkrequest")),
    Hostile("message a list", "claim-wrong", 400, claims(MESSAGE=["LtiResourceLinkRequest"])),
    Hostile("deep linking without settings", "claim-missing", 400,
            claims(MESSAGE="LtiDeepLinkingRequest")),
    Hostile("deep linking without a return address", "claim-missing", 400,
            deep(deep_link_return_url=ABSENT)),
    Hostile("deep linking back to a script", "claim-wrong", 400,
            deep(deep_link_return_url="javascript:alert(1)")),
    Hostile("deep linking without types", "claim-missing", 400, deep(accept_types=ABSENT)),
    Hostile("deep linking of a number", "claim-wrong", 400, deep(accept_types=[1])),
    Hostile("deep linking with data of 5", "claim-wrong", 400, deep(data=5)),
    Hostile("a review of nobody", "claim-missing", 400,
            claims(MESSAGE="LtiSubmissionReviewRequest")),
    Hostile("resource_link.id of 256", "claim-wrong", 400, claims(RESOURCE_LINK={"id": "x" * 256})),
    Hostile("resource_link without id", "claim-missing", 400, claims(RESOURCE_LINK={"title": "x"})),
    Hostile("resource_link a list", "claim-wrong", 400, claims(RESOURCE_LINK=["x"])),
    Hostile("resource_link.id a number", "claim-wrong", 400, claims(RESOURCE_LINK={"id": 5})),
    Hostile("resource_link.id a variable", "claim-missing", 400,
            claims(RESOURCE_LINK={"id": "$ResourceLink.id"})),
    Hostile("roles a text", "claim-wrong", 400, claims(ROLES="Instructor")),
    Hostile("roles of numbers", "claim-wrong", 400, claims(ROLES=[1])),
    Hostile("roles an object", "claim-wrong", 400, claims(ROLES={"Instructor": True})),
    Hostile("a thousand roles", "claim-wrong", 400, claims(ROLES=[str(n) for n in range(1000)])),
    Hostile("sub a number", "claim-wrong", 400, claims(sub=5)),
    Hostile("sub with a zero", "claim-wrong", 400, claims(sub="user\x00")),
    Hostile("sub with half a character", "claim-wrong", 400, claims(sub="user\ud800")),
    Hostile("sub of 256", "claim-wrong", 400, claims(sub="x" * 256)),
    Hostile("name a list", "claim-wrong", 400, claims(name=["Lena"])),
    Hostile("email an object", "claim-wrong", 400, claims(email={"a": "b"})),
    Hostile("context a text", "claim-wrong", 400, claims(CONTEXT="course-1")),
    Hostile("context.id a number", "claim-wrong", 400, claims(CONTEXT={"id": 5})),
    Hostile("custom a list", "claim-wrong", 400, claims(CUSTOM=["a"])),
    Hostile("grades a text", "claim-wrong", 400, claims(GRADES="https://moodle.example")),
    Hostile("grade scopes a text", "claim-wrong", 400, claims(GRADES={"scope": "all"})),
    Hostile("roster a list", "claim-wrong", 400, claims(ROSTER=["https://moodle.example"])),
    Hostile("target elsewhere", "target-elsewhere", 400, claims(TARGET="https://evil.example/")),
    Hostile("target changed", "target-changed", 403, claims(TARGET=f"{TARGET}?more=1")),
    Hostile("deployment a number", "claim-wrong", 400, claims(DEPLOYMENT=1)),
    Hostile("deployment empty", "claim-missing", 400, claims(DEPLOYMENT="")),
    Hostile("deployment of 256", "claim-wrong", 400, claims(DEPLOYMENT="x" * 256)),
]  # fmt: skip

LOGINS = [
    *(
        Hostile(f"login without {name}", "login-incomplete", 400, login(**{name: value}))
        for name in ("iss", "login_hint", "target_link_uri")
        for value in (ABSENT, "")
    ),
    Hostile("login of an unknown issuer", "issuer-unknown", 404, login(iss="https://evil.example")),
    Hostile("login of an issuer in capitals", "issuer-unknown", 404,
            login(iss="https://MOODLE.example")),
    Hostile("login of an unknown client", "client-unknown", 404, login(client_id="other")),
    Hostile("login of a client in capitals", "client-unknown", 404, login(client_id="CLIENT-1")),
    Hostile("login of 9 KB", "login-too-large", 413, login(lti_message_hint="x" * 9000)),
    *(
        Hostile(f"login to {target}", "target-elsewhere", 400, login(target_link_uri=target))
        for target in (
            "https://evil.example/lti/launch", "//evil.example/", "/lti/launch",
            "javascript:alert(1)",
            "http://localhost.evil.example/", "http://localhost@evil.example/",
            "http://localhost:9/", "https://localhost/", "http://localhost\\@evil.example/",
            "http://[::1", "\thttp://localhost/",
        )
    ),
    Hostile("the platform's login_required", "login-required", 401, message("login_required")),
    Hostile("the platform's access_denied", "platform-denied", 403, message("access_denied")),
    Hostile("the platform's server_error", "platform-refused", 400, message("server_error")),
]  # fmt: skip
