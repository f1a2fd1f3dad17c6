"""Rules for asking: of the organization by its admins, of a space by its stewards."""

from flask import request
from flask.typing import ResponseReturnValue

from peerqa.database import db, transaction
from peerqa.gate import Audience, open_to
from peerqa.services import organizations, spaces
from peerqa.web.pages import me, pages, see, show


@pages.get("/admin/asking")
@open_to(Audience.ADMINS)
def show_asking_rules() -> ResponseReturnValue:
    """Show what holds in the whole organization."""
    allowed = me().organization.allows_anonymous
    return show("asking/rules.html", space=None, allows_anonymous=allowed)


@pages.post("/admin/asking")
@open_to(Audience.ADMINS)
def save_asking_rules() -> ResponseReturnValue:
    """Save what holds in the whole organization."""
    with transaction() as session:
        organizations.allow_anonymous(
            session, organization=me().organization, wanted=_is_ticked("allows_anonymous")
        )
    return see("show_asking_rules", said="rules-saved")


@pages.get("/spaces/<id:space_id>/rules")
@open_to(Audience.MEMBERS)
def show_space_rules(space_id: int) -> ResponseReturnValue:
    """Show what holds in a space."""
    space = spaces.get_kept_space(db.session(), me(), space_id)
    return show("asking/rules.html", space=space, allows_anonymous=space.allows_anonymous)


@pages.post("/spaces/<id:space_id>/rules")
@open_to(Audience.MEMBERS)
def save_space_rules(space_id: int) -> ResponseReturnValue:
    """Save what holds in a space."""
    with transaction() as session:
        space = spaces.get_kept_space(session, me(), space_id)
        spaces.set_rules(session, space=space, allows_anonymous=_is_ticked("allows_anonymous"))
    return see("show_space_rules", space_id=space_id, said="rules-saved")


def _is_ticked(name: str) -> bool:
    return request.form.get(name) == "1"
