"""Every route: who may come in, from where, and what a foreign organization sees."""

import pytest

from peerqa.gate import Audience
from peerqa.models import Guide
from peerqa.services import comments
from tests.conftest import NOON
from tests.web.picture_files import add_picture

OPEN = {
    "/help",
    "/sign-in",
    "/sign-in/<token>",
    "/sign-out",
    "/demo/sign-in/<id:member_id>",
    "/leave/<token>",
    "/legal/<token>/<kind>",
}
# The paths of things that Alice and Bob made; Carol, of elsewhere, must not find one of them.
GETS = [
    "/questions/{question}",
    "/questions/{question}/near",
    "/questions/{question}/mentions",
    "/questions/{question}/edit",
    "/questions/{question}/delete",
    "/answers/{answer}/edit",
    "/answers/{answer}/delete",
    "/comments/{comment}/edit",
    "/comments/{comment}/delete",
    "/posts/{question}/history",
    "/posts/{question}/flag",
    "/posts/{question}/moderation",
    "/questions/{question}/merge",
    "/answers/{answer}",
    "/comments/{comment}",
    "/spaces/{space}/care",
    "/spaces/{space}/waiting",
    "/members/{alice}",
    "/members/{alice}/left",
    "/guides/{guide}",
    "/guides/{guide}/edit",
    "/spaces/{space}/guides/new",
    "/spaces/{space}",
    "/topics/label-printer",
    "/pictures/{picture}",
    "/questions/{question}/reveal",
    "/spaces/{space}/rules",
    "/spaces/{space}/settings",
    "/spaces/{space}/people",
]
POSTS = {
    "/posts/{question}/flag": {"reason": "rude"},
    "/posts/{question}/moderation": {"act": "hidden", "why": "It is rude."},
    "/questions/{question}/reveal": {"reason": "It is a threat."},
    "/spaces/{space}/rules": {"allows_anonymous": "1"},
    "/spaces/{space}/settings": {"name": "x"},
    "/spaces/{space}/people": {"who": "x", "role": "learner"},
    "/spaces/{space}/archive": {"wanted": "1"},
    "/questions/{question}/edit": {"title": "A new one", "body": "", "topics": "", "version": "1"},
    "/questions/{question}/delete": {},
    "/questions/{question}/invite": {"who": "Bob Builder"},
    "/questions/{question}/pass": {"reason": "no-time"},
    "/questions/{question}/take": {},
    "/questions/{question}/answers": {"body": "x"},
    "/questions/{question}/duplicate": {"of": "1"},
    "/questions/{question}/duplicate/undo": {},
    "/questions/{question}/merge": {"of": "1"},
    "/questions/{question}/merge/undo": {},
    "/answers/{answer}/edit": {"body": "x", "version": "1"},
    "/answers/{answer}/delete": {},
    "/answers/{answer}/accept": {"wanted": "1"},
    "/comments/{comment}/edit": {"body": "x", "version": "1"},
    "/comments/{comment}/delete": {},
    "/posts/{question}/comments": {"body": "x"},
    "/posts/{answer}/comments": {"body": "x"},
    "/posts/{question}/history": {"version": "1", "restore": "1"},
    "/questions/{question}/follow": {"wanted": "1"},
    "/topics/label-printer/follow": {"wanted": "1"},
    "/topics/label-printer/keepers": {"who": "Carol"},
    "/spaces/{space}/follow": {"wanted": "1"},
    "/posts/{question}/bookmark": {"wanted": "1"},
    "/posts/{question}/restore": {},
    "/answers/{answer}/convert": {},
    "/comments/{comment}/convert": {},
    "/answers/{answer}/doubt": {"reason": "x"},
    "/answers/{answer}/settle": {},
    "/answers/{answer}/verify": {},
    "/spaces/{space}/guides": {"title": "x"},
    "/guides/{guide}/edit": {"version": "1"},
    "/answers/{answer}/hand": {"to": "1"},
    "/posts/{question}/retire": {},
    "/posts/{question}/vote": {"wanted": "1"},
    "/posts/{answer}/vote": {"wanted": "1"},
}
# What belongs to nobody else, or is looked up by what is typed.
OWN = {"/legal/<kind>", "/appearance.css", "/logo",
    "/moderation", "/bookmarks", "/ledger", "/searches", "/search/hits", "/unanswered",
    "/searches/<id:search_id>/remove", "/reviews", "/guides",
    "/", "/ask", "/ask/similar", "/search", "/topics/", "/notifications", "/notifications/read",
    "/notifications/settings", "/preview", "/profile", "/lookups",
    "/for-me", "/preferences/asked", "/admin/fairness", "/fairness/<id:case_id>",
    "/fairness/<id:case_id>/appeal", "/fairness/<id:case_id>/decision",
    "/preferences", "/drafts", "/drafts/discard", "/pictures",
    "/profile/sign-ins/<id:sign_in_id>/end",
}  # fmt: skip


@pytest.fixture
def ids(session, space, question, answer, alice, bob) -> dict[str, int | str]:
    comment = comments.post_comment(session, parent=answer, author=bob, body="Yes.", at=NOON)
    picture = add_picture(session, answer, bob)
    guide = Guide(organization_id=space.organization_id, space=space, title="All on it",
                  created_at=NOON, active_at=NOON)  # fmt: skip
    session.add(guide)
    session.commit()
    return {
        "guide": guide.id,
        "picture": picture,
        "question": question.id,
        "answer": answer.id,
        "comment": comment.id,
        "alice": alice.id,
        "space": space.id,
    }


def rules(app):
    """The pages, but those of admins: what others hear there is in tests/reliability/routes.py."""
    found = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("pages.")]
    return [r for r in found if not r.rule.startswith("/admin")]


def test_every_route_has_its_row_here(app):
    named = {"id:question_id": "question", "id:answer_id": "answer", "id:comment_id": "comment"}
    named |= {"token": "picture"}
    named |= {"id:member_id": "alice", "id:space_id": "space", "id:post_id": "question"}
    named |= {"id:guide_id": "guide"}

    def row(rule):
        path = rule.rule.replace("/topics/<name>", "/topics/label-printer")
        for place, name in named.items():
            path = path.replace(f"<{place}>", f"{{{name}}}")
        return path

    found = {row(rule) for rule in rules(app) if rule.rule not in OPEN | OWN}

    twice = {"/posts/{answer}/comments", "/posts/{answer}/vote"}  # asked of both kinds
    assert found == {*GETS, *POSTS} - twice


def test_every_route_but_the_way_in_is_closed(app):
    for rule in rules(app):
        audience = app.view_functions[rule.endpoint].audience
        assert (audience is Audience.EVERYONE) == (rule.rule in OPEN), rule.rule


def test_a_foreign_organization_sees_the_same_404_as_for_what_never_was(browse, carol, ids):
    browser = browse(carol)
    nothing = dict.fromkeys(ids, 2_000_000_000)

    for path in GETS:
        foreign = browser.get(path.format(**ids))
        missing = browser.get(path.format(**nothing).replace("label-printer", "no-such"))
        assert foreign.status_code == missing.status_code == 404, path
        assert foreign.text == missing.text
    for path, data in POSTS.items():
        foreign = browser.post(path.format(**ids), data)
        missing = browser.post(path.format(**nothing), data)
        assert foreign.status_code == missing.status_code == 404, path
        assert foreign.text == missing.text


def test_a_question_of_a_closed_space_does_not_exist_for_others(
    session, browse, bob, admin, question, answer, ids
):
    question.visibility = "space"
    session.commit()

    for outsider in (bob, admin):
        browser = browse(outsider)
        for path in GETS:
            if "question" in path or "answer" in path or "comment" in path:
                assert browser.get(path.format(**ids)).status_code == 404, path
        assert question.title not in browser.get("/").text
        assert question.title not in browser.get("/topics/label-printer").text
        assert question.title not in browser.get(f"/members/{question.author_id}").text


def test_signed_out_every_page_asks_to_sign_in(app, session, ids):
    client = app.test_client()

    for path in [*GETS, "/", "/ask", "/ask/similar?title=x", "/search?q=x", "/notifications"]:
        response = client.get(path.format(**ids))
        assert response.status_code == 401, path
        assert "Please sign in" in response.text
    for path, data in POSTS.items():
        assert client.post(path.format(**ids), data=data).status_code == 401, path


@pytest.mark.parametrize(
    "broken",
    ["no token", "foreign token", "Sec-Fetch-Site", "Origin", "null origin"],
)
def test_a_forged_request_is_refused_on_every_unsafe_route(
    session, browse, steward, bob, ids, broken
):
    browser = browse(steward)
    token, headers = browser.csrf_token, {}
    if broken == "no token":
        token = ""
    elif broken == "foreign token":
        token = browse(bob).csrf_token
    elif broken == "Sec-Fetch-Site":
        headers = {"Sec-Fetch-Site": "cross-site"}
    else:
        headers = {"Origin": "null" if "null" in broken else "https://evil.example"}
    more = [
        "/ask",
        "/preview",
        "/drafts",
        "/drafts/discard",
        "/pictures",
        "/lookups",
        "/profile",
        "/notifications/read",
        "/notifications/settings",
        "/sign-out",
    ]

    for path in [*POSTS, *more, "/profile/sign-ins/1/end", "/sign-in"]:
        data = {**POSTS.get(path, {}), "csrf_token": token}
        response = browser.client.post(path.format(**ids), data=data, headers=headers)
        assert response.status_code == 403, path
    assert browser.get("/").status_code == 200, "still signed in"


def test_the_token_may_come_in_a_header_as_htmx_sends_it(browse, alice):
    browser = browse(alice)

    response = browser.client.post(
        "/preview", data={"body": "x"}, headers={"X-CSRF-Token": browser.csrf_token}
    )

    assert response.status_code == 200


@pytest.mark.every_case
@pytest.mark.parametrize("bad", ["99999999999", "-1", "0x10", "1.5", "abc", "%00", "١٢"])
def test_what_no_row_can_have_is_not_found(browse, alice, bad):
    browser = browse(alice)

    for path in ("questions", "spaces", "members"):
        assert browser.get(f"/{path}/{bad}").status_code == 404
    assert browser.get(f"/answers/{bad}/edit").status_code == 404
