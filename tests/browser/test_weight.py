"""What a page costs: styles and scripts as they are delivered; nothing from anywhere else."""

from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page

from tests.browser.fixtures import SitDown
from tests.browser.pages import MAIN_PAGES, PAGES, READERS, open_page

pytestmark = pytest.mark.browser

MOST_BYTES = {".css": 15 * 1024, ".js": 45 * 1024}

# What elements name, and the modules that those import.
LOADED = """
() => [...document.querySelectorAll("script[src], link[rel=stylesheet]")]
  .map((e) => e.src || e.href)
  .concat(performance.getEntriesByType("resource").map((e) => e.name))
"""


class Scales:
    """Weighs what an address delivers to a browser that takes it compressed."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._weights: dict[str, int] = {}

    def weigh(self, url: str) -> int:
        if url not in self._weights:
            request = Request(url, headers={"Accept-Encoding": "gzip, br, zstd"})
            with urlopen(request) as answer:
                self._weights[url] = len(answer.read())
        return self._weights[url]

    def weigh_page(self, page: Page, ending: str) -> int:
        loaded = {url.partition("?")[0]: url for url in page.evaluate(LOADED)}
        assert all(url.startswith((self._address, "data:")) for url in loaded)
        return sum(self.weigh(url) for path, url in loaded.items() if path.endswith(ending))


OTHERS = [name for name in PAGES if name not in MAIN_PAGES and not name.startswith("sign-in")]


@pytest.mark.parametrize(
    "names",
    [MAIN_PAGES, pytest.param(OTHERS, marks=pytest.mark.long)],
    ids=["main-pages", "all-others"],
)
def test_styles_and_scripts_are_small_and_ours(sit_down: SitDown, old_company, names):
    readers = {READERS.get(name, "Lena") for name in names}
    visitors = {name: sit_down(old_company, name) for name in readers}
    for name in names:
        visitor = visitors[READERS.get(name, "Lena")]
        scales = Scales(visitor.address)
        page = open_page(visitor, old_company, name)
        for ending, most in MOST_BYTES.items():
            weight = scales.weigh_page(page, ending)
            assert 0 < weight <= most, f"{name}: {weight} bytes of {ending}"
