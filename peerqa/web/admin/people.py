"""Members, for admins: a list to search, and a page for each with what can be done about them."""

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa import mail
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Conflict, Invalid
from peerqa.gate import Audience, open_to, settings
from peerqa.models import Member
from peerqa.models.space import Role
from peerqa.paging import read_id
from peerqa.services import members, spaces
from peerqa.services.admin import directory, people
from peerqa.services.admin.directory import Which
from peerqa.services.admin.sources import Sources
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text

LABELS = {
    Which.HERE: N_("Everybody here"),
    Which.ADMINS: N_("Admins"),
    Which.STEWARDS: N_("Stewards"),
    Which.IMPORTED: N_("Imported"),
    Which.GONE: N_("Has left"),
}


@pages.get("/admin/members")
@open_to(Audience.ADMINS)
def list_people() -> ResponseReturnValue:
    """Show the members, some at a time, and find one."""
    wanted = request.args.get("show", "")
    which = Which(wanted) if wanted in set(Which) else Which.HERE
    typed = request.args.get("q", "")[:100]
    after = read_id(request.args.get("after"))
    listed = directory.list_people(db.session(), me(), typed=typed, which=which, after=after)
    return show(
        "admin/members.html", listed=listed, typed=typed, which=which, labels=LABELS, after=after
    )


@pages.get("/admin/members/invite")
@open_to(Audience.ADMINS)
def show_invite() -> ResponseReturnValue:
    """Show the form with which somebody is invited."""
    return _show_invite()


@pages.post("/admin/members/invite")
@open_to(Audience.ADMINS)
@keeps_text(lambda: _show_invite())
def invite() -> ResponseReturnValue:
    """Invite somebody: a member is made, and a link is mailed."""
    name, email = request.form.get("name", ""), request.form.get("email", "")
    try:
        with transaction() as session:
            made = people.invite(session, name=name, email=email, by=me(), at=utc_now())
    except Invalid as refusal:
        return _show_invite(refusal)
    said = "invited" if mail.is_configured(settings()) else "invited-without-mail"
    return see("show_person", member_id=made.id, said=said)


@pages.get("/admin/members/<id:member_id>")
@open_to(Audience.ADMINS)
def show_person(member_id: int) -> ResponseReturnValue:
    """Show what a member is here, and what can be done about it."""
    return _show(member_id)


@pages.post("/admin/members/<id:member_id>/admin")
@open_to(Audience.ADMINS)
def set_admin(member_id: int) -> ResponseReturnValue:
    """Make somebody an admin, or one no more."""
    wanted = request.form.get("wanted") == "1"
    try:
        with transaction() as session:
            member = _get(member_id)
            people.set_admin(
                session, member=member, wanted=wanted, by=me(), sources=sources(), at=utc_now()
            )
    except Conflict as refusal:
        return _show(member_id, refusal)
    is_no_admin_any_more = not wanted and member_id == me().id
    if is_no_admin_any_more:
        return see("home", said="edited")
    return see("show_person", member_id=member_id, said="edited")


@pages.post("/admin/members/<id:member_id>/active")
@open_to(Audience.ADMINS)
def set_active(member_id: int) -> ResponseReturnValue:
    """Let somebody in no more, or again."""
    wanted = request.form.get("wanted") == "1"
    try:
        with transaction() as session:
            member = _get(member_id)
            if wanted:
                people.reactivate(session, member=member, by=me(), at=utc_now())
            else:
                people.deactivate(session, member=member, by=me(), at=utc_now())
    except Conflict as refusal:
        return _show(member_id, refusal)
    return see("show_person", member_id=member_id, said="let-in" if wanted else "let-go")


@pages.post("/admin/members/<id:member_id>/invite")
@open_to(Audience.ADMINS)
def invite_again(member_id: int) -> ResponseReturnValue:
    """Have another link mailed."""
    try:
        with transaction() as session:
            people.invite_again(session, member=_get(member_id), by=me(), at=utc_now())
    except Conflict as refusal:
        return _show(member_id, refusal)
    said = "invited-again" if mail.is_configured(settings()) else "invited-without-mail"
    return see("show_person", member_id=member_id, said=said)


@pages.post("/admin/members/<id:member_id>/department")
@open_to(Audience.ADMINS)
@keeps_text(lambda member_id: _show(member_id))
def set_person_department(member_id: int) -> ResponseReturnValue:
    """Put somebody into a department, or into none."""
    name = request.form.get("department", "")
    try:
        with transaction() as session:
            member = _get(member_id)
            people.set_department(session, member=member, name=name, by=me(), at=utc_now())
    except (Conflict, Invalid) as refusal:
        return _show(member_id, refusal)
    return see("show_person", member_id=member_id, said="edited")


@pages.post("/admin/members/<id:member_id>/spaces")
@open_to(Audience.ADMINS)
def set_space_role(member_id: int) -> ResponseReturnValue:
    """Give somebody a role in a space, or none."""
    try:
        with transaction() as session:
            people.set_space_role(
                session,
                member=_get(member_id),
                space=spaces.get_space(session, me(), read_id(request.form.get("space")) or 0),
                role=read_role(request.form.get("role", "")),
                by=me(),
                sources=sources(),
                at=utc_now(),
            )
    except (Conflict, Invalid) as refusal:
        return _show(member_id, refusal)
    return see("show_person", member_id=member_id, said="edited")


def sources() -> Sources:
    """Return who knows what came from elsewhere."""
    found: Sources = current_app.extensions.get("peerqa.sources") or Sources()
    return found


def read_role(text: str) -> Role | None:
    """Return the role of a form; None to leave.

    Raises:
        Invalid: it is none of them.
    """
    if text == "none":
        return None
    if text not in set(Role):
        raise Invalid(N_("Choose learner, steward, or not in this space."), field="role")
    return Role(text)


def _get(member_id: int) -> Member:
    return members.get_member(db.session(), me().organization_id, member_id)


def _show(member_id: int, refusal: Conflict | Invalid | None = None) -> ResponseReturnValue:
    session = db.session()
    member = _get(member_id)
    memberships = directory.list_spaces_of(session, me(), member)
    within = {membership.space_id for membership in memberships}
    seen = spaces.list_spaces(session, me())
    typed = request.form.get("department")
    return show(
        "admin/member.html",
        status=refusal.status if refusal else 200,
        person=member,
        memberships=memberships,
        others=[space for space in seen if space.id not in within],
        elsewhere=sources().spaces_of(session, member.id),
        is_admin_elsewhere=member.is_admin and sources().is_admin(session, member.id),
        department=_department_of(member) if typed is None else typed,
        field=refusal.context.get("field") or getattr(refusal, "field", None) if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
        has_mail=mail.is_configured(settings()),
    )


def _department_of(member: Member) -> str:
    return member.department.name if member.department else ""


def _show_invite(refusal: Invalid | None = None) -> ResponseReturnValue:
    return show(
        "admin/invite.html",
        status=refusal.status if refusal else 200,
        name=request.form.get("name", ""),
        email=request.form.get("email", ""),
        field=refusal.field if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
        days=people.INVITATION_DAYS,
        has_mail=mail.is_configured(settings()),
    )
