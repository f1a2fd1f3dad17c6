"""Home, spaces, topics, search, profiles and the inbox: full, empty, page by page."""

from datetime import timedelta

import pytest

from peerqa.services import answers, members, questions, spaces
from peerqa.services.notifications import list_unread
from tests.conftest import NOON
from tests.web.conftest import make_hit, text_of


@pytest.fixture
def many(session, space, alice):
    for number in range(45):
        questions.post_question(
            session,
            space=space,
            author=alice,
            title=f"Question number {number:02}",
            topic_names=["packing"],
            at=NOON + timedelta(minutes=number),
        )
    session.commit()


@pytest.mark.every_case
@pytest.mark.parametrize("path", ["/", "/spaces/{space}", "/topics/packing"])
def test_a_list_goes_on_until_every_question_was_shown_once(browse, bob, space, many, path):
    browser, address = browse(bob), path.format(space=space.id)
    seen = []

    while address:
        page = browser.get(address)
        assert page.status_code == 200
        seen += [line[:18] for line in page.text.split(">Question number ")[1:]]
        link = page.text.split('rel="next" href="')
        address = link[1].split('"')[0].replace("&amp;", "&") if len(link) > 1 else None

    numbers = [int(text[:2]) for text in seen]
    assert numbers == list(range(44, -1, -1))


@pytest.mark.parametrize("after", ["x", "%00", "W10", "bm90aGluZw", "=" * 5000])
def test_a_damaged_page_address_is_refused_with_a_sentence(browse, bob, space, after):
    for path in ("/", f"/spaces/{space.id}", "/notifications"):
        response = browse(bob).get(path, query_string={"after": after})
        assert response.status_code == 422
        assert "Go back to the first page." in text_of(response)


def test_home_shows_what_is_still_open(session, browse, bob, alice, question, answer, space):
    questions.post_question(session, space=space, author=alice, title="Who knows?", at=NOON)
    session.commit()

    page = text_of(browse(bob).get("/?show=open"))

    assert "Who knows?" in page
    assert question.title not in page


def test_every_list_has_an_empty_state_with_one_next_act(session, browse, alice, space):
    browser = browse(alice)

    assert "Nobody has asked anything yet." in text_of(browser.get("/"))
    assert "Every question has an answer." in text_of(browser.get("/?show=open"))
    for path, sentence in {
        f"/spaces/{space.id}": "Nobody has asked here yet.",
        "/topics/": "There are no topics yet.",
        "/notifications": "Nothing new.",
        "/search?q=anything": "A colleague may still know it.",
        f"/members/{alice.id}": "You have not asked anything yet.",
    }.items():
        page = browser.get(path)
        assert sentence in text_of(page), path
        main = page.text[page.text.index("<main") :]
        assert "href=" in main


def test_spaces_are_named_for_those_who_may_see_them(browse, session, bob, closed_space, space):
    assert "Pay" not in text_of(browse(bob).get("/"))
    assert browse(bob).get(f"/spaces/{closed_space.id}").status_code == 404

    members.join_space(session, member=bob, space=closed_space)
    session.commit()

    assert "Pay" in text_of(browse(bob).get("/"))
    assert "Only its members see" in text_of(browse(bob).get(f"/spaces/{closed_space.id}"))


def test_search_shows_the_passage_the_state_and_the_way_on(browse, bob, question, answer, shelf):
    shelf.hits = [make_hit(question, answer)]
    shelf.related = [make_hit(question, None, state=None)] * 25
    browser = browse(bob)

    page = browser.get("/search?q=printer")

    assert "<mark>Hold the feed button until the light blinks twice.</mark>" in page.text
    assert "very likely" in text_of(page)
    assert 'href="/search?q=printer&amp;start=20"' in page.text
    assert 'href="/ask?title=printer"' in page.text
    assert "First page" in text_of(browser.get("/search?q=printer&start=20"))


def test_search_takes_anything(browse, bob, shelf):
    browser = browse(bob)

    for query in ("", " ", "x" * 5000, "\x00", "%", "'\"; DROP TABLE post", "ü🙂", '"a" OR b*'):
        assert browser.get("/search", query_string={"q": query}).status_code == 200
    for start in ("-1", "x", "99999999999", "1.5"):
        assert browser.get(f"/search?q=a&start={start}").status_code == 200
    assert max(len(asked) for asked in shelf.asked) <= 300


def test_a_real_search_finds_by_words(browse, bob, question):
    assert browse(bob).get("/search?q=label+printer").status_code == 200
    assert browse(bob).get("/ask/similar?title=label+printer+blinks").status_code == 200


def test_the_model_being_away_is_a_banner_for_admins(browse, admin, bob, shelf):
    shelf.by_words_only = True

    assert "The model is not available" in text_of(browse(admin).get("/search?q=printer"))
    assert "The model" not in text_of(browse(bob).get("/search?q=printer"))


def test_a_profile_says_whom_somebody_helped(session, browse, alice, bob, question, answer):
    members.set_department(session, member=bob, name="Workshop")
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    session.commit()
    browse(alice).post(f"/posts/{answer.id}/vote", {"wanted": "1"})

    page = browse(alice).get(f"/members/{bob.id}")

    assert "people helped 1 solved it 1 answers 1 questions 0" in text_of(page)
    assert "Workshop" in text_of(page)
    assert question.title in page.text
    assert "Where you are signed in" not in page.text
    assert "About you" not in page.text


def test_one_says_something_about_oneself(session, browse, bob):
    browser = browse(bob)

    assert browser.post("/profile", {"about": "Brakes.\r\nAnd bells."}).status_code == 303
    assert "Brakes.\nAnd bells." in browser.get(f"/members/{bob.id}").text
    refused = browser.post("/profile", {"about": "kept" * 600})
    assert refused.status_code == 422
    assert "kept" * 600 in refused.text
    assert "at most 2,000 characters" in text_of(refused)


def test_the_inbox_tells_and_is_marked_read_by_a_button(session, browse, alice, question, answer):
    browser = browse(alice)

    page = browser.get("/notifications")
    assert "Bob Builder answered your question" in text_of(page)
    assert "Inbox 1 unread" in text_of(page)
    browser.get(f"/questions/{question.id}")
    assert len(list_unread(session, alice)) == 1, "reading writes nothing"

    assert browser.post("/notifications/read", {"question": question.id}).status_code == 303
    assert list_unread(session, alice) == []
    assert "unread" not in text_of(browser.get("/notifications"))


@pytest.mark.parametrize("question_id", ["x", "99999999999", ""])
def test_marking_nothing_as_read_is_refused(browse, alice, question_id):
    response = browse(alice).post("/notifications/read", {"question": question_id})

    assert response.status_code == 422


def test_everything_is_marked_read_at_once(session, browse, alice, question, answer):
    response = browse(alice).post("/notifications/read")

    assert "Everything is marked as read." in text_of(browse(alice).get(response.location))
    assert list_unread(session, alice) == []


def test_a_synonym_leads_to_its_topic(session, browse, bob, question):
    from peerqa.services import topics

    topics.add_synonym(session, topic=question.topics[0], name="zebra")
    session.commit()

    page = browse(bob).get("/topics/zebra")

    assert "label-printer" in text_of(page)
    assert browse(bob).get("/topics/no-such").status_code == 404
    assert browse(bob).get("/topics/" + "x" * 3000).status_code == 404


def test_a_space_of_this_name_elsewhere_is_not_listed(session, browse, alice, carol, space):
    spaces.make_space(session, organization=carol.organization, name="Foreign", at=NOON)
    session.commit()

    assert "Foreign" not in browse(alice).get("/").text
    assert "Foreign" not in browse(alice).get("/ask").text
