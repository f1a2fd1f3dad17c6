"""Every page there is, in each state that looks different."""

from playwright.sync_api import Page, expect

from tests.browser.company import LABELS, RECEIPT, Company
from tests.browser.visitor import Visitor

TYPED = "label printer prints everything shifted to the left"
TABLE_AND_CODE = "## A heading\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```"

MAIN_PAGES = ("ask-with-hits", "question", "home", "search")
PAGES = (
    *MAIN_PAGES,
    *("ask", "question-found", "question-open", "question-commenting", "home-open", "search-empty"),
    *("search-nothing", "ask-refused", "ask-preview", "profile", "own-profile", "inbox", "topics"),
    *("topic", "space", "edit-question", "edit-answer", "edit-comment", "delete", "not-found"),
    "forbidden",
    *("help", "preferences", "history", "bookmarks", "care", "merge", "doubted"),
    *("mail", "conflict", "stale", "sign-in", "sign-in-needed", "link-expired"),
    *("search-filtered", "search-refused", "search-offers", "searches", "unanswered"),
    *("for-me", "asked-choices", "asked-refused", "waiting", "question-asked"),
    *("reviews", "guide", "edit-guide", "retired"),
)
# Who opens a page that is not for everybody.
READERS = {
    **dict.fromkeys(("waiting", "for-me", "question-asked"), "Marta"),
    **dict.fromkeys(("care", "merge", "reviews", "guide", "edit-guide", "retired"), "Marta"),
}


def open_page(visitor: Visitor, company: Company, name: str) -> Page:
    """Open a page in the state that its name says."""
    if name in OPENERS:
        OPENERS[name](visitor, company)
    else:
        visitor.open(_address(company, name))
    visitor.page.wait_for_load_state()
    expect(visitor.page.locator(".htmx-request")).to_have_count(0)  # what it fetches by itself
    return visitor.page


def _address(company: Company, name: str) -> str:
    question = company.question(LABELS)
    unanswered = company.questions["What is the code of the meeting room display?"]
    return {
        "ask": "/ask",
        "question": question,
        "question-open": f"/questions/{unanswered}",
        "home": "/",
        "home-open": "/?show=open",
        "search": "/search?q=label+printer+prints+too+far+left",
        "search-empty": "/search",
        "search-nothing": "/search?q=xylophone",
        "search-filtered": "/search?q=topic:label-printer+is:answered+printer",
        "search-refused": "/search?q=topic:nothing+after:soon",
        "searches": "/searches",
        "unanswered": "/unanswered",
        "profile": company.profile("Tomasz"),
        "own-profile": company.profile("Lena"),
        "inbox": "/notifications",
        "mail": "/notifications/settings",
        "help": "/help",
        "preferences": "/preferences",
        "topics": "/topics/",
        "topic": "/topics/label-printer",
        "space": f"/spaces/{company.space_id}",
        "edit-question": f"{question}/edit",
        "delete": f"{question}/delete",
        "not-found": "/nothing-here",
        "forbidden": "/admin",
        "bookmarks": "/bookmarks",
        "care": f"/spaces/{company.space_id}/care",
        "waiting": f"/spaces/{company.space_id}/waiting",
        "asked-choices": "/preferences/asked",
        "for-me": "/for-me",
        "merge": f"/questions/{unanswered}/merge?of={question}",
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
    page.fill("#body", TABLE_AND_CODE)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".preview")).to_be_visible()


def _question_found(visitor: Visitor, company: Company) -> None:
    _ask_with_hits(visitor, company)
    visitor.page.locator("#similar .hit h3 a").first.click()
    expect(visitor.page.locator("article mark").first).to_be_visible()


def _question_commenting(visitor: Visitor, company: Company) -> None:
    page = visitor.open(company.question(LABELS))
    page.locator("summary", has_text="Comment").first.click()
    expect(page.get_by_label("Your comment").first).to_be_visible()


def _search_offers(visitor: Visitor, _company: Company) -> None:
    page = visitor.open("/topics/")
    page.get_by_role("combobox").press_sequentially("label printer")
    expect(page.get_by_role("option").first).to_be_visible()


def _own_answer(visitor: Visitor, company: Company) -> str:
    """Return the address of an answer of the visitor's own, who is Lena."""
    brakes = "The brake lever goes to the handlebar after the bike stood upside down"
    page = visitor.open(f"/questions/{company.questions[brakes]}")
    number = page.locator("article.answer").first.get_attribute("id") or ""
    return f"/answers/{number.removeprefix('post-')}"


def _asked_refused(visitor: Visitor, _company: Company) -> None:
    page = visitor.open("/preferences/asked")
    page.get_by_label("At most, in a week").fill("many")
    page.get_by_label("back on").fill("2026-12-24")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Write a number")).to_be_visible()


def _question_asked(visitor: Visitor, _company: Company) -> None:
    visitor.open("/for-me").locator("li.item h3 a").first.click()
    expect(visitor.page.get_by_role("region", name="Do you know this?")).to_be_visible()


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


def _history(visitor: Visitor, company: Company) -> None:
    own = _own_answer(visitor, company)
    page = visitor.open(own.replace("answers", "posts") + "/history")
    if not page.get_by_role("button", name="Restore version 1").count():
        page = visitor.open(own + "/edit")
        page.get_by_label("Your answer").fill("Air is in the line. Tie the lever to the bar.")
        page.get_by_label("Why, if it is not obvious").fill("Shorter.")
        page.get_by_role("button", name="Save").click()
        visitor.open(own.replace("answers", "posts") + "/history")


def _doubted(visitor: Visitor, company: Company) -> None:
    page = visitor.open(company.question(LABELS))
    if not page.get_by_text("No longer right, colleagues say:").count():
        page.locator("summary", has_text="No longer right?").first.click()
        page.get_by_label("What has changed?").first.fill("The new printers blink once.")
        page.get_by_role("button", name="Say so").first.click()
    expect(page.get_by_text("No longer right, colleagues say:")).to_be_visible()


def _reviews(visitor: Visitor, company: Company) -> None:
    """Something is due; the worker that puts it there comes within a second."""
    _doubted(visitor, company)
    for _ in range(40):
        page = visitor.open("/reviews?show=all")
        if page.locator("li.item").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("nothing is due")


def _guide(visitor: Visitor, company: Company) -> None:
    page = visitor.open("/guides")
    made = page.get_by_role("link", name=RECEIPT.title)
    if made.count():
        made.first.click()
        return
    page = visitor.open(company.question(RECEIPT))
    page.get_by_role("link", name="Make a guide from this").click()
    page.get_by_role("button", name="Make the guide").click()
    expect(page.get_by_role("heading", name="Made from")).to_be_visible()


def _edit_guide(visitor: Visitor, company: Company) -> None:
    _guide(visitor, company)
    visitor.page.get_by_role("link", name="Edit this guide").click()


def _retired(visitor: Visitor, company: Company) -> None:
    page = visitor.open(company.question(RECEIPT))
    if not page.get_by_text("Retired: this held once").count():
        page.locator("article.answer summary", has_text="Retire").first.click()
        page.get_by_role("button", name="Retire it").first.click()
    expect(page.get_by_text("Retired: this held once").first).to_be_visible()


OPENERS = {
    "reviews": _reviews,
    "guide": _guide,
    "edit-guide": _edit_guide,
    "retired": _retired,
    "history": _history,
    "doubted": _doubted,
    "ask-with-hits": _ask_with_hits,
    "ask-refused": _ask_refused,
    "ask-preview": _ask_preview,
    "question-found": _question_found,
    "question-commenting": _question_commenting,
    "search-offers": _search_offers,
    "asked-refused": _asked_refused,
    "question-asked": _question_asked,
    "edit-answer": _edit_answer,
    "edit-comment": _edit_comment,
    "conflict": _conflict,
    "stale": _stale,
    "sign-in": _sign_in,
    "sign-in-needed": _sign_in_needed,
}
