"""Questions that were asked before: marked, merged after a preview, led on from, and undone."""

import re

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.models import Question
from peerqa.paging import read_id
from peerqa.services import comments, questions
from peerqa.services.answering import merges
from peerqa.web.pages import me, pages, see, show

_NUMBER = re.compile(r"(?:.*/questions/)?(\d+)(?:[?#/].*)?", re.DOTALL)


def lead_on(question: Question) -> ResponseReturnValue | None:
    """Lead from a merged question to where its answers are; from a duplicate, who comes by search.

    ?stay=1 stays. Only to what the reader may see; behind many, browser and reader go step by step.
    """
    if request.args.get("stay") == "1":
        return None
    original = questions.find_visible_original(question, reader=me())
    if original is None or not (question.merged_at or request.args.get("hit")):
        return None
    post_id = read_id(request.args.get("post"))
    if post_id and comments.find_parent(db.session(), question, post_id) is not None:
        return None  # what was said about the question itself stays with it
    address = url_for(
        "pages.show_question",
        question_id=original.id,
        led_from=question.id,
        **{name: request.args.get(name) for name in ("post", "said", "undo")},  # type: ignore[arg-type]  # nothing stands for an empty one
    )
    return redirect(address, 302)


@pages.post("/questions/<id:question_id>/duplicate")
@open_to(Audience.MEMBERS)
def mark_duplicate(question_id: int) -> ResponseReturnValue:
    """Link the question to the earlier one, given by its address or its number."""
    with transaction() as session:
        question = questions.get_question(session, me(), question_id)
        original = _get_other(session, request.form.get("of", ""))
        questions.mark_duplicate(session, question=question, of=original, by=me(), at=utc_now())
    return see("show_question", question_id=question_id, said="duplicate")


@pages.post("/questions/<id:question_id>/duplicate/undo")
@open_to(Audience.MEMBERS)
def unmark_duplicate(question_id: int) -> ResponseReturnValue:
    """Take the link back."""
    with transaction() as session:
        question = questions.get_question(session, me(), question_id)
        questions.unmark_duplicate(session, question=question, by=me())
    return see("show_question", question_id=question_id, said="not-duplicate")


@pages.get("/questions/<id:question_id>/merge")
@open_to(Audience.MEMBERS)
def preview_merge(question_id: int) -> ResponseReturnValue:
    """Show what merging the two would do."""
    session = db.session()
    source = questions.get_question(session, me(), question_id)
    target = _get_other(session, request.args.get("of", ""))
    preview = merges.preview_merge(session, source=source, target=target, by=me())
    return show("merging/preview.html", preview=preview, question=source)


@pages.post("/questions/<id:question_id>/merge")
@open_to(Audience.MEMBERS)
def merge(question_id: int) -> ResponseReturnValue:
    """Move the answers of one question to another one."""
    with transaction() as session:
        source = questions.get_question(session, me(), question_id)
        target = _get_other(session, request.form.get("of", ""))
        target = merges.merge(session, source=source, target=target, by=me(), at=utc_now())
        target_id = target.id
    return see("show_question", question_id=target_id, said="merged", led_from=question_id)


@pages.post("/questions/<id:question_id>/merge/undo")
@open_to(Audience.MEMBERS)
def undo_merge(question_id: int) -> ResponseReturnValue:
    """Move the answers back."""
    with transaction() as session:
        source = questions.get_question(session, me(), question_id)
        merges.undo_merge(session, source=source, by=me(), at=utc_now())
    return see("show_question", question_id=question_id, said="unmerged")


def _get_other(session: Session, typed: str) -> Question:
    """Return the question that an address or a number names.

    Raises:
        Invalid: it names none.
        NotFound: there is none that the reader may see.
    """
    found = _NUMBER.fullmatch(typed.strip()[:300])
    number = read_id(found.group(1)) if found else None
    if number is None:
        raise Invalid(N_("Give the address or the number of the earlier question."), field="of")
    return questions.get_question(session, me(), number)
