"""One person with several accounts: joined by an act of that person, never by a guess.

Who comes from two LMSs, or by mail and from an LMS, is two members. They may say so: a code is made
as the one and entered as the other, after a page that shows both names. Then the LMS accounts of
both open as one member (peerqa/services/merging.py says what becomes of the rest).
"""

from collections.abc import Sequence

from flask import Flask, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from lti.models import Account
from lti.pages import lti
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_
from peerqa.gate import Audience, instance_key, open_to
from peerqa.models import Member
from peerqa.services import merging
from peerqa.services.members import get_member


def install(app: Flask) -> None:
    """Offer it on one's own profile."""
    app.extensions["peerqa.profile_links"] = [
        ("lti.show_accounts", N_("I have another account here"))
    ]


@lti.get("/lti/accounts")
@open_to(Audience.MEMBERS)
def show_accounts() -> ResponseReturnValue:
    """Show how one's accounts become one."""
    return _show()


@lti.post("/lti/accounts/code")
@open_to(Audience.MEMBERS)
def make_account_code() -> ResponseReturnValue:
    """Show a code that is entered as the other one."""
    return _show(code=merging.make_code(instance_key(), g.member, at=utc_now()))


@lti.post("/lti/accounts/check")
@open_to(Audience.MEMBERS)
def check_account_code() -> ResponseReturnValue:
    """Show who made the code, and ask once more."""
    code = request.form.get("code", "")[:200]
    try:
        other = merging.read_code(
            db.session(), instance_key(), code, entered_by=g.member, at=utc_now()
        )
    except merging.CodeRefused as refusal:
        return _show(typed=code, error=gettext(refusal.sentence), status=422)
    return render_template("lti/join.html", other=other, code=code)


@lti.post("/lti/accounts/join")
@open_to(Audience.MEMBERS)
def join_accounts() -> ResponseReturnValue:
    """Join them; a second time the code is used."""
    at, code = utc_now(), request.form.get("code", "")[:200]
    try:
        with transaction() as session:
            kept = get_member(session, g.member.organization_id, g.member.id)
            emptied = merging.read_code(session, instance_key(), code, entered_by=kept, at=at)
            _keep_admin(session, kept, emptied)
            merging.merge(session, kept=kept, emptied=emptied, key=instance_key(), at=at)
    except merging.CodeRefused as refusal:
        return _show(typed=code, error=gettext(refusal.sentence), status=422)
    return redirect(url_for("lti.show_accounts", said="joined"), 303)


def _keep_admin(session: Session, kept: Member, emptied: Member) -> None:
    """Let no launch of the one take back what a person gave to the other."""
    for giver, taker in ((kept, emptied), (emptied, kept)):
        by_launch = select(Account.id).where(
            Account.member_id == giver.id, Account.made_admin.is_(True)
        )
        if giver.is_admin and session.scalar(by_launch.limit(1)) is None:
            session.execute(
                update(Account).where(Account.member_id == taker.id).values(made_admin=False)
            )


def _show(
    *, code: str = "", typed: str = "", error: str = "", status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "lti/accounts.html",
        accounts=_list_accounts(db.session(), g.member),
        code=code,
        typed=typed,
        error=error,
    )
    return make_response(page, status)


def _list_accounts(session: Session, member: Member) -> Sequence[Account]:
    return session.scalars(
        select(Account)
        .where(Account.member_id == member.id)
        .options(joinedload(Account.platform))
        .order_by(Account.id)
    ).all()
