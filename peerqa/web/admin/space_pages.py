"""Spaces, for who looks after them: the list and new ones for admins, the rest for stewards too."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Conflict, Invalid, NotAllowed
from peerqa.gate import Audience, open_to
from peerqa.models import Space
from peerqa.models.space import Visibility
from peerqa.paging import read_id
from peerqa.permissions import may
from peerqa.services import members
from peerqa.services.admin import people, space_keeping
from peerqa.services.colleagues import find_colleague
from peerqa.web.admin.people import read_role, sources
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text

Refusal = Conflict | Invalid | NotAllowed


@pages.get("/admin/spaces")
@open_to(Audience.ADMINS)
def list_spaces() -> ResponseReturnValue:
    """Show the spaces, some at a time."""
    session = db.session()
    listed = space_keeping.list_page(session, me(), after=read_id(request.args.get("after")))
    origins = sources().spaces(session, [space.id for space in listed.rows])
    return show("admin/spaces.html", listed=listed, origins=origins)


@pages.get("/admin/spaces/new")
@open_to(Audience.ADMINS)
def show_new_space() -> ResponseReturnValue:
    """Show the form of a new space."""
    return _show(None)


@pages.post("/admin/spaces/new")
@open_to(Audience.ADMINS)
@keeps_text(lambda: _show(None))
def make_space() -> ResponseReturnValue:
    """Make a team space."""
    form = request.form
    try:
        with transaction() as session:
            made = space_keeping.make_team_space(
                session,
                name=form.get("name", ""),
                description=form.get("description", ""),
                visibility=_read_visibility(),
                by=me(),
                at=utc_now(),
            )
    except Invalid as refusal:
        return _show(None, refusal)
    return see("list_space_people", space_id=made.id, said="space-made")


@pages.get("/spaces/<id:space_id>/settings")
@open_to(Audience.MEMBERS)
def show_space_settings(space_id: int) -> ResponseReturnValue:
    """Show what a space is called, and who sees it."""
    return _show(_get(space_id))


@pages.post("/spaces/<id:space_id>/settings")
@open_to(Audience.MEMBERS)
@keeps_text(lambda space_id: _show(_get(space_id)))
def save_space_settings(space_id: int) -> ResponseReturnValue:
    """Save them."""
    form = request.form
    try:
        with transaction() as session:
            space_keeping.change_space(
                session,
                space=_get(space_id),
                name=form.get("name", ""),
                description=form.get("description", ""),
                visibility=_read_visibility(),
                by=me(),
                at=utc_now(),
            )
    except (Invalid, NotAllowed) as refusal:
        return _show(_get(space_id), refusal)
    return see("show_space_settings", space_id=space_id, said="edited")


@pages.post("/spaces/<id:space_id>/archive")
@open_to(Audience.MEMBERS)
def archive_space(space_id: int) -> ResponseReturnValue:
    """Let nothing new be written there, or again."""
    wanted = request.form.get("wanted") == "1"
    with transaction() as session:
        space_keeping.archive(session, space=_get(space_id), wanted=wanted, by=me(), at=utc_now())
    return see("show_space", space_id=space_id, said="archived" if wanted else "back")


@pages.get("/spaces/<id:space_id>/people")
@open_to(Audience.MEMBERS)
def list_space_people(space_id: int) -> ResponseReturnValue:
    """Show who is in a space, as what."""
    return _show_people(_get(space_id))


@pages.post("/spaces/<id:space_id>/people")
@open_to(Audience.MEMBERS)
@keeps_text(lambda space_id: _show_people(_get(space_id)))
def save_space_person(space_id: int) -> ResponseReturnValue:
    """Put somebody into the space, in another role, or out of it."""
    member_id = read_id(request.form.get("member"))
    try:
        with transaction() as session:
            space = _get(space_id)
            member = (
                members.get_member(session, me().organization_id, member_id)
                if member_id
                else find_colleague(session, me(), request.form.get("who", ""), field="who")
            )
            people.set_space_role(
                session,
                member=member,
                space=space,
                role=read_role(request.form.get("role", "")),
                by=me(),
                sources=sources(),
                at=utc_now(),
            )
            is_still_mine = may(me(), "admit", space)
    except (Conflict, Invalid) as refusal:
        return _show_people(_get(space_id), refusal)
    if not is_still_mine:
        return see("home", said="edited")
    return see("list_space_people", space_id=space_id, said="edited")


def _get(space_id: int) -> Space:
    return space_keeping.get_cared_space(db.session(), me(), space_id)


def _read_visibility() -> Visibility:
    return Visibility.SPACE if request.form.get("closed") == "1" else Visibility.ORGANIZATION


def _show(space: Space | None, refusal: Refusal | None = None) -> ResponseReturnValue:
    sent = request.method == "POST"
    kept = space or Space(name="", description="", visibility=Visibility.ORGANIZATION.value)
    origins = sources().spaces(db.session(), [space.id]) if space else {}
    return show(
        "admin/space.html",
        status=refusal.status if refusal else 200,
        space=space,
        name=request.form.get("name", "") if sent else kept.name,
        description=request.form.get("description", "") if sent else kept.description,
        is_closed=(_read_visibility() if sent else kept.visibility) == Visibility.SPACE,
        origin=origins.get(space.id) if space else None,
        **_told(refusal),
    )


def _show_people(space: Space, refusal: Refusal | None = None) -> ResponseReturnValue:
    session, after = db.session(), read_id(request.args.get("after"))
    return show(
        "admin/space_people.html",
        status=refusal.status if refusal else 200,
        space=space,
        within=space_keeping.list_within(session, space, after=after),
        elsewhere=sources().members_of(session, space.id),
        who=request.form.get("who", ""),
        **_told(refusal),
    )


def _told(refusal: Refusal | None) -> dict[str, str | None]:
    if refusal is None:
        return {"field": None, "error": ""}
    sentence = gettext(refusal.sentence, **refusal.context)
    return {"field": getattr(refusal, "field", None), "error": sentence}
