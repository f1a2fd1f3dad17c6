"""How a text will look: the same renderer as for posts."""

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from peerqa import markup
from peerqa.errors import Invalid
from peerqa.gate import Audience, open_to
from peerqa.services.posts import read_body
from peerqa.web.pages import pages, show


def render_preview(body: str) -> Markup | None:
    """Return the rendered text; None for one that is too long, which its form says."""
    try:
        html = markup.render(read_body(body, required=False)).html
    except Invalid:
        return None
    return Markup(html)  # noqa: S704 - markup.render() made it safe


@pages.post("/preview")
@open_to(Audience.MEMBERS)
def preview() -> ResponseReturnValue:
    """Render what was typed, and store nothing.

    Raises:
        Invalid: it is too long.
    """
    body = read_body(request.form.get("body", ""), required=False)
    return show("posts/_preview.html", preview=render_preview(body))
