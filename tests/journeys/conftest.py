from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.journeys.academy_site import Campus, free_port, open_campus


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
