"""One browser of each kind and one site a worker; a company and browsers of its own for each test.

A plugin (tests/conftest.py) and no conftest: several folders use them, and Playwright can be
started only once in a process.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from peerqa.clock import utc_now
from peerqa.models import Member, Question
from peerqa.services.routing import invitations
from tests.browser.company import Company, found
from tests.browser.site import Site
from tests.browser.visitor import PATIENCE, Visitor, seen_out

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# No name but the loopback's is looked up, so that nothing leaves the machine.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"

SitDown = Callable[..., Visitor]
_numbers = itertools.count(1)


def find_chromium() -> str | None:
    """Return the program whose profile a person's settings would go to."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The whole Chromium: its private windows block third-party cookies as a person's do."""
    with playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS, ALONE]) as whole:
        yield whole


@pytest.fixture(scope="session")
def headless(playwright: Playwright) -> Iterator[Browser]:
    """The same engine without a window around it, where installed: half the time for a page.

    For one's own site alone: it lets every third-party cookie through.
    """
    path = shutil.which("chromium-headless-shell") or find_chromium()
    with playwright.chromium.launch(executable_path=path, args=[*FLAGS, ALONE]) as shell:
        yield shell


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site"), model_folder).running() as site:
        yield site


def found_company(site: Site) -> Company:
    with site.writing() as session:
        company = found(session, f"Northwind {next(_numbers)}", at=utc_now())
    site.wait_for_index()
    return company


@pytest.fixture(scope="session")
def old_company(site: Site) -> Company:
    """A company that is only read in, for tests that write nothing."""
    company = found_company(site)
    with site.writing() as session:
        unanswered = company.questions["What is the code of the meeting room display?"]
        lena, marta = (session.get_one(Member, company.people[each]) for each in ("Lena", "Marta"))
        question = session.get_one(Question, unanswered)
        invitations.invite(session, question=question, member=marta, by=lena, at=utc_now())
    return company


@pytest.fixture
def company(site: Site) -> Company:
    """A company to write in."""
    return found_company(site)


@pytest.fixture
def sit_down(headless: Browser, site: Site) -> Iterator[SitDown]:
    """Return a function: (company, first name) → a Visitor, signed in; (None, None): a stranger.

    What it is given beside them are options of the browser context.
    """
    with seen_out() as visitors:

        def sit(company: Company | None, name: str | None, **options: object) -> Visitor:
            context = headless.new_context(
                **{"locale": "en-GB", "timezone_id": "Europe/Amsterdam", **options}
            )
            visitor = Visitor(context, site.address)
            visitors.append(visitor)
            if company is not None and name is not None:
                visitor.sign_in(site.sign_in(company.people[name]))
            return visitor

        yield sit
