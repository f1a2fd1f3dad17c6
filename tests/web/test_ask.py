"""Asking, with and without JavaScript."""

from sqlalchemy import func, select

from peerqa.models import LookUp, LookUpHit, Question
from peerqa.services import questions, spaces, topics
from tests.conftest import NOON
from tests.web.conftest import field_value, make_hit, text_of

TITLE = "Labels come out shifted to the left"


def ask(browser, space, **more):
    return browser.post("/ask", {"title": TITLE, "body": "", "space": space.id, **more})


def count_questions(session) -> int:
    return session.scalar(select(func.count()).select_from(Question))


def test_a_question_is_asked_and_its_page_says_so(session, browse, alice, space):
    browser = browse(alice)

    response = ask(browser, space, body="Since *this* morning.", topics="Label printer, packing")

    assert response.status_code == 303
    page = browser.get(response.location)
    assert "Your question is out." in text_of(page)
    assert "Since <em>this</em> morning." in page.text
    asked = session.scalars(select(Question)).one()
    assert [topic.name for topic in asked.topics] == ["label-printer", "packing"]


def test_a_double_submit_asks_once(session, browse, alice, space):
    browser = browse(alice)

    first, second = ask(browser, space), ask(browser, space)

    assert first.location == second.location
    assert count_questions(session) == 1


def test_the_same_title_from_somebody_else_is_another_question(session, browse, alice, bob, space):
    ask(browse(alice), space)
    ask(browse(bob), space)

    assert count_questions(session) == 2


def test_what_was_typed_comes_back_with_the_sentence_beside_it(session, browse, alice, space):
    response = ask(browse(alice), space, title="Hm", body="typed with care", topics="a, b")

    assert response.status_code == 422
    assert "Write your question in one sentence." in text_of(response)
    assert 'id="title" aria-invalid="true" autofocus aria-describedby="title-refused' in (
        response.text
    )
    assert "typed with care" in response.text
    assert field_value(response, "topics") == "a, b"
    assert count_questions(session) == 0


def test_too_much_is_refused_with_a_sentence(browse, alice, space):
    browser = browse(alice)

    assert ask(browser, space, title="x" * 151).status_code == 422
    assert ask(browser, space, body="x" * 20_001).status_code == 422
    assert ask(browser, space, topics="a,b,c,d,e,f").status_code == 422
    assert ask(browser, space, topics="y" * 50).status_code == 422
    assert browser.post("/ask", {}).status_code == 422
    assert ask(browser, space, body="x" * 1_000_001).status_code == 413


def test_a_space_of_elsewhere_and_one_that_never_was_are_refused_alike(
    session, browse, alice, carol, closed_space
):
    foreign = spaces.make_space(session, organization=carol.organization, name="X", at=NOON)
    browser = browse(alice)

    for space_id in (foreign.id, closed_space.id, 99999999999, 123456, "", "one", "-1", "1 OR 1"):
        response = browser.post("/ask", {"title": TITLE, "space": space_id})
        assert response.status_code == 422, space_id
        assert "Choose the space that this belongs to." in text_of(response)


def test_the_box_keeps_a_question_inside_its_space(session, browse, steward, bob, space):
    response = ask(browse(steward), space, visibility="space")

    assert browse(bob).get(response.location).status_code == 404


def test_typing_shows_the_earlier_answer_with_its_sentence_marked(
    browse, alice, bob, question, answer, shelf
):
    shelf.hits = [make_hit(question, answer)]

    response = browse(bob).get("/ask/similar", query_string={"title": "label printer shifted"})

    assert "A colleague already answered this" in text_of(response)
    assert "<mark>Hold the feed button until the light blinks twice.</mark>" in response.text
    assert "This solved it" in text_of(response)
    assert "1 earlier question found" in text_of(response)
    assert "label-printer" in text_of(response)


def test_what_was_said_to_be_different_does_not_come_back(browse, bob, question, answer, shelf):
    shelf.hits = [make_hit(question, answer)]
    query = {"title": "label printer shifted", "dismissed": [question.id, "x"]}

    response = browse(bob).get("/ask/similar", query_string=query)

    assert question.title not in response.text
    assert field_value(response, "dismissed") == str(question.id)


def test_a_hit_that_is_only_possible_says_so(browse, bob, question, answer, shelf):
    shelf.hits = [make_hit(question, answer, state="possibly")]

    response = browse(bob).get("/ask/similar", query_string={"title": "label printer shifted"})

    assert "A colleague may have answered this" in text_of(response)
    assert "possibly" in text_of(response)


def test_nothing_is_looked_for_before_enough_was_typed(browse, alice, shelf):
    browser = browse(alice)

    for title in ("", "how do I", "printer red", "what is the a"):
        browser.get("/ask/similar", query_string={"title": title})
    assert shelf.asked == []
    for title in ("printer blinks red", "reisekostenabrechnung"):
        browser.get("/ask/similar", query_string={"title": title})
    assert len(shelf.asked) == 2


def test_the_model_being_away_is_said_quietly_and_to_admins_plainly(browse, alice, admin, shelf):
    shelf.by_words_only = True
    query = {"title": "label printer shifted"}

    assert "Found by words only" in text_of(browse(alice).get("/ask/similar", query_string=query))
    assert "The model is not available" in text_of(
        browse(admin).get("/ask/similar", query_string=query)
    )


def test_looking_writes_nothing(session, browse, bob, question, answer, shelf):
    shelf.hits = [make_hit(question, answer)]
    browser = browse(bob)

    browser.get("/ask/similar", query_string={"title": "label printer shifted"})
    browser.get("/ask", query_string={"title": "label printer shifted"})

    assert session.scalar(select(func.count()).select_from(LookUp)) == 0


def test_without_javascript_one_looks_first_and_then_asks(
    session, browse, bob, space, question, answer, shelf
):
    shelf.hits = [make_hit(question, answer)]
    browser = browse(bob)
    for path in ("/ask", "/ask?title=label+printer+shifted"):
        assert 'id="details" class="stack wide" hidden' in browser.get(path).text

    looked = browser.post("/ask", {"title": TITLE, "step": "look", "look_up": "k" * 32})

    assert looked.status_code == 200
    assert "A colleague already answered this" in text_of(looked)
    assert 'id="details" class="stack wide" hidden' not in looked.text
    assert field_value(looked, "look_up") == "k" * 32
    assert count_questions(session) == 1


def test_the_button_that_enter_presses_is_harmless(browse, bob, question, answer, shelf):
    shelf.hits = [make_hit(question, answer)]

    page = browse(bob).post("/ask", {"title": TITLE, "step": "look"}).text

    form = page[page.index('id="ask"') :]
    assert form.index('value="look"') < form.index('name="confirmed"')
    assert form.index('value="look"') < form.index('value="post"')


def test_mine_is_different_without_javascript_keeps_what_was_typed(
    browse, bob, question, answer, shelf
):
    shelf.hits = [make_hit(question, answer)]
    browser = browse(bob)
    signed = field_value(browser.post("/ask", {"title": TITLE, "step": "look"}), "shown")

    typed = {"title": TITLE, "body": "my details", "look_up": "k", "surface": "ask"}
    response = browser.post("/lookups", {**typed, "refused": signed})

    assert response.status_code == 200
    assert "my details" in response.text
    assert question.title not in response.text


def test_a_preview_is_rendered_like_a_post(browse, alice):
    browser = browse(alice)

    fragment = browser.post("/preview", {"body": "**so** <script>"}, headers={"HX-Request": "true"})
    page = browser.post("/ask", {"title": TITLE, "body": "**so**", "step": "preview"})

    assert "<strong>so</strong> &lt;script&gt;" in fragment.text
    assert "<strong>so</strong>" in page.text
    assert browser.post("/preview", {"body": "x" * 20_001}).status_code == 422


def test_a_suggested_topic_is_added_without_javascript(browse, alice):
    response = browse(alice).post(
        "/ask", {"title": TITLE, "topics": "packing", "add_topic": "label-printer"}
    )

    assert field_value(response, "topics") == "packing, label-printer"


def test_posting_anyway_is_evidence(session, browse, bob, space, question, answer, shelf):
    shelf.hits = [make_hit(question, answer)]
    browser = browse(bob)
    page = browser.post("/ask", {"title": TITLE, "step": "look"})
    fields = {name: field_value(page, name) for name in ("look_up", "shown")}

    assert ask(browser, space, **fields).status_code == 303

    look_up = session.scalars(select(LookUp)).one()
    assert (look_up.outcome, look_up.typed, look_up.surface) == ("posted", TITLE, "ask")
    shown = session.scalars(select(LookUpHit)).one()
    assert (shown.question_id, shown.probability) == (question.id, 0.93)


def test_damaged_evidence_never_blocks_posting(session, browse, bob, space):
    response = ask(browse(bob), space, look_up="ü" * 500, shown="forged")

    assert response.status_code == 303
    assert ask(browse(bob), space, title=TITLE + " 2", look_up="k", shown="x").status_code == 303


def test_a_new_topic_is_found_under_its_name(session, browse, alice, space):
    browser = browse(alice)
    ask(browser, space, topics="c#, Größe")

    for name in ("c#", "größe"):
        topic = topics.get_topic(session, alice.organization_id, name)
        assert TITLE in browser.get(f"/topics/{topic.name.replace('#', '%23')}").text


def test_a_question_asked_two_minutes_later_is_new(session, browse, alice, space):
    questions.post_question(session, space=space, author=alice, title=TITLE, at=NOON)

    ask(browse(alice), space)

    assert count_questions(session) == 2
