"""A guide in the browser's eyes: made from a thread, read, edited against somebody else's edit."""

from peerqa.services.upkeep import guides
from tests.web.conftest import field_value, text_of


def test_a_guide_is_made_from_a_thread_and_both_lead_to_each_other(
    session, browse, alice, steward, space, question, answer
):
    browser, reader = browse(steward), browse(alice)
    assert "Make a guide from this" not in text_of(reader.get(f"/questions/{question.id}"))
    form = browser.get(f"/spaces/{space.id}/guides/new?thread={question.id}")
    assert answer.body in form.text
    assert field_value(form, "sources") == str(question.id)

    typed = {"title": "All on label printers", "body": "Hold *feed*.", "sources": str(question.id)}
    made = browser.post(f"/spaces/{space.id}/guides", typed)

    assert made.status_code == 303
    page = reader.get(made.location)
    assert "<em>feed</em>" in page.text
    assert question.title in text_of(page)
    assert "All on label printers" in text_of(reader.get(f"/questions/{question.id}"))
    assert "All on label printers" in text_of(reader.get("/guides"))
    (guide,) = guides.list_guides(session, alice)
    led = reader.get(f"/questions/{guide.id}")
    assert led.location == f"/guides/{guide.id}"

    path = f"/guides/{guide.id}/edit"
    assert browser.post(path, {**typed, "body": "Theirs.", "version": "1"}).status_code == 303
    conflict = browser.post(path, {**typed, "body": "Mine.", "version": "1"})
    assert conflict.status_code == 409
    assert "Mine.</textarea>" in conflict.text
    assert "What differs" in text_of(conflict)
    assert "History of this guide" in text_of(reader.get(f"/posts/{guide.id}/history"))


def test_what_cannot_be_taken_is_shown_again(browse, steward, space, question):
    browser = browse(steward)
    typed = {"title": "All on <b>printers</b>", "body": "So.", "sources": "9999999"}

    refused = browser.post(f"/spaces/{space.id}/guides", typed)

    assert refused.status_code == 422
    assert "There is no thread with the number 9999999." in text_of(refused)
    assert field_value(refused, "title") == typed["title"]
