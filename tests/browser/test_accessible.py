"""Every page can be read and operated by everybody: axe finds nothing, and what axe cannot see.

In light on every run; dark, forced colours, right to left and 320 pixels for the main pages, and
for all of them in the long run.
"""

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.company import LABELS, RECEIPT, Company
from tests.browser.fixtures import SitDown
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

TYPED = "label printer prints everything shifted to the left"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations"],
    # The page's own headings are checked below; which ones people write is theirs to choose.
    "rules": {"heading-order": {"enabled": False}},
}

MAIN_PAGES = ("ask-with-hits", "question", "home", "search")
PAGES = (
    *MAIN_PAGES,
    *("ask", "question-found", "question-open", "question-commenting", "home-open", "search-empty"),
    *("search-nothing", "ask-refused", "ask-preview", "profile", "own-profile", "inbox", "topics"),
    *("topic", "space", "edit-question", "edit-answer", "edit-comment", "delete", "not-found"),
    *("conflict", "stale", "sign-in", "sign-in-needed", "link-expired"),
)
MODES: dict[str, dict[str, object]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced-colours": {"forced_colors": "active"},
    "right-to-left": {},
    "320-px": {"viewport": {"width": 320, "height": 640}},
}
CHECKED = [
    *(pytest.param("light", name, id=f"light-{name}") for name in PAGES),
    *(
        pytest.param(
            mode,
            name,
            id=f"{mode}-{name}",
            marks=[] if mode in {"dark", "320-px"} and name in MAIN_PAGES else [pytest.mark.long],
        )
        for mode in list(MODES)[1:]
        for name in PAGES
    ),
]


def open_page(visitor: Visitor, company: Company, name: str) -> Page:
    """Open a page in the state that its name says."""
    if name in OPENERS:
        OPENERS[name](visitor, company)
    else:
        visitor.open(_address(company, name))
    return visitor.page


def _address(company: Company, name: str) -> str:
    question = company.question(LABELS)
    return {
        "ask": "/ask",
        "question": question,
        "question-open": f"/questions/{company.questions['What is the code of the meeting room display?']}",
        "home": "/",
        "home-open": "/?show=open",
        "search": "/search?q=label+printer+prints+too+far+left",
        "search-empty": "/search",
        "search-nothing": "/search?q=xylophone",
        "profile": company.profile("Tomasz"),
        "own-profile": company.profile("Lena"),
        "inbox": "/notifications",
        "topics": "/topics/",
        "topic": "/topics/label-printer",
        "space": f"/spaces/{company.space_id}",
        "edit-question": f"{question}/edit",
        "delete": f"{question}/delete",
        "not-found": "/nothing-here",
        "link-expired": "/sign-in/nobody-made-this",
    }[name]


def _ask_with_hits(visitor: Visitor, _company: Company) -> None:
    visitor.open("/ask").fill("#title", TYPED)
    expect(visitor.page.locator("#similar .hit").first).to_be_visible()


def _ask_refused(visitor: Visitor, _company: Company) -> None:
    page = visitor.open("/ask")
    page.fill("#title", "What is in the table of today?")
    page.fill("#title", "Hm")
    page.fill("#topics", "a, b, c, d, e, f, g")
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.locator("#title")).to_have_attribute("aria-invalid", "true")


def _ask_preview(visitor: Visitor, _company: Company) -> None:
    page = visitor.open("/ask")
    page.fill("#title", "What is in the table of today?")
    page.fill(
        "#body", "## A heading\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```"
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview")).to_be_visible()


def _question_found(visitor: Visitor, company: Company) -> None:
    _ask_with_hits(visitor, company)
    visitor.page.locator("#similar .hit h3 a").first.click()
    expect(visitor.page.locator("article mark")).to_be_visible()


def _question_commenting(visitor: Visitor, company: Company) -> None:
    page = visitor.open(company.question(LABELS))
    page.locator("summary", has_text="Comment").first.click()
    expect(page.get_by_label("Your comment").first).to_be_visible()


def _own_answer(visitor: Visitor, company: Company) -> str:
    """Return the address of an answer of the visitor's own, who is Lena."""
    brakes = "The brake lever goes to the handlebar after the bike stood upside down"
    page = visitor.open(f"/questions/{company.questions[brakes]}")
    number = page.locator("article.answer").first.get_attribute("id") or ""
    return f"/answers/{number.removeprefix('post-')}"


def _edit_answer(visitor: Visitor, company: Company) -> None:
    visitor.open(_own_answer(visitor, company) + "/edit")


def _edit_comment(visitor: Visitor, company: Company) -> None:
    page = visitor.open(company.question(RECEIPT))
    own = page.get_by_role("link", name="Edit this comment")
    if not own.count():
        page.locator("summary", has_text="Comment").first.click()
        page.get_by_label("Your comment").first.fill("It took them a week, then it was there.")
        page.get_by_role("button", name="Post comment").first.click()
    own.first.click()


def _conflict(visitor: Visitor, company: Company) -> None:
    page = visitor.open(_own_answer(visitor, company) + "/edit")
    page.locator("input[name=version]").evaluate("field => { field.value = 0 }")
    page.get_by_label("Your answer").fill("Air is in the line, and the lever says so.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="What differs")).to_be_visible()


def _stale(visitor: Visitor, company: Company) -> None:
    page = visitor.open(company.question(LABELS))
    page.locator("#answer input[name=csrf_token]").evaluate("field => { field.value = 'x' }")
    page.get_by_label("Your answer").fill("Wait a minute.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("Nothing is lost")).to_be_visible()


def _sign_in(visitor: Visitor, _company: Company) -> None:
    visitor.sign_out()
    visitor.open("/sign-in")


def _sign_in_needed(visitor: Visitor, company: Company) -> None:
    page = visitor.open(company.question(LABELS))
    visitor.sign_out()
    page.get_by_label("Your answer").fill("Wait a minute.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your sign-in has ended")


OPENERS = {
    "ask-with-hits": _ask_with_hits,
    "ask-refused": _ask_refused,
    "ask-preview": _ask_preview,
    "question-found": _question_found,
    "question-commenting": _question_commenting,
    "edit-answer": _edit_answer,
    "edit-comment": _edit_comment,
    "conflict": _conflict,
    "stale": _stale,
    "sign-in": _sign_in,
    "sign-in-needed": _sign_in_needed,
}


def list_violations(page: Page) -> list[str]:
    found = Axe().run(page, options=AXE).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(("mode", "name"), CHECKED)
def test_axe_finds_nothing(sit_down: SitDown, old_company: Company, mode: str, name: str):
    visitor = sit_down(old_company, "Lena", **MODES[mode])
    page = open_page(visitor, old_company, name)
    if mode == "right-to-left":
        page.evaluate("document.documentElement.dir = 'rtl'")
    if mode in {"320-px", "right-to-left"}:
        assert find_overflowing(page) == []
    assert list_violations(page) == []
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


def test_nothing_scrolls_sideways_at_320_pixels(sit_down, old_company):
    visitor = sit_down(old_company, "Lena", **MODES["320-px"])
    found = {
        name: overflowing
        for name in PAGES
        if not name.startswith("sign-in")
        and (overflowing := find_overflowing(open_page(visitor, old_company, name)))
    }
    assert found == {}


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


def test_every_page_has_a_title_of_its_own(sit_down, old_company):
    visitor = sit_down(old_company, "Lena")
    alike = {"question-open", "edit-question", "edit-answer", "profile", "own-profile", "topic"}
    named = [*MAIN_PAGES, "search-empty", "inbox", "topics", "space", "delete", "not-found", *alike]
    titles = {name: open_page(visitor, old_company, name).title() for name in named}
    assert len(set(titles.values())) == len(titles), titles
    assert all(title.endswith("PeerQA") for title in titles.values())


def test_what_is_swapped_in_is_announced(sit_down, old_company):
    visitor = sit_down(old_company, "Lena")
    page = open_page(visitor, old_company, "ask-with-hits")
    expect(page.get_by_role("status").filter(has_text="1 earlier question found")).to_have_count(1)
    expect(page.get_by_role("region", name="A colleague already answered this")).to_be_visible()
    expect(page.locator("#title")).to_be_focused()
