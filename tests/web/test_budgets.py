"""Pages stay light: at most 12 queries whatever the number of rows, and little to download."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from peerqa.database import db
from peerqa.models import Answer, Guide, Review
from peerqa.models.space import Role
from peerqa.services import answers, comments, members, questions, votes
from peerqa.services.upkeep import guides
from tests.conftest import NOON, make_member

MOST_QUERIES = 12
MOST_SCRIPT_BYTES = 45_000
MOST_STYLE_BYTES = 15_000
STATIC = Path(__file__).parents[2] / "peerqa" / "static"


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture(params=[10, 300])
def rows(request, session, organization, space, alice, bob) -> int:
    """A thread and lists with so many rows, by different people."""
    people = [make_member(session, organization, f"P{i} Person") for i in range(10)]
    count: int = request.param
    for number in range(count):
        questions.post_question(
            session,
            space=space,
            author=people[number % 10],
            title=f"Question number {number}",
            topic_names=["packing"],
            at=NOON + timedelta(seconds=number),
        )
    thread = questions.post_question(
        session, space=space, author=alice, title="The long one", topic_names=["a", "b"], at=NOON
    )
    for number in range(min(count, 40)):
        answer = answers.post_answer(
            session, question=thread, author=people[number % 10], body="So.", at=NOON
        )
        comments.post_comment(
            session, parent=answer, author=people[(number + 1) % 10], body="Yes.", at=NOON
        )
        votes.set_vote(session, post=answer, by=bob, wanted=True, at=NOON)
        due = {"keeper_id": alice.id, "risk": 1, "reasons": "old", "created_at": NOON}
        session.add(Review(answer_id=answer.id, **due))
    for number in range(count if count > 10 else 0):
        comments.post_comment(
            session, parent=thread, author=people[number % 10], body="Me too.", at=NOON
        )
    members.join_space(session, member=people[0], space=space, role=Role.STEWARD)
    guides.make_guide(
        session, space=space, by=people[0], title="All of it", body="So.", topic_names=["a", "b"],
        source_ids=range(thread.id - min(count, guides.MOST_SOURCES) + 1, thread.id + 1), at=NOON,
    )  # fmt: skip
    session.commit()
    return thread.id


PATHS = [
    "/",
    "/?show=open",
    "/ask",
    "/ask?title=question+number+seven",
    "/ask/similar?title=question+number+seven",
    "/search?q=question+number",
    "/search?q=topic:packing+author:P1+space:workshop+after:2026+is:open+question&order=newest",
    "/search?q=topic:packing+is:open",
    "/search?q=topic:packing+is:solved",
    "/questions/{thread}",
    "/questions/{thread}/near",
    "/questions/{thread}/edit",
    "/spaces/{space}",
    "/topics/",
    "/topics/packing",
    "/members/{alice}",
    "/notifications",
    "/bookmarks",
    "/ledger",
    "/for-me",
    "/preferences/asked",
    "/guides",
    "/guides/{guide}",
    "/reviews?show=all",
    "/searches",
    "/search/hits?q=topic:packing+question",
    "/unanswered",
    "/unanswered?topic=packing&space={space}",
    "/posts/{thread}/history",
    "/questions/{thread}?comments={thread}",
]


# What admins and stewards read besides.
KEEPERS_PATHS = [
    "/admin",
    "/admin/answers-found",
    "/admin/appearance",
    "/admin/asking",
    "/admin/audit",
    "/admin/language",
    "/admin/legal",
    "/admin/mail",
    "/admin/members",
    "/admin/members/{alice}",
    "/admin/members/{alice}/suspension",
    "/admin/members/departments",
    "/admin/members/invite",
    "/admin/retention",
    "/admin/settings",
    "/admin/spaces",
    "/admin/spaces/new",
    "/admin/topics",
    "/spaces/{space}/waiting",
    "/admin/fairness",
    "/answers/{answer}/edit",
    "/answers/{answer}/delete",
    "/guides",
    "/guides/{guide}/edit",
    "/help",
    "/members/{alice}/left",
    "/moderation",
    "/notifications/settings",
    "/posts/{answer}/flag",
    "/posts/{answer}/moderation",
    "/preferences",
    "/questions/{thread}",
    "/questions/{thread}/delete",
    "/questions/{thread}/mentions?q=p",
    "/questions/{thread}/merge?of={other}",
    "/spaces/{space}",
    "/spaces/{space}/care",
    "/spaces/{space}/guides/new",
    "/spaces/{space}/people",
    "/spaces/{space}/rules",
    "/spaces/{space}/settings",
]
# Forms and pages of one thing, which no number of rows can make longer, and what is no page.
OF_ONE_THING = {
    "confirm_delete_comment", "edit_comment", "show_answer", "show_comment", "sign_in", "show_link",
    "keep_topic", "preview_join", "show_reveal", "show_leave",
    "show_fairness",
    "show_legal", "show_public_legal", "show_logo", "show_picture", "show_style",
}  # fmt: skip


def test_every_page_is_counted(app):
    places = {"thread": 1, "other": 2, "answer": 3, "space": 4, "alice": 5, "guide": 6}
    routes = app.url_map.bind("localhost")
    counted_ones = {
        routes.match(path.format(**places).partition("?")[0], "GET")[0]
        for path in (*PATHS, *KEEPERS_PATHS)
    }
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or ())
    }
    assert pages - counted_ones == {f"pages.{name}" for name in OF_ONE_THING}


def test_a_page_asks_the_database_little(session, browse, alice, space, rows):
    browser = browse(alice)
    keeper = make_member(session, alice.organization, "Kim Keeper", is_admin=True)
    members.join_space(session, member=keeper, space=space, role=Role.STEWARD)
    session.commit()
    first = session.scalars(select(Answer.id).where(Answer.question_id == rows)).first()
    places = {
        "thread": rows, "other": rows - 1, "answer": first, "space": space.id, "alice": alice.id,
        "guide": session.scalars(select(Guide.id)).one(),
    }  # fmt: skip

    asked = {}
    for reader, paths in ((browser, PATHS), (browse(keeper), KEEPERS_PATHS)):
        for path in paths:
            address = path.format(**places)
            session.expunge_all()
            with counted() as statements:
                status = reader.get(address).status_code
            assert status == 200, path
            asked[path] = statements
    with counted() as statements:
        browser.post("/ask", {"title": "Question number seven", "step": "look"})
    asked["look first"] = statements

    too_many = {path: found for path, found in asked.items() if len(found) > MOST_QUERIES}
    assert too_many == {}


def test_no_page_downloads_much_script(app):
    for template in (Path(app.root_path) / "templates").rglob("*.html"):
        named = re.findall(r"static', filename='([\w/.-]+\.js)'", template.read_text())
        loaded = {"vendor/htmx.min.js", "base.js", "find.js", "options.js", "draft.js", *named}
        size = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in loaded)
        assert size <= MOST_SCRIPT_BYTES, template


def test_our_scripts_are_small_and_named_after_their_page():
    for script in STATIC.glob("*.js"):
        assert script.stat().st_size <= 3000, script.name


def test_the_style_sheet_is_small_and_knows_no_left_and_right():
    style = (STATIC / "peerqa.css").read_text()

    assert len(gzip.compress(style.encode())) <= MOST_STYLE_BYTES
    physical = (
        r"[\s;{](?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom)\s*:"
    )
    assert re.findall(physical, style) == []
    assert re.findall(r"[\s;{](?:width|height|(?:min|max)-(?:width|height))\s*:", style) == []
    assert re.findall(r"100vh|position:\s*(?:fixed|sticky)", style) == []


def test_no_template_has_inline_scripts_or_styles(app):
    for template in (Path(app.root_path) / "templates").rglob("*.html"):
        text = template.read_text()
        if template.parent.name == "letters":  # no page: mail programs fetch no style sheet
            text = text.replace('<style>{% include "_style.css" %}</style>', "")
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)", text), template
        assert not re.search(r"hx-on|hx-vals=.js:|hx-confirm", text), template


def test_every_sentence_goes_through_gettext(app):
    """Text between tags that is not in a {{ … }} is one of a few that need no translation."""
    for template in (Path(app.root_path) / "templates").rglob("*.html"):
        text = re.sub(r"{#.*?#}", "", template.read_text(), flags=re.DOTALL)
        attributes = r"{% (macro|block) \w+_attributes.*?{%-? end(macro|block)"
        text = re.sub(attributes, "{%", text, flags=re.DOTALL)
        text = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", text)
        words = set(re.findall(r"[^\W\d_]{2,}", text)) - {"Peer", "QA", "PeerQA", "Markdown"}
        assert words == set(), (template, words)


def test_styles_and_scripts_travel_compressed_and_pages_do_not(app, browse, alice):
    client = app.test_client()
    asked = {"Accept-Encoding": "gzip"}

    for path in ("/static/peerqa.css", "/static/vendor/htmx.min.js"):
        plain = client.get(path)
        packed = client.get(path, headers=asked)
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        again = client.get(path, headers={**asked, "If-None-Match": packed.headers["ETag"]})
        assert again.status_code == 304
    assert "Content-Encoding" not in browse(alice).get("/", headers=asked).headers
