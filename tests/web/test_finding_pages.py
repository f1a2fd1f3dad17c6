"""Saved searches and what nobody knows yet, as pages."""

from html import unescape

from peerqa.services import answers, questions
from peerqa.services.finding.saved_searches import MOST_SAVED, list_searches, save_search
from tests.conftest import NOON
from tests.web.conftest import text_of


def test_a_search_is_saved_from_its_results_and_removed(session, browse, alice, bob, question):
    browser = browse(alice)
    assert "You keep no search yet." in text_of(browser.get("/searches"))
    page = browser.get("/search?q=printer&is=open")
    assert 'name="q" value="is:open printer"' in page.text

    saved = browser.post("/searches", {"q": "is:open printer", "name": "<b>Printers</b>"})

    page = browser.get(saved.location)
    assert "The search is saved." in text_of(page)
    assert "<b>Printers</b>" in unescape(page.text)
    assert "<b>Printers</b>" not in page.text
    assert 'href="/search?q=is:open+printer"' in page.text
    assert "Printers" not in browse(bob).get("/searches").text

    (kept,) = list_searches(session, alice)
    removed = browser.post(f"/searches/{kept.id}/remove")
    assert "The search is forgotten." in text_of(browser.get(removed.location))
    assert browser.post(f"/searches/{kept.id}/remove").status_code == 404


def test_what_cannot_be_saved_says_why(session, browse, alice):
    browser = browse(alice)
    for number in range(MOST_SAVED):
        save_search(session, member=alice, query=f"printer {number}", name="", at=NOON)
    session.commit()

    empty = browser.post("/searches", {"q": " ", "name": "x"})
    full = browser.post("/searches", {"q": "one more"})

    assert (empty.status_code, full.status_code) == (422, 409)
    assert "Search first, then save it." in text_of(empty)
    assert "You keep 20 searches already. Remove one first." in text_of(full)
    assert "You keep 20 searches, and cannot keep more." in text_of(browser.get("/searches"))


def test_nobody_knows_yet_lists_the_oldest_first(session, browse, space, alice, bob, question):
    browser = browse(bob)
    older, newer = (
        questions.post_question(
            session, space=space, author=alice, title=title, topic_names=[topic], at=NOON
        )
        for title, topic in (("Who has the van?", "van"), ("Who has the key?", "keys"))
    )
    session.commit()

    page = browser.get("/unanswered").text
    assert page.index(question.title) < page.index(older.title) < page.index(newer.title)
    assert older.title not in browser.get("/unanswered?topic=keys").text
    assert newer.title in browser.get(f"/unanswered?topic=keys&space={space.id}").text
    assert "There is no topic of this name." in text_of(browser.get("/unanswered?topic=x"))
    assert 'href="/unanswered?topic=van"' in browser.get("/topics/van").text

    for each in (question, older, newer):
        answers.post_answer(session, question=each, author=bob, body="So.", at=NOON)
    session.commit()
    assert "That is a good day." in text_of(browser.get("/unanswered"))
    assert "Every question here has an answer." in text_of(browser.get("/unanswered?topic=van"))


def test_pages_of_what_nobody_knows_do_not_overlap(session, browse, space, alice):
    for number in range(45):
        questions.post_question(
            session, space=space, author=alice, title=f"{number:02} is what?", at=NOON
        )
    session.commit()
    browser, path, seen = browse(alice), "/unanswered?space=Workshop", []

    while path:
        page = browser.get(path).text
        seen += [number for number in range(45) if f"{number:02} is what?" in page]
        more = page.partition('rel="next" href="')[2].partition('"')[0]
        path = unescape(more)

    assert seen == list(range(45))
