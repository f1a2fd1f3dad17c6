"""A page finds its rows by their ids or in their order: a company's size is not read for it.

SQLite plans without statistics, so what it would do among a million rows shows among three.
"""

import re

import pytest

from peerqa.database import db
from peerqa.services import answers, questions
from tests.conftest import NOON
from tests.web.test_budgets import counted

READS_ALL = re.compile(
    r"SCAN (post|question|answer|comment|vote)(_\d+)?$"
    r"|SEARCH post\S* USING INDEX ix_post_organization"
)


@pytest.fixture
def thread(session, space, alice, bob) -> int:
    asked, again = (
        questions.post_question(session, space=space, author=alice, title=title, at=NOON)
        for title in ("Where is the tape?", "Where is the tape now?")
    )
    answers.post_answer(session, question=asked, author=bob, body="In the drawer.", at=NOON)
    questions.mark_duplicate(session, question=again, of=asked, by=alice, at=NOON)
    session.commit()
    return asked.id


def wide(statements: list[str]) -> list[tuple[str, str]]:
    """Return what reads a whole table, and in which statement; values never change a plan here."""
    return [
        (step[3], statement)
        for statement in statements
        if statement.startswith(("SELECT", "UPDATE"))
        for step in db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?")
        )
        if READS_ALL.match(step[3])
    ]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # PostgreSQL has statistics
def test_no_page_reads_all_posts(browse, alice, space, thread):
    browser = browse(alice)
    pages = (f"/questions/{thread}", f"/questions/{thread + 1}", "/", f"/spaces/{space.id}")
    for page in (*pages, f"/members/{alice.id}"):
        with counted() as statements:
            assert browser.get(page).status_code == 200

        assert wide(statements) == [], page


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_to_ask_and_to_answer_read_no_more(browse, bob, space, thread):
    browser = browse(bob)
    forms = {
        f"/questions/{thread}/answers": {"body": "Or on the shelf."},
        "/ask": {"title": "Who has the key?", "space": str(space.id), "step": "post"},
    }
    for path, form in forms.items():
        with counted() as statements:
            assert browser.post(path, form).status_code == 303

        assert wide(statements) == [], path
