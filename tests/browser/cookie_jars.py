"""What browsers let a page in a frame keep: a Chromium with the setting that a person would choose.

Settings stand in the profile, not in flags: they are what chrome://settings/cookies switches.
A context that Playwright makes by itself is a private window, which blocks third-party cookies: who
has chosen just that needs no Chromium of their own.
"""

import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from tests.browser.fixtures import FLAGS, find_chromium

# Nothing leaves the machine; localhost is another site than 127.0.0.1, and is looked up by no one.
ALONE = "--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PLACE = {"locale": "en-GB", "timezone_id": "Europe/Amsterdam"}
BLOCKED = 2  # ContentSetting of Chromium


class Cookies(Enum):
    """What the person has chosen."""

    ALLOWED = "all cookies"
    NO_THIRD_PARTY = "no third-party cookies; partitioned ones work"
    NONE_IN_FRAMES = "none of PeerQA's inside of the LMS, partitioned or not"
    NONE = "none of PeerQA's anywhere"


def preferences(cookies: Cookies, *, tool: str, lms: str) -> Mapping[str, Any]:
    """Return the profile's preferences."""
    if cookies is Cookies.ALLOWED:
        return {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
    where = lms if cookies is Cookies.NONE_IN_FRAMES else "*"
    exceptions = {"cookies": {f"{tool},{where}": {"setting": BLOCKED}}}
    return {"profile": {"content_settings": {"exceptions": exceptions}}}


def open_profile(
    chromium: Browser, folder: Path, cookies: Cookies, *, tool: str, lms: str
) -> BrowserContext:
    """Open a browser with these settings; closing the context ends it."""
    if cookies is Cookies.NO_THIRD_PARTY:
        return chromium.new_context(**PLACE)
    profile = folder / "Default"
    profile.mkdir(parents=True)
    chosen = preferences(cookies, tool=tool, lms=lms)
    (profile / "Preferences").write_text(json.dumps(chosen))
    return chromium.browser_type.launch_persistent_context(
        str(folder),
        executable_path=find_chromium(),
        args=[*FLAGS, ALONE],
        **PLACE,
    )
