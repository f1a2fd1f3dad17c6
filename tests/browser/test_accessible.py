"""Every page can be read and operated by everybody: axe finds nothing, and what axe cannot see.

In light on every run, and then at 320 pixels whether anything scrolls sideways; a question in dark,
too. All the others in dark, wholly at 320 pixels, in forced colours and right to left in the long
run.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from indexer.encoder import OnnxEncoder
from peerqa.clock import utc_now
from peerqa.database import insert_once
from peerqa.languages import direction
from peerqa.models import FittedGate, Member
from tests.browser.company import Company
from tests.browser.fixtures import SitDown
from tests.browser.pages import MAIN_PAGES, PAGES, READERS, open_page
from tests.browser.site import Site

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations"],
    # The page's own headings are checked below; which ones people write is theirs to choose.
    "rules": {"heading-order": {"enabled": False}},
}

MODES: dict[str, dict[str, object]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced-colours": {"forced_colors": "active"},
    "right-to-left": {},
    "320-px": {"viewport": {"width": 320, "height": 640}},
}
ALWAYS = {("dark", "question"), ("320-px", "question")}
CHECKED = [
    *(pytest.param("light", name, id=f"light-{name}") for name in PAGES),
    *(
        pytest.param(
            mode,
            name,
            id=f"{mode}-{name}",
            marks=[] if (mode, name) in ALWAYS else [pytest.mark.long],
        )
        for mode in list(MODES)[1:]
        for name in PAGES
    ),
]


def list_violations(page: Page) -> list[str]:
    found = Axe().run(page, options=AXE).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(("mode", "name"), CHECKED)
def test_axe_finds_nothing(sit_down: SitDown, old_company: Company, mode: str, name: str):
    visitor = sit_down(old_company, READERS.get(name, "Lena"), **MODES[mode])
    page = open_page(visitor, old_company, name)
    if mode == "right-to-left":
        page.evaluate("document.documentElement.dir = 'rtl'")
    if mode in {"320-px", "right-to-left"}:
        assert find_overflowing(page) == []
    assert list_violations(page) == []
    if mode == "light":  # every page is loaded here already
        page.set_viewport_size({"width": 320, "height": 640})
        assert find_overflowing(page) == []
    levels = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
        "all => all.filter(e => !e.closest('.text')).map(e => Number(e.localName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


OVERFLOWING = """
() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = (e) => e && (["auto", "scroll", "hidden", "clip"].includes(
    getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((e) => { const box = e.getBoundingClientRect();
      return (box.right > root.clientWidth + 1 || box.left < -1) && !scrolls(e.parentElement); })
    .map((e) => e.outerHTML.slice(0, 120)).concat(`${root.scrollWidth} > ${root.clientWidth}`);
}
"""


def find_overflowing(page: Page) -> list[str]:
    """Return what makes the page scroll sideways."""
    found = page.evaluate(OVERFLOWING)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("language", ["ar", pytest.param("de", marks=pytest.mark.long)])
def test_another_language_fits_and_reads_from_its_side(
    sit_down: SitDown, site: Site, old_company: Company, language: str
):
    """Ana reads the main pages so; at 320 pixels too, where long words would push them apart."""
    with site.writing() as session:
        session.get_one(Member, old_company.people["Ana"]).language = language
    visitor, found = sit_down(old_company, "Ana"), {}
    try:
        for name in ("question", "home", "search", "ask", "help"):
            page = open_page(visitor, old_company, name)
            assert page.evaluate("getComputedStyle(document.body).direction") == direction(language)
            found[name] = list_violations(page)
            page.set_viewport_size({"width": 320, "height": 640})
            found[name] += find_overflowing(page)
            page.set_viewport_size({"width": 1100, "height": 900})
    finally:
        with site.writing() as session:
            session.get_one(Member, old_company.people["Ana"]).language = None
    assert not any(found.values()), found


def test_keys_lead_where_they_say_but_not_while_one_types(sit_down, old_company):
    page = open_page(sit_down(old_company, "Lena"), old_company, "home-open")
    page.locator("main").focus()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("a/?")
    expect(page.get_by_role("combobox")).to_have_value("a/?")
    page.locator("main").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("?")
    expect(page).to_have_url(re.compile("/help$"))
    page.wait_for_load_state()  # its scripts listen
    page.keyboard.press("a")
    expect(page).to_have_url(re.compile("/ask$"))


def test_times_are_of_the_device_and_show_the_hour_where_the_focus_is(sit_down, old_company):
    page = open_page(
        sit_down(old_company, "Lena", timezone_id="Asia/Kolkata"), old_company, "question"
    )
    time = page.locator("article.answer time").first
    shown = time.evaluate(
        "e => [e.dataset.clock, new Intl.DateTimeFormat('en', {timeStyle: 'short', "
        "timeZone: 'Asia/Kolkata'}).format(new Date(e.dateTime))]"
    )
    page.locator("article.answer a").first.focus()
    page.keyboard.press("Tab")
    after = time.evaluate("e => getComputedStyle(e, '::after').content")

    assert shown[0] == shown[1]
    assert shown[0] in after


def test_nothing_scrolls_sideways_at_twice_the_text(sit_down, old_company):
    visitor = sit_down(old_company, "Lena", viewport={"width": 640, "height": 640})
    found = {}
    for name in MAIN_PAGES:
        page = open_page(visitor, old_company, name)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if overflowing := find_overflowing(page):
            found[name] = overflowing
    assert found == {}


OPERABLE = """
() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled)
  .map((e, number) => { e.dataset.number = number; return e.outerHTML.slice(0, 120); })
"""
FOCUS_IS_SEEN = """
(element) => {
  const outlined = (e) => { const style = getComputedStyle(e);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2; };
  const box = element.getBoundingClientRect();
  return (outlined(element) || outlined(element.parentElement)) && box.width > 0 && box.height > 0;
}
"""


@pytest.mark.parametrize("name", MAIN_PAGES)
def test_everything_is_reached_by_tab_and_seen(sit_down, old_company, name):
    visitor = sit_down(old_company, "Lena")
    page = open_page(visitor, old_company, name)
    page.locator("body").evaluate("() => document.activeElement.blur()")
    page.evaluate("() => { document.body.tabIndex = -1; document.body.focus() }")
    operable = page.evaluate(OPERABLE)
    reached, unseen = set(), []
    for _ in range(len(operable) + 5):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            break
        number = focused.get_attribute("data-number")
        if number is None:
            break
        reached.add(int(number))
        if not focused.evaluate(FOCUS_IS_SEEN):
            unseen.append(operable[int(number)])
    assert [operable[number] for number in range(len(operable)) if number not in reached] == []
    assert unseen == []


def test_what_is_swapped_in_is_announced(sit_down, old_company):
    visitor = sit_down(old_company, "Lena")
    page = open_page(visitor, old_company, "ask-with-hits")
    expect(page.get_by_role("status").filter(has_text="1 earlier question found")).to_have_count(1)
    expect(page.get_by_role("region", name="A colleague already answered this")).to_be_visible()
    expect(page.locator("#title")).to_be_focused()


@pytest.mark.parametrize(
    "mode",
    ["light", *(pytest.param(mode, marks=pytest.mark.long) for mode in ("dark", "320-px"))],
)
def test_axe_finds_nothing_where_admins_see_how_sure_the_gate_is(
    sit_down: SitDown, site: Site, old_company: Company, model_folder: Path, mode: str
):
    with site.writing() as session:
        what_was_learned(session, old_company, model=OnnxEncoder.open(model_folder).model)
    visitor = sit_down(old_company, "Yusuf", **MODES[mode])
    page = visitor.open("/admin/answers-found")

    expect(page.get_by_role("img", name="Reliability curve")).to_be_visible()
    assert list_violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert find_overflowing(page) == []


def what_was_learned(session: Session, company: Company, *, model: str) -> None:
    """Store figures as the worker would; the prior holds, so look-ups stay as they are."""
    right = {"count": 18, "of": 20, "low": 0.699, "high": 0.972}
    insert_once(
        session, FittedGate, organization_id=company.organization_id, model=model,
        verdict="no-better", confirmed_count=18, refused_count=2, duplicate_count=0,
        evidence_hash="0", fitted_at=utc_now(),
        measured={
            "target": 0.8, "precision": right, "recall": None, "false_alarms": None, "error": 0.05,
            "curve": [{"low": 0.9, "high": 1.0, "mean": 0.95, "answered": right}],
        },
    )  # fmt: skip
