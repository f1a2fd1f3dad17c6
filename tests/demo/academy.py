"""A browser and a tool at the demo LMS, without PeerQA: the platform is tested by itself."""

import html
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import jwt

from peerqa.clock import utc_now
from peerqa.demo.lms import Lms, LmsConfig, create_lms
from peerqa.demo.lms.keyring import Key, make_key
from peerqa.demo.registration import CLIENT_ID, SCOPES

ADDRESS = "http://127.0.0.1:9000"
TOOL = "http://localhost:8000"
LAUNCH = f"{TOOL}/lti/launch"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FIRST_LINK = "link-c-201"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
MEDIA_TYPES = ", ".join(
    [
        "application/vnd.ims.lti-nrps.v2.membershipcontainer+json",
        "application/vnd.ims.lis.v2.lineitemcontainer+json",
        "application/vnd.ims.lis.v2.resultcontainer+json",
        ITEM,
    ]
)
KEY = make_key()


@dataclass
class Form:
    """A form that a page posts by itself."""

    url: str
    fields: dict[str, str]


@dataclass
class Academy:
    """The LMS in this process, with its tool's key and one browser."""

    key: Key = KEY
    home: object = None
    lms: Lms = field(init=False)

    def __post_init__(self) -> None:
        config = LmsConfig(
            ADDRESS, TOOL, home=self.home, fetch=self.fetch, hang_seconds=0.01, now=lambda: self.now
        )
        self.now = utc_now()
        self.fetched: list[str] = []
        self.app = create_lms(config)
        self.app.testing = True
        self.lms = self.app.extensions["lms"]
        self.client = self.app.test_client()

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return json.dumps({"keys": [self.key.public()]}).encode()

    def get(self, path: str, **more: object):
        return self.client.get(path, base_url=ADDRESS, **more)

    def post(self, path: str, data: object = None, **more: object):
        return self.client.post(path, base_url=ADDRESS, data=data, **more)

    def log_in(self, person: str) -> None:
        assert self.post("/log-in", {"person": person}).status_code == 302

    def begin(self, path: str = f"/lti/links/{FIRST_LINK}/open") -> Form:
        """Begin a launch; returns the login that goes to the tool."""
        reply = self.get(path)
        if reply.status_code == 302:
            address = urlsplit(reply.location)
            url = f"{address.scheme}://{address.netloc}{address.path}"
            return Form(url, dict(parse_qsl(address.query)))
        assert reply.status_code == 200, reply.text
        return form_in(reply.text)

    def request_for(self, login: Form, **changes: str | None) -> dict[str, str]:
        """Return the authentication request that a right tool makes, but for the changes."""
        right = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": CLIENT_ID,
            "redirect_uri": LAUNCH,
            "state": secrets.token_hex(8),
            "nonce": secrets.token_hex(8),
            "login_hint": login.fields["login_hint"],
            "lti_message_hint": login.fields["lti_message_hint"],
        } | changes
        return {name: value for name, value in right.items() if value is not None}

    def authorize(self, request: dict[str, str]) -> Form:
        reply = self.get("/lti/authorize", query_string=request)
        assert reply.status_code == 200, reply.text
        return form_in(reply.text)

    def launch(self, path: str = f"/lti/links/{FIRST_LINK}/open") -> Form:
        """Do all of it; returns the form with the id_token."""
        return self.authorize(self.request_for(self.begin(path)))

    def claims(self, path: str = f"/lti/links/{FIRST_LINK}/open") -> dict:
        """Launch, and return the claims of an id_token that verifies by the key set."""
        token = self.launch(path).fields["id_token"]
        keys = {key["kid"]: key for key in self.get("/lti/keys").json["keys"]}
        key = jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]])
        return jwt.decode(token, key, algorithms=["RS256"], audience=CLIENT_ID)

    def sign(self, claims: dict, *, key: Key | None = None, **header: object) -> str:
        key = key or self.key
        said = {"kid": key.kid, **header}
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(claims, key.private, "RS256", said)

    def assertion(self, **changes: object) -> str:
        now = int(self.lms.now().timestamp())
        claims = {
            "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": f"{ADDRESS}/lti/token",
            "iat": now, "exp": now + 60, "jti": secrets.token_hex(8),
        } | changes  # fmt: skip
        return self.sign({name: value for name, value in claims.items() if value is not None})

    def buy(self, *scopes: str, assertion: str | None = None, **changes: str):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(),
            "scope": " ".join(scopes or SCOPES),
        }
        return self.post("/lti/token", form | changes)

    def bearer(self, *scopes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.buy(*scopes).json['access_token']}"}

    def call(self, method: str, url: str, body: object = None, *, scope: str = "", kind: str = ""):
        """Call a service as a right tool does."""
        headers = self.bearer(*([scope] if scope else [])) | {"Accept": MEDIA_TYPES}
        path = url.removeprefix(ADDRESS)
        data = json.dumps(body) if body is not None else None
        return self.client.open(
            path, base_url=ADDRESS, method=method, headers=headers, data=data,
            content_type=kind or None,
        )  # fmt: skip

    def make_column(self, **more: object) -> str:
        """Make a line item; returns its address."""
        url = f"{ADDRESS}/lti/courses/c-201/lineitems?client={CLIENT_ID}"
        body = {"label": "Help", "scoreMaximum": 10} | more
        return self.call("POST", url, body, kind=ITEM).json["id"]

    def score(self, column: str, **changes: object):
        base, _, query = column.partition("?")
        body = {
            "userId": "a41f6c02",
            "timestamp": self.now.isoformat(),
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "scoreGiven": 7,
            "scoreMaximum": 10,
        } | changes
        body = {name: value for name, value in body.items() if value is not None}
        return self.call("POST", f"{base}/scores?{query}", body, kind=SCORE)

    def pass_time(self, **more: float) -> None:
        self.now += timedelta(**more)


def form_in(page: str) -> Form:
    url = re.search(r'<form id="post" method="post" action="([^"]*)"', page)
    assert url, page
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return Form(
        html.unescape(url[1]), {html.unescape(k): html.unescape(v) for k, v in fields}
    )  # fmt: skip
