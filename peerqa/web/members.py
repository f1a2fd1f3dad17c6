"""A profile: whom somebody helped, what they asked and answered; and where one is signed in."""

from flask import g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa import identity
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Conflict, Invalid
from peerqa.gate import Audience, open_to, settings
from peerqa.models import Member
from peerqa.models.department import DepartmentSource
from peerqa.services import members, reading
from peerqa.services.asking import masks
from peerqa.services.reading import QuestionFilter
from peerqa.web.pages import me, pages, see, show
from peerqa.web.resume import keeps_text

SHOWN = 10  # questions and answers on a profile


@pages.get("/members/<id:member_id>")
@open_to(Audience.MEMBERS)
def show_member(member_id: int) -> ResponseReturnValue:
    """Show a colleague, or oneself."""
    return _show(member_id)


def show_typed_about() -> ResponseReturnValue:
    """Show one's own profile with what was typed about oneself."""
    return _show(me().id, about=request.form.get("about", ""))


@pages.post("/profile")
@open_to(Audience.MEMBERS)
@keeps_text(show_typed_about)
def save_profile() -> ResponseReturnValue:
    """Save what one says about oneself."""
    about = request.form.get("about", "").replace("\x00", "").replace("\r\n", "\n")
    try:
        with transaction() as session:
            department = request.form.get("department")
            members.update_profile(session, member=me(), about=about, department=department)
    except (Invalid, Conflict) as refusal:
        sentence = gettext(refusal.sentence, **refusal.context)
        return _show(me().id, about=about, error=sentence, status=refusal.status)
    return see("show_member", member_id=me().id, said="edited")


@pages.post("/profile/sign-ins/<id:sign_in_id>/end")
@open_to(Audience.MEMBERS)
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    """Sign out in another browser."""
    with transaction() as session:
        identity.end_sign_in(session, me(), sign_in_id, at=utc_now())
    return see("show_member", member_id=me().id, said="ended")


def _show(
    member_id: int,
    *,
    about: str | None = None,
    error: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    session = db.session()
    member = members.get_member(session, me().organization_id, member_id)
    is_me = member.id == me().id
    sign_ins = (
        identity.list_sign_ins(session, member, at=utc_now(), days=settings().sign_in_days)
        if is_me
        else []
    )
    only = QuestionFilter(author_id=member.id)
    return show(
        "members/member.html",
        status=status,
        member=member,
        is_me=is_me,
        figures=reading.count_for(session, me(), member.id),
        asked=reading.list_questions(session, me(), only=only, limit=SHOWN).rows,
        answered=reading.list_answers_by(session, me(), member.id, limit=SHOWN),
        about=member.about if about is None else about,
        error=error,
        department=_department_of(member),
        chooses_department=members.decides_department(member, DepartmentSource.SELF),
        sign_ins=sign_ins,
        masked=masks.list_own(session, member) if is_me else [],
        this_sign_in=g.sign_in,
    )


def _department_of(member: Member) -> str:
    typed = request.form.get("department") if member.id == me().id else None
    return typed if typed is not None else member.department.name if member.department else ""
