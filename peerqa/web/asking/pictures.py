"""Pictures in forms: sent with the form where scripts do not run, at once where they do."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, instance_key, open_to
from peerqa.imaging import MAX_BYTES, MIME_TYPE, reencode
from peerqa.services.asking import pictures
from peerqa.web.forms import QuestionForm, TextForm
from peerqa.web.pages import me, pages

MAX_REQUEST_BYTES = MAX_BYTES + 1_000_000  # the form around it
KEPT_BY_BROWSERS = "private, max-age=2592000, immutable"
View = TypeVar("View", bound=Callable[..., object])


def takes_pictures(view: View) -> View:
    """Declare that a form may carry a picture; other requests are refused at a smaller size."""
    view.max_bytes = MAX_REQUEST_BYTES  # type: ignore[attr-defined]  # read by the gate
    return view


@pages.post("/pictures")
@open_to(Audience.MEMBERS)
@takes_pictures
def add_picture() -> ResponseReturnValue:
    """Keep a picture; answers with the Markdown that shows it."""
    return jsonify(markdown=_keep(is_described=False))


@pages.get("/pictures/<token>")
@open_to(Audience.MEMBERS)
def show_picture(token: str) -> ResponseReturnValue:
    """Serve a picture to whoever sees a post with it."""
    picture = pictures.get_picture(db.session(), me(), token[:100], key=instance_key())
    response = Response(picture.data, mimetype=MIME_TYPE)
    response.headers["Content-Disposition"] = 'inline; filename="picture.webp"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = KEPT_BY_BROWSERS
    return response


def put_into(form: QuestionForm | TextForm) -> bool:
    """Put the picture that came with a form into its text; what is wrong with it is told there."""
    try:
        markdown = _keep(is_described=True)
    except Invalid as refusal:
        form.picture.errors = [gettext(refusal.sentence, **refusal.context)]
        return False
    form.body.data = "\n\n".join(filter(None, [(form.body.data or "").rstrip(), markdown]))
    form.picture_alt.data = ""
    return True


def _keep(*, is_described: bool) -> str:
    """Keep the picture of this request.

    Raises:
        Invalid: there is none, or it cannot be taken.
    """
    sent = request.files.get("picture")
    if sent is None or not sent.filename:
        raise Invalid(N_("Choose a picture first."), field="picture")
    alt = pictures.read_alt(request.form.get("picture_alt", ""), required=is_described)
    encoded = reencode(sent.stream.read(MAX_BYTES + 1))
    with transaction() as session:
        token = pictures.add_picture(
            session, member=me(), encoded=encoded, key=instance_key(), at=utc_now()
        )
    return f"![{alt}](/pictures/{token})"
