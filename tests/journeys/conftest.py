from tests.browser.conftest import chromium, company, site, sit_down  # noqa: F401 - fixtures
