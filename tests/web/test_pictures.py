"""Pictures: sent with a form or beside it, seen by whoever sees the post, by nobody else."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.clock import utc_now
from peerqa.models import Picture, Question
from peerqa.services import answers, members, questions
from peerqa.services.asking import pictures
from tests.conftest import NOON
from tests.web.conftest import text_of
from tests.web.picture_files import file_of, photo_with_a_place

TITLE = "Labels come out shifted to the left"


def send(browser, data=None, **fields):
    file = (io.BytesIO(file_of() if data is None else data), "label.png")
    return browser.post(
        "/pictures", {"picture": file, **fields}, content_type="multipart/form-data"
    )


def address_of(reply) -> str:
    return reply.json["markdown"].partition("](")[2].rstrip(")")


def ask(browser, space, body, **more):
    asked = browser.post("/ask", {"title": TITLE, "body": body, "space": space.id, **more})
    assert asked.status_code == 303
    return asked.location.partition("?")[0]


def test_a_pasted_picture_stands_in_the_question_and_is_served_safely(browse, alice, bob, space):
    browser = browse(alice)
    sent = send(browser, photo_with_a_place(), picture_alt="A [shifted] label")
    assert sent.json["markdown"].startswith("![A shifted label](/pictures/")

    page = browse(bob).get(ask(browser, space, "See: " + sent.json["markdown"]))

    assert f'<img src="{address_of(sent)}" alt="A shifted label" loading="lazy">' in page.text
    reply = browse(bob).get(address_of(sent))
    assert reply.status_code == 200
    assert reply.mimetype == "image/webp"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Disposition"] == 'inline; filename="picture.webp"'
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply.headers["Cache-Control"].startswith("private, max-age=")
    assert b"Alice" not in reply.data


def test_until_a_post_shows_it_its_sender_alone_sees_it(session, browse, alice, bob, carol, space):
    browser = browse(alice)
    sent = send(browser)

    assert browser.get(address_of(sent)).status_code == 200
    assert browse(bob).get(address_of(sent)).status_code == 404
    ask(browser, space, sent.json["markdown"])
    assert browse(bob).get(address_of(sent)).status_code == 200
    assert browse(carol).get(address_of(sent)).status_code == 404
    assert session.scalars(select(Picture.waiting_for)).one() is None


def test_a_picture_of_a_closed_space_is_seen_in_it_alone(
    session, browse, alice, bob, admin, closed_space
):
    members.join_space(session, member=alice, space=closed_space)
    browser = browse(alice)
    sent = send(browser)
    ask(browser, closed_space, sent.json["markdown"])

    for outsider in (bob, admin):
        assert browse(outsider).get(address_of(sent)).status_code == 404
    members.join_space(session, member=bob, space=closed_space)
    assert browse(bob).get(address_of(sent)).status_code == 200


def test_a_picture_goes_out_of_sight_with_its_post(session, browse, alice, bob, space):
    browser = browse(alice)
    sent = send(browser)
    place = ask(browser, space, sent.json["markdown"])

    browser.post(f"{place}/delete")

    assert browse(bob).get(address_of(sent)).status_code == 404


def test_pictures_of_answers_comments_and_edits_are_seen_too(session, browse, alice, bob, question):
    browser = browse(bob)
    shown = [send(browser).json["markdown"] for _ in range(3)]
    place = f"/questions/{question.id}"
    browser.post(f"{place}/answers", {"body": shown[0]})
    browser.post(f"/posts/{question.id}/comments", {"body": shown[1]})
    answer = answers.list_answers(session, question)[0]
    browser.post(f"/answers/{answer.id}/edit", {"body": shown[2], "version": 1})

    for markdown in shown:
        assert browse(alice).get(markdown[4:-1]).status_code == 200


def test_without_scripts_the_form_takes_the_picture_and_keeps_the_text(browse, alice, bob, space):
    browser = browse(alice)
    typed = {"title": TITLE, "body": "See here:", "step": "picture", "picture_alt": "A label"}

    page = browser.post(
        "/ask", {**typed, "picture": (io.BytesIO(file_of()), "x.png")},
        content_type="multipart/form-data",
    )  # fmt: skip

    assert page.status_code == 200
    assert "See here:\n\n![A label](/pictures/" in page.text
    assert "Draft saved" in page.text


def test_an_answers_form_takes_a_picture_too(browse, bob, question):
    page = browse(bob).post(
        f"/questions/{question.id}/answers",
        {"step": "picture", "picture_alt": "So", "picture": (io.BytesIO(file_of()), "x.png")},
        content_type="multipart/form-data",
    )

    assert page.status_code == 200
    assert "![So](/pictures/" in page.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"picture_alt": ""}, "Say in a few words what the picture shows"),
        ({"picture_alt": "x" * 201}, "at most 200 characters"),
        ({"picture": None}, "Choose a picture first."),
        ({"picture": b"<svg onload=alert(1)>"}, "This is no picture that can be read."),
    ],
)
def test_what_is_wrong_with_a_picture_stands_beside_it(session, browse, alice, fields, sentence):
    data = fields.get("picture", file_of())
    sent = {"title": TITLE, "body": "kept", "step": "picture", "picture_alt": "A label", **fields}
    sent.pop("picture", None)
    if data is not None:
        sent["picture"] = (io.BytesIO(data), "label.png")

    page = browse(alice).post("/ask", sent, content_type="multipart/form-data")

    assert page.status_code == 422
    assert sentence in text_of(page)
    assert "kept" in page.text
    assert session.scalars(select(Picture)).all() == []


def test_fifty_megabytes_are_refused_before_they_are_read(browse, alice, question):
    class Endless(io.RawIOBase):
        read_bytes = 0

        def readinto(self, into):
            self.read_bytes += len(into)
            return len(into)

        def readable(self):
            return True

    browser = browse(alice)
    for path in ("/pictures", "/ask", f"/questions/{question.id}/answers"):
        body = Endless()
        reply = browser.client.post(
            path,
            headers={"X-CSRF-Token": browser.csrf_token},
            environ_overrides={
                "wsgi.input": body,
                "CONTENT_LENGTH": "50000000",
                "CONTENT_TYPE": "multipart/form-data; boundary=x",
            },
        )
        assert reply.status_code == 413, path
        assert "A picture has at most 8 MB." in text_of(reply)
        assert body.read_bytes < 1_000_000


def test_other_forms_take_no_more_than_before(browse, alice):
    assert browse(alice).post("/profile", {"about": "x" * 1_000_001}).status_code == 413


def test_pictures_from_elsewhere_stay_links(browse, alice, space):
    hostile = [
        "![x](https://evil.example/pictures/" + "A" * 43 + ")",
        "![x](//evil.example/" + "A" * 43 + ")",
        "![x](/pictures/../sign-out)",
        "![x](/pictures/short)",
        '<img src="/pictures/' + "A" * 43 + '" onerror="alert(1)">',
        '![" onerror="alert(1)](/pictures/' + "A" * 43 + ")",
    ]
    browser = browse(alice)

    html = browser.get(ask(browser, space, "\n\n".join(hostile))).text

    assert html.count("<img ") == 1  # the last, whose description is text
    assert 'alt="&quot; onerror=&quot;alert(1)"' in html


def test_of_a_day_one_member_sends_so_many(session, browse, alice, bob, key, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_WAITING", 2)
    for _ in range(2):
        assert send(browse(alice)).status_code == 200

    assert send(browse(alice)).status_code == 422
    assert send(browse(bob)).status_code == 200


def test_what_no_post_shows_is_swept_when_no_draft_can_need_it(session, browse, alice, space):
    browser = browse(alice)
    loose, shown = send(browser), send(browser)
    ask(browser, space, shown.json["markdown"])

    for days, left in ((89, 2), (91, 1)):
        pictures.delete_loose(session, at=utc_now() + timedelta(days=days), days=90)
        session.commit()
        assert len(session.scalars(select(Picture.id)).all()) == left
    assert browser.get(address_of(loose)).status_code == 404
    assert browser.get(address_of(shown)).status_code == 200


def test_a_picture_is_found_by_its_description(session, space, alice):
    markdown = "Look ![a bent axle](/pictures/" + "B" * 43 + ")"
    asked = questions.post_question(
        session, space=space, author=alice, title=TITLE, body=markdown, at=NOON
    )

    assert asked.plain.strip() == "Look a bent axle"
    assert session.get_one(Question, asked.id).html.count("<img") == 1


def test_a_picture_of_another_organization_is_not_taken_over(session, browse, alice, carol, space):
    sent = send(browse(carol))

    browser = browse(alice)
    ask(browser, space, sent.json["markdown"])

    assert browser.get(address_of(sent)).status_code == 404
    assert session.scalars(select(Picture.waiting_for)).one() is not None
