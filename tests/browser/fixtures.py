"""One Chromium and one site a worker; a company and browsers of its own for each test.

A plugin (tests/conftest.py) and no conftest: several folders use them, and Playwright can be
started only once in a process.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from peerqa.clock import utc_now
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, ALONE])
        yield browser
        browser.close()


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
    return found_company(site)


@pytest.fixture
def company(site: Site) -> Company:
    """A company to write in."""
    return found_company(site)


@pytest.fixture
def sit_down(chromium: Browser, site: Site) -> Iterator[SitDown]:
    """Return a function: (company, first name) → a Visitor, signed in; (None, None): a stranger.

    What it is given beside them are options of the browser context.
    """
    with seen_out() as visitors:

        def sit(company: Company | None, name: str | None, **options: object) -> Visitor:
            context = chromium.new_context(
                **{"locale": "en-GB", "timezone_id": "Europe/Amsterdam", **options}
            )
            visitor = Visitor(context, site.address)
            visitors.append(visitor)
            if company is not None and name is not None:
                visitor.sign_in(site.sign_in(company.people[name]))
            return visitor

        yield sit
