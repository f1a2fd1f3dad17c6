"""Part `launches`: LTI launches at a steady pace against a real `peerqa serve`, over HTTP.

Thirty a second is a large course on a Monday morning. Each is a login and a launch, of one of sixty
people; the platform is this process: its key is in the database already, so nothing is fetched.
They begin by the clock, whether or not those before have ended, so that waiting in line counts.
Beside it stands the least a launch could take: verifying the signature of its id_token.
"""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPMessage
from secrets import token_hex
from time import perf_counter, sleep, time
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import insert

from peerqa.bench import processes
from peerqa.bench.ground import Ground
from peerqa.bench.processes import until
from peerqa.bench.serving import Caller
from peerqa.bench.times import percentiles, timed
from peerqa.clock import utc_now
from peerqa.database import Base, transaction

PER_SECOND, PEOPLE, THREADS = 30, 60, 16
ISSUER, CLIENT, DEPLOYMENT, KID = "https://lms.bench.example", "bench", "1", "bench-key"
_CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
_LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
LONGEST_START_SECONDS = 60.0


@dataclass
class Taken:
    """What happened: seconds of logins, of launches, of bare verifications; and the outcomes."""

    logins: list[float] = field(default_factory=list)
    launches: list[float] = field(default_factory=list)
    verifications: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)  # from when it should have begun to its end
    outcomes: Counter[str] = field(default_factory=Counter)


class Platform:
    """The LMS: signs, and knows how its people come in."""

    def __init__(self, port: int) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public = self._key.public_key()
        self._port = port

    @property
    def _tool(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def register(self, organization_id: int) -> None:
        """Write the registration, its deployment and the key, as if it had come with a launch.

        The LMS's tables are taken by name: nothing here may import its package.
        """
        tables, at = Base.metadata.tables, utc_now()
        jwk = {**RSAAlgorithm.to_jwk(self.public, as_dict=True), "kid": KID, "use": "sig"}
        with transaction() as session:
            platform_id = session.execute(
                insert(tables["lti_platform"])
                .values(
                    organization_id=organization_id, name="Bench", product="", issuer=ISSUER,
                    client_id=CLIENT, authorization_url=f"{ISSUER}/auth",
                    token_url=f"{ISSUER}/token", keys_url=f"{ISSUER}/keys", scopes=[],
                    trusts_administrators=False, created_at=at,
                )
                .returning(tables["lti_platform"].c.id)
            ).scalar_one()  # fmt: skip
            session.execute(
                insert(tables["lti_deployment"]).values(
                    platform_id=platform_id, deployment_id=DEPLOYMENT, state="approved",
                    organization_id=organization_id, created_at=at, decided_at=at,
                )
            )  # fmt: skip
            session.execute(
                insert(tables["lti_platform_keys"]).values(
                    platform_id=platform_id, document=json.dumps({"keys": [jwk]}),
                    fetched_at=at + timedelta(minutes=1), tried_at=at,
                )
            )  # fmt: skip

    def launch(self, number: int, taken: Taken) -> None:
        """Bring one person in: login, id_token, launch."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            query = urlencode({"iss": ISSUER, "client_id": CLIENT, "login_hint": str(number),
                               "target_link_uri": self._tool + "/"})  # fmt: skip
            (status, headers), took = timed(lambda: _ask(connection, "GET", f"/lti/login?{query}"))
            taken.logins.append(took)
            if status != 302:
                taken.outcomes[f"login {status}"] += 1
                return
            sent = parse_qs(urlsplit(headers["Location"]).query)
            token = self._sign(number, sent["nonce"][0])
            body = urlencode({"state": sent["state"][0], "id_token": token})
            cookies = "; ".join(
                each.partition(";")[0] for each in headers.get_all("Set-Cookie") or ()
            )
            (status, _), took = timed(
                lambda: _ask(connection, "POST", "/lti/launch", body=body, cookies=cookies)
            )
            taken.launches.append(took)
            taken.outcomes["in" if status == 303 else f"launch {status}"] += 1
            _, took = timed(lambda: self._verify(token))
            taken.verifications.append(took)
        finally:
            connection.close()

    def _sign(self, number: int, nonce: str) -> str:
        now = int(time())
        person = number % PEOPLE
        claims = {
            "iss": ISSUER, "aud": CLIENT, "sub": f"person-{person}", "nonce": nonce, "iat": now,
            "exp": now + 60, "name": f"Learner {person}", "email": f"learner{person}@bench.example",
            f"{_CLAIM}message_type": "LtiResourceLinkRequest", f"{_CLAIM}version": "1.3.0",
            f"{_CLAIM}deployment_id": DEPLOYMENT, f"{_CLAIM}target_link_uri": self._tool + "/",
            f"{_CLAIM}roles": [_LEARNER], f"{_CLAIM}resource_link": {"id": "board"},
            f"{_CLAIM}context": {"id": "course", "title": "Course"}, "jti": token_hex(8),
        }  # fmt: skip
        return jwt.encode(claims, self._key, "RS256", {"kid": KID})

    def _verify(self, token: str) -> None:
        jwt.decode(token, self.public, ["RS256"], audience=CLIENT)


def measure(ground: Ground) -> dict[str, object]:
    """Start the server, and launch at a steady pace."""
    ground.tell(f"Launching {ground.sizes.launches} times, {PER_SECOND} a second.")
    with processes.served(ground.home / "launches.log") as (process, port):
        platform = Platform(port)
        platform.register(ground.organization_id)
        page = Caller(port, ground.token).has_page
        until(page, process=process, seconds=LONGEST_START_SECONDS)
        for number in range(min(PEOPLE, ground.sizes.launches)):  # everybody has been there once
            platform.launch(number, Taken())
        taken, seconds = _launch_by_the_clock(platform, ground.sizes.launches)
    return _figures(taken, seconds)


def _launch_by_the_clock(platform: Platform, count: int) -> tuple[Taken, float]:
    taken, began = Taken(), perf_counter()

    def at_its_time(number: int) -> None:
        platform.launch(number, taken)
        taken.late.append(perf_counter() - began - number / PER_SECOND)

    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(count):
            sleep(max(0.0, began + number / PER_SECOND - perf_counter()))
            pool.submit(at_its_time, number)
    return taken, perf_counter() - began


def _figures(taken: Taken, seconds: float) -> dict[str, object]:
    return {
        "launches": {
            "asked_per_second": PER_SECOND,
            "per_second": round(taken.outcomes["in"] / seconds, 1),
            "outcomes": dict(taken.outcomes),
            "login": percentiles(taken.logins),
            "launch": percentiles(taken.launches),
            "from_when_it_was_due": percentiles(taken.late),
            "rs256_verification": percentiles(taken.verifications),
        }
    }


def _ask(
    connection: HTTPConnection, method: str, path: str, *, body: str | None = None,
    cookies: str = "",
) -> tuple[int, HTTPMessage]:  # fmt: skip
    headers = {"Cookie": cookies} if cookies else {}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    reply.read()
    return reply.status, reply.headers
