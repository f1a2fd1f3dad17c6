"""Drafts of forms: saved as one types, shown again, discarded.

A page saves within five seconds, by POST alone; its reply is read by draft.js. What the server
cannot take stays in the browser.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, instance_key, open_to
from peerqa.paging import read_id
from peerqa.services.asking import drafts
from peerqa.services.asking.drafts import ASK, DraftConflict, DraftText, KeptDraft
from peerqa.web.pages import me, pages, see

LONGEST_PLACE = 40


@pages.post("/drafts")
@open_to(Audience.MEMBERS)
def save_draft() -> ResponseReturnValue:
    """Keep what was typed; answers with its version, or with the other text that is kept."""
    place, now = _place(), utc_now()
    drafts.check_place(db.session(), me(), place)
    drafts.check_pace(db.session(), me(), at=now)
    try:
        with transaction() as session:
            version = drafts.save_draft(
                session,
                member=me(),
                place=place,
                text=read_text(request.form),
                version=read_version(),
                key=instance_key(),
                at=now,
            )
    except DraftConflict as conflict:
        present = conflict.present
        return jsonify(version=present.version, text=asdict(present.text)), 409
    return jsonify(version=version)


@pages.post("/drafts/discard")
@open_to(Audience.MEMBERS)
def discard_draft() -> ResponseReturnValue:
    """Forget a draft; harmless twice."""
    place = _place()
    with transaction() as session:
        drafts.check_place(session, me(), place)
        drafts.discard_draft(session, me(), place)
    if place == ASK:
        return see("ask", said="draft-gone")
    return see("show_question", question_id=place.removeprefix("answer-"), said="answer-draft-gone")


def find_draft(place: str) -> KeptDraft:
    """Return the reader's draft for a place."""
    return drafts.find_draft(db.session(), me(), place, key=instance_key())


def read_text(form: Mapping[str, str]) -> DraftText:
    """Return the fields of a form as they were typed."""
    return DraftText(
        **{each.name: form.get(each.name, "").replace("\r\n", "\n") for each in fields(DraftText)}
    )


def read_version() -> int:
    """Return the version of the draft that the page knows; 0 for none."""
    return read_id(request.form.get("draft_version")) or 0


def _place() -> str:
    return request.form.get("place", "")[:LONGEST_PLACE]
