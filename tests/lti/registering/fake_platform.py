"""An LMS that offers Dynamic Registration, on loopback, and does as a test tells it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@dataclass
class FakePlatform:
    """What it says, and what it was asked."""

    address: str
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    configuration: dict[str, object] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # by path, instead
    given: dict[str, object] = field(default_factory=dict)  # more of the registration's answer

    def __post_init__(self) -> None:
        self.configuration = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/auth",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "registration_endpoint": f"{self.address}/register",
            "scopes_supported": ["openid", f"{AGS}lineitem", f"{AGS}score", NRPS],
            "claims_supported": ["iss", "sub", "name", "email", "shoe_size"],
            PLATFORM: {
                "product_family_code": "moodle",
                "messages_supported": [
                    {"type": "LtiResourceLinkRequest"},
                    {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea", "Elsewhere"]},
                ],
            },
        }

    @property
    def host(self) -> str:
        return self.address.partition("://")[2]

    @property
    def registered(self) -> list[dict]:
        """The bodies of registration requests."""
        return [json.loads(body) for method, _, _, body in self.asked if method == "POST"]

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if path in self.answers:
            return self.answers[path]
        if path == "/openid":
            return 200, json.dumps(self.configuration).encode()
        if path == "/register" and method == "POST":
            said = json.loads(body)
            said[TOOL]["deployment_id"] = "7"
            return 200, json.dumps({**said, "client_id": "abc-123", **self.given}).encode()
        return 404, b"nothing here"


@contextmanager
def serve_platform() -> Iterator[FakePlatform]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fake.asked.append((self.command, self.path, dict(self.headers), body))
            status, answer = fake.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = handle_any  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakePlatform(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
