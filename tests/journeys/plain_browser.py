"""A browser of the plainest kind: cookies by origin, redirects, and forms that post themselves."""

import http.client
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from tests.demo.academy import form_in


@dataclass
class Shown:
    """What the browser shows in the end."""

    url: str
    status: int
    text: str


@dataclass
class PlainBrowser:
    """Somebody without scripts; follows the protocol by its redirects and forms."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)

    def open(self, url: str) -> Shown:
        return self.go("GET", url)

    def post(self, url: str, fields: dict[str, str]) -> Shown:
        return self.go("POST", url, fields)

    def go(self, method: str, url: str, fields: dict[str, str] | None = None) -> Shown:
        """Go on until a page waits for a person."""
        for _ in range(20):
            shown, location = self._ask(method, url, fields)
            if location:
                method, url, fields = "GET", urljoin(url, location), None
            elif '<form id="post"' in shown.text:
                form = form_in(shown.text)
                method, url, fields = "POST", form.url, form.fields
            else:
                return shown
        raise AssertionError(f"round and round: {self.visited[-6:]}")

    def _ask(
        self, method: str, url: str, fields: dict[str, str] | None
    ) -> tuple[Shown, str | None]:
        address = urlsplit(url)
        origin = f"{address.scheme}://{address.netloc}"
        jar = self.cookies.setdefault(origin, {})
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line = address.path + (f"?{address.query}" if address.query else "")
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        try:
            connection.request(
                method, line, urlencode(fields) if fields is not None else None, headers
            )
            reply = connection.getresponse()
            text = reply.read().decode(errors="replace")
        finally:
            connection.close()
        for header in reply.headers.get_all("Set-Cookie", []):
            self._keep(jar, header)
        self.visited.append(f"{method} {address.netloc}{address.path} {reply.status}")
        location = reply.headers["Location"] if reply.status in {301, 302, 303, 307} else None
        return Shown(url, reply.status, text), location

    def _keep(self, jar: dict[str, str], header: str) -> None:
        for name, morsel in SimpleCookie(header.replace("; Partitioned", "")).items():
            if morsel["max-age"] == "0" or not morsel.value:
                jar.pop(name, None)
            else:
                jar[name] = morsel.value
