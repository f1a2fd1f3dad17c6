"""What platforms fetch from us without asking anybody: our public keys, and our icon.

LTI Security Framework 1.0 section 6.3 (key set URL).
"""

from pathlib import Path

from flask import Response, current_app, jsonify, send_file
from flask.typing import ResponseReturnValue

from lti.pages import lti
from lti.services import keys
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.gate import Audience, instance_key, open_to

MINUTES = 5  # that a platform may keep the key set; the next key is published a day before


@lti.get("/lti/jwks")
@open_to(Audience.MACHINES)
def show_keys() -> ResponseReturnValue:
    """Publish our keys, of which there is at least one from now on."""
    at = utc_now()
    published = keys.list_published(db.session(), at=at)
    if not published:
        keys.keep_going(instance_key(), at=at)
        published = keys.list_published(db.session(), at=at)
    response = jsonify({"keys": [row.public for row in published]})
    return _cacheable(response, minutes=MINUTES)


@lti.get("/lti/icon.svg")
@open_to(Audience.MACHINES)
def show_icon() -> ResponseReturnValue:
    """Show the icon that LMSs put beside the tool's name."""
    icon = Path(current_app.static_folder or "") / "icon.svg"
    return _cacheable(send_file(icon, mimetype="image/svg+xml"), minutes=24 * 60)


def _cacheable(response: Response, *, minutes: int) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={minutes * 60}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
