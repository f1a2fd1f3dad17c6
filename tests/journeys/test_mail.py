"""From an answer by e-mail to the page, and out of it with one click."""

import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from peerqa.clock import utc_now
from peerqa.models import OutboxRow
from peerqa.services.notifying import news
from tests.browser.company import Company
from tests.browser.fixtures import found_company
from tests.browser.keyboard import press, press_until_focused
from tests.browser.site import Site
from tests.browser.visitor import Visitor, seen_out
from tests.journeys.academy_site import free_port

pytestmark = pytest.mark.browser

TITLE = "What is the code of the meeting room display?"


@pytest.fixture
def mailing_site(tmp_path, model_folder, mail_server) -> Iterator[Site]:
    more = {
        "port": free_port(),
        "smtp_host": "127.0.0.1",
        "smtp_port": mail_server.server_address[1],
        "smtp_tls": False,
    }
    with Site(tmp_path, model_folder, more).running() as site:
        yield site


def letters(mail_server) -> list[EmailMessage]:
    """Return what the mail server took, as a mail program reads it."""
    found, lines = [], list(mail_server.lines)
    while "data" in lines and "." in lines:
        begin, end = lines.index("data") + 1, lines.index(".")
        found.append(message_from_string("\n".join(lines[begin:end]), policy=policy.default))
        lines = lines[end + 1 :]
    return found


def wait_for_letters(site: Site, mail_server, count: int) -> list[EmailMessage]:
    """Let the minute pass in which nobody gets a letter, and wait for the worker."""
    deadline = monotonic() + 60
    while len(letters(mail_server)) < count:
        assert monotonic() < deadline, site.read_log()
        with site.writing() as session:
            waits = (OutboxRow.topic == news.NEWS, OutboxRow.due_at > utc_now())
            session.execute(
                update(OutboxRow).where(*waits).values(due_at=utc_now() - timedelta(seconds=1))
            )
        sleep(0.2)
    return letters(mail_server)


def answer(visitor: Visitor, company: Company, text: str) -> None:
    page = visitor.open(f"/questions/{company.questions[TITLE]}")
    page.get_by_label("Your answer").fill(text)
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("Your answer is there.")).to_be_visible()


def test_an_answer_comes_by_mail_and_one_click_leaves_it(
    headless: Browser, mailing_site: Site, mail_server
):
    company = found_company(mailing_site)
    with seen_out() as visitors:

        def sit(name: str | None) -> Visitor:
            visitors.append(visitor := Visitor(headless.new_context(), mailing_site.address))
            if name:
                visitor.sign_in(mailing_site.sign_in(company.people[name]))
            return visitor

        yusuf, tomasz, nobody = sit("Yusuf"), sit("Tomasz"), sit(None)
        answer(yusuf, company, "Hold the power key for ten seconds, then 0000.")
        (letter,) = wait_for_letters(mailing_site, mail_server, 1)
        assert letter["Subject"] == f"Yusuf Aydın answered your question: {TITLE}"
        text = letter.get_body(("plain",)).get_content()
        link = next(line for line in text.splitlines() if "/questions/" in line)
        page = tomasz.open(link.removeprefix(mailing_site.address))
        expect(page.locator(f"#{link.partition('#')[2]}")).to_contain_text("ten seconds")

        leave = letter["List-Unsubscribe"].strip("<>")
        page = nobody.open(leave.removeprefix(mailing_site.address))
        expect(page.get_by_role("heading", level=1)).to_have_text("No more of this e-mail?")
        one_click = urllib.request.Request(leave, b"List-Unsubscribe=One-Click", method="POST")
        with urllib.request.urlopen(one_click) as reply:
            assert reply.status == 200

        answer(yusuf, company, "Or ask Marta for the sticker with the code.")
        page = tomasz.open("/notifications/settings")
        expect(page.get_by_label("Somebody answers my question")).to_have_value("never")
        expect(page.get_by_label("Your time zone")).not_to_have_value("")
        press_until_focused(tomasz, "Somebody answers my question")
        page.keyboard.type("at once")
        press(tomasz, "Save")
        expect(page.get_by_text("Your choices are saved.")).to_be_visible()
        answer(yusuf, company, "It is 4711.")
        _first, second = wait_for_letters(mailing_site, mail_server, 2)
        assert second["References"] == letter["References"]
        assert "4711" in second.get_body(("plain",)).get_content()
