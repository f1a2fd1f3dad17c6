"""Somebody of the academy at a browser: logs in to the LMS, opens PeerQA in its frame."""

from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Page, expect

from peerqa.demo.registration import CLIENT_ID
from tests.browser.cookie_jars import Cookies, open_profile
from tests.browser.visitor import Visitor
from tests.demo.academy import FIRST_LINK
from tests.journeys.academy_site import Campus


class Student(Visitor):
    """A person of the academy."""

    def __init__(
        self, chromium: Browser, folder: Path, campus: Campus, name: str, cookies: Cookies
    ) -> None:
        context = open_profile(
            chromium, folder, cookies, tool=campus.site.address, lms=campus.address
        )
        super().__init__(context, campus.address, campus.site.address)
        self.campus = campus
        self.log_in(name)

    def log_in(self, name: str) -> None:
        """Log in to the LMS, as somebody else too."""
        page = self.open("/")
        if page.get_by_role("button", name="Log out").count():
            page.get_by_role("button", name="Log out").click()
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("heading", name="Your courses")).to_be_visible()

    def open_activity(self, link: str = FIRST_LINK) -> FrameLocator:
        """Open an activity; returns what the frame holds."""
        return framed(self.open(f"/links/{link}"))

    def open_picker(self, course: str = "c-201") -> FrameLocator:
        return framed(self.open(f"/courses/{course}/pick/{CLIENT_ID}"))


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.tool")
