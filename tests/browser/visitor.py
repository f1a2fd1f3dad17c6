"""A person at a browser, who notices whatever no page may do.

Noticed, and asserted to be nothing when the test ends: errors in the console, scripts that fail,
violations of the content security policy, requests to other sites, answers of 5xx, dialogs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    Request,
    Response,
)

from peerqa.gate import COOKIE

PATIENCE = 20_000  # milliseconds; a busy machine is no failure
INNER_SCHEMES = ("data:", "blob:", "about:", "chrome-error:")

# A page that says 404 is an error to the console, and what a test asks for; 5xx is noticed below.
EXPECTED_ERRORS = ("the server responded with a status of 4",)

NOTE_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  window.noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


@contextmanager
def seen_out() -> Iterator[list["Visitor"]]:
    """Close the browsers of those who were added to the list; none may have noticed a fault."""
    visitors: list[Visitor] = []
    yield visitors
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.context.close()
    assert faults == []


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, context: BrowserContext, address: str, *also: str) -> None:
        """Open a page; the context may go to the address, and to those beside it."""
        self.context = context
        self.address = address
        self.known = tuple(f"{each}/" for each in (address, *also))
        self.faults: list[str] = []
        context.set_default_timeout(PATIENCE)
        context.expose_binding("noteViolation", lambda _source, what: self._note("CSP", what))
        context.add_init_script(NOTE_VIOLATIONS)
        context.on("console", self._read_console)
        context.on("weberror", lambda error: self._note("script", error.error))
        context.on("request", self._see_request)
        context.on("response", self._see_response)
        context.on("dialog", self._refuse_dialog)
        self.page = context.new_page()

    def sign_in(self, token: str) -> None:
        self.context.add_cookies(
            [{"name": COOKIE, "value": token, "url": self.address, "sameSite": "Lax"}]
        )

    def sign_out(self) -> None:
        """Lose the cookie, as when the sign-in ended."""
        self.context.clear_cookies(name=COOKIE)

    def open(self, path: str) -> Page:
        """Go to an address, not before the page that was there has run its scripts."""
        self.page.wait_for_load_state()
        self.page.goto(self.address + path)
        return self.page

    def focused(self) -> Locator:
        return self.page.locator(":focus")

    def _note(self, kind: str, what: object) -> None:
        self.faults.append(f"{kind}: {what}")

    def _read_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in EXPECTED_ERRORS):
            self._note("console", f"{message.text} ({message.location.get('url')})")

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((*self.known, *INNER_SCHEMES)):
            self._note("foreign request", request.url)

    def _see_response(self, response: Response) -> None:
        if response.status >= 500:
            self._note("answer", f"{response.status} {response.request.method} {response.url}")

    def _refuse_dialog(self, dialog: Dialog) -> None:
        self._note("dialog", dialog.message)
        try:
            dialog.dismiss()
        except Error:  # its page went with it
            return
