"""S2: whatever people write, no script of theirs runs, and nothing of it is reported either.

Each page is opened in a real browser. What would run calls ran(); the content security policy
would stop most of it, so its reports count as much. And as both only see what the browser got to,
the page itself is searched for elements, attributes and addresses that it must not have.
"""

import os
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from peerqa.clock import utc_now
from peerqa.models import Answer
from peerqa.services import answers
from tests.browser import hostile_company
from tests.browser.fixtures import SitDown
from tests.browser.hostile_company import HostileCompany, pack
from tests.browser.site import Site
from tests.browser.vectors import VECTORS
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FIND_ODDITIES = """
() => {
  const odd = [];
  const note = (element) => odd.push(element.outerHTML.slice(0, 200));
  const written = ".text, .remark, .differences, blockquote, h1, h3, .by, .about, .topic";
  const banned = "iframe, frame, object, embed, applet, svg, math, base, style, portal, template," +
    " noscript, xmp, plaintext, marquee, video, audio, img, meta[http-equiv]";
  for (const element of document.querySelectorAll(banned)) note(element);
  for (const element of document.querySelectorAll("script, link")) {
    if (!(element.src || element.href).startsWith(location.origin + "/static/")) note(element);
  }
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || ["style", "srcdoc", "ping"].includes(name)) note(element);
      if (/^(data-)?hx-/.test(name) && name !== "hx-ignore" && element.closest(written) &&
          !element.closest("form")) note(element);
      if (!["href", "src", "action", "formaction", "xlink:href", "data"].includes(name)) continue;
      const { protocol } = new URL(value, location);
      if (!["http:", "https:", "mailto:"].includes(protocol)) note(element);
    }
  }
  const events = ["mouseover", "focus", "error", "load", "toggle", "animationstart", "click"];
  const stay = (event) => event.preventDefault();
  document.addEventListener("click", stay);
  for (const element of document.querySelectorAll(`:is(${written}), :is(${written}) *`)) {
    if (element.closest("button, form")) continue;
    for (const name of events)
      element.dispatchEvent(new Event(name, { bubbles: true, cancelable: true }));
  }
  document.removeEventListener("click", stay);
  return odd;
}
"""
LOOK_UP = """
async (titles) => {
  const shown = [];
  for (const title of titles) {
    await htmx.ajax("GET", "/ask/similar?title=" + encodeURIComponent(title), "#similar");
    shown.push(document.querySelectorAll("#similar .hit").length);
  }
  return shown;
}
"""

# Where an address is written into a page or read by one; {0} is the vector.
ADDRESSES = (
    "/{0}",
    "/topics/{0}",
    "/sign-in/{0}",
    "/questions/{0}",
    "/?after={0}&show={0}&said={0}",
    "/search?q={0}",
    "/search?q=label&start={0}",
    "/ask?title={0}&space={0}",
    "/ask/similar?title={0}&look_up={0}&body={0}",
    "/questions/{1}?hit={0}&look_up={0}&answer={0}&start={0}&end={0}&said={0}",
    "/notifications?after={0}",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own: to encode all of this with the model took a minute, and shows nothing."""
    with Site(tmp_path_factory.mktemp("hostile-site"), None).running() as site:
        yield site


@pytest.fixture(scope="module")
def hostile(site: Site) -> HostileCompany:
    with site.writing() as session:
        company = hostile_company.found(session, at=utc_now())
    site.wait_for_index()
    return company


@pytest.fixture
def ana(sit_down: SitDown, hostile: HostileCompany) -> Iterator[Visitor]:
    visitor = sit_down(hostile, "Ana")
    executions: list[object] = []
    visitor.context.expose_binding("ran", lambda _source, *what: executions.append(what))
    yield visitor
    assert executions == []
    assert visitor.faults == []


@pytest.fixture
def look(ana: Visitor) -> Callable[[], None]:
    """Return a function that searches the present page for what must not be there."""

    def look_around() -> None:
        before = ana.page.url
        assert ana.page.evaluate(FIND_ODDITIES) == []
        assert ana.page.url == before

    return look_around


def test_there_are_enough_vectors():
    assert len(VECTORS) == len(set(VECTORS)) >= 300


def test_in_questions_answers_comments_and_names(ana, hostile, look):
    seen = ""
    for hall in hostile.halls:
        page = ana.open(f"/questions/{hall}")
        look()
        assert page.locator("h1").inner_text().split() == hostile.titles[hall].split()
        assert page.locator(".answer").count() >= len(VECTORS) // len(hostile.halls)
        seen += page.locator("main").inner_text()
    for text in ("{{7*7}}", "${7*7}", "<%= 7*7 %>", "{{config}}", "%(name)s %(num)s"):
        assert text in seen


def test_in_lists_and_the_inbox(ana, hostile, look):
    found = set()
    for first in (
        "/",
        "/?show=open",
        "/notifications",
        "/topics/",
        f"/members/{hostile.people['Ana']}",
    ):
        page = ana.open(first)
        while True:
            look()
            found.update(page.locator("h3").all_inner_texts())
            more = page.locator("a[rel=next]")
            if not more.count():
                break
            page.goto(str(more.evaluate("link => link.href")))
    assert {" ".join(text.split()) for text in found} >= {
        " ".join(title.split()) for title in hostile.titles.values()
    }


def test_on_profiles_and_topics(ana, hostile, look):
    for member in hostile.members:
        ana.open(f"/members/{member}")
        look()
    for topic in hostile.topics[::20]:
        ana.open(f"/topics/{quote(topic, safe='')}")
        look()


def test_in_what_is_found_while_typing(ana, hostile, look):
    page = ana.open("/ask")
    titles = list(hostile.titles.values())
    shown = []
    for place in range(0, len(titles), 10):
        shown += page.evaluate(LOOK_UP, titles[place : place + 10])
        look()
    assert sum(map(bool, shown)) > len(titles) / 3  # hits are really shown
    page.fill("#title", titles[-1])
    expect(page.locator("#similar")).not_to_be_empty()
    look()


def test_in_search(ana, look):
    # Some of them: the ask page shows them all again in the same places, and is quicker.
    some = 1 if "PEERQA_ROUNDS" in os.environ else 4
    for query in list(pack(VECTORS, 290, " "))[::some]:
        page = ana.open(f"/search?q={quote(query, safe='')}")
        assert " ".join(query.replace("\x00", "").split()) in " ".join(
            page.locator("h1").inner_text().split()
        )
        look()


def test_in_addresses(ana, hostile, look):
    for text in pack(VECTORS, 5000, " "):
        for pattern in ADDRESSES:
            ana.open(pattern.format(quote(text, safe=""), hostile.halls[0]))
            look()


def test_in_previews_and_refused_forms(ana, look):
    page = ana.open("/ask")
    page.fill("#title", VECTORS[0])
    for text in pack(VECTORS, 19_000, "\n\n"):
        page.fill("#body", text)
        with page.expect_response("**/preview"):
            page.get_by_role("button", name="Preview").click()
        expect(page.locator(".preview")).to_contain_text("ran(1)")
        look()
    page.fill("#body", "\n\n".join(VECTORS) + "x" * 20_000)
    page.get_by_role("button", name="Ask colleagues").click()
    expect(page.locator("#body-refused")).to_be_visible()
    assert VECTORS[0] in page.locator("#body").input_value()
    look()


def test_in_conflicting_edits_and_kept_texts(ana, site, hostile, look):
    page = ana.open(f"/questions/{hostile.halls[0]}")
    page.fill("#body", "\n\n".join(VECTORS[:60]))
    page.get_by_role("button", name="Answer", exact=True).click()
    address = page.url
    number = int(re.findall(r"post-(\d+)", address)[0])
    page = ana.open(f"/answers/{number}/edit")
    with site.writing() as session:
        answer = session.get_one(Answer, number)
        answers.edit_answer(
            session,
            answer=answer,
            by=answer.author,
            body="\n\n".join(VECTORS[30:90]),
            version=answer.version,
            at=utc_now(),
        )
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="What differs")).to_be_visible()
    look()
    ana.open(f"/answers/{number}/delete")
    look()
    ana.open(f"/answers/{number}/edit")
    ana.sign_out()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Your sign-in has ended")).to_be_visible()
    look()
