from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.cookie_jars import Cookies
from tests.browser.site import Site
from tests.browser.visitor import seen_out
from tests.journeys.academy_site import Campus, free_port, open_campus
from tests.journeys.student import Student

SitInClass = Callable[..., Student]


@pytest.fixture(scope="session")
def framed_site(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Site]:
    """PeerQA as the demo has it: LMSs may be on the loopback, over http."""
    more = {"demo": True, "port": free_port()}
    with Site(tmp_path_factory.mktemp("framed"), model_folder, more).running() as site:
        yield site


@pytest.fixture
def campus(framed_site: Site) -> Iterator[Campus]:
    with open_campus(framed_site) as campus:
        yield campus


@pytest.fixture
def sit_in_class(chromium: Browser, campus: Campus, tmp_path: Path) -> Iterator[SitInClass]:
    """Return a function: (name, cookies) → a Student who is logged in to the LMS."""
    with seen_out() as students:

        def sit(name: str, cookies: Cookies = Cookies.NO_THIRD_PARTY) -> Student:
            folder = tmp_path / f"profile-{len(students)}"
            students.append(student := Student(chromium, folder, campus, name, cookies))
            return student

        yield sit
