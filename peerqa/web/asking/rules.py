"""Rules for asking: of the organization by its admins, of a space by its stewards."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Invalid
from peerqa.gate import Audience, open_to
from peerqa.models import Space
from peerqa.services import organizations, spaces
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text


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
            session,
            organization=me().organization,
            wanted=_is_ticked("allows_anonymous"),
            by=me(),
            at=utc_now(),
        )
    return see("show_asking_rules", said="rules-saved")


@pages.get("/spaces/<id:space_id>/rules")
@open_to(Audience.MEMBERS)
def show_space_rules(space_id: int) -> ResponseReturnValue:
    """Show what holds in a space."""
    return _show(spaces.get_kept_space(db.session(), me(), space_id))


def show_typed_rules(space_id: int) -> ResponseReturnValue:
    """Show the rules as they were sent."""
    space = spaces.get_kept_space(db.session(), me(), space_id)
    return _show(space, typed=request.form.get("template", ""))


@pages.post("/spaces/<id:space_id>/rules")
@open_to(Audience.MEMBERS)
@keeps_text(show_typed_rules)
def save_space_rules(space_id: int) -> ResponseReturnValue:
    """Save what holds in a space."""
    template = request.form.get("template", "")
    try:
        with transaction() as session:
            space = spaces.get_kept_space(session, me(), space_id)
            wanted = _is_ticked("allows_anonymous")
            spaces.set_rules(session, space=space, allows_anonymous=wanted, template=template)
    except Invalid as refusal:
        sentence = gettext(refusal.sentence, **refusal.context)
        space = spaces.get_kept_space(db.session(), me(), space_id)
        return _show(space, typed=template, errors=[sentence], status=refusal.status)
    return see("show_space_rules", space_id=space_id, said="rules-saved")


def _show(
    space: Space, *, typed: str | None = None, errors: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    allowed = space.allows_anonymous if typed is None else _is_ticked("allows_anonymous")
    return show(
        "asking/rules.html",
        status=status,
        space=space,
        allows_anonymous=allowed,
        beginning=space.template if typed is None else typed,
        errors=errors or [],
    )


def _is_ticked(name: str) -> bool:
    return request.form.get(name) == "1"
