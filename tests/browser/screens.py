"""Takes pictures of the main pages, to be looked at: python -m tests.browser.screens FOLDER."""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.company import LABELS, Company
from tests.browser.fixtures import ALONE, FLAGS, find_chromium, found_company
from tests.browser.site import Site
from tests.browser.visitor import Visitor

WIDTHS = (1100, 450, 360)
TYPED = "label printer prints everything shifted to the left"


def pages(company: Company) -> dict[str, str]:
    return {
        "ask": "/ask",
        "question": company.question(LABELS),
        "home": "/",
        "search": "/search?q=label+printer+prints+too+far+left",
        "profile": company.profile("Tomasz"),
        "inbox": "/notifications",
        "not-found": "/nothing-here",
    }


def take(browser: Browser, site: Site, company: Company, folder: Path) -> None:
    """Take every page in every width, light and dark."""
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB"
            )
            visitor = Visitor(context, site.address)
            visitor.open("/sign-in").screenshot(
                path=folder / f"sign-in-{width}-{scheme}.png", full_page=True
            )
            visitor.sign_in(site.sign_in(company.people["Ana"]))
            for name, path in pages(company).items():
                page = visitor.open(path)
                if name == "ask":
                    page.fill("#title", TYPED)
                    page.locator("#similar .hit").first.wait_for()
                if name == "search":
                    page.locator(".hit").first.wait_for()
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            context.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model = Path(os.environ.get("PEERQA_MODEL_DIR") or Path(sys.prefix) / "model")
    path = find_chromium()
    with tempfile.TemporaryDirectory() as home, Site(Path(home), model).running() as site:
        company = found_company(site)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, ALONE])
            take(browser, site, company, folder)
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
