"""Who is in a space by its courses, for its stewards: roles as the LMS sent them; who is gone.

Admins may look, and change nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from lti.models import Account, Context, Enrolment
from lti.pages import lti
from lti.people import roster
from lti.people.courses import list_contexts
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_
from peerqa.gate import Audience, open_to
from peerqa.models import Space
from peerqa.paging import read_id
from peerqa.services import reading, spaces

SHOWN_PEOPLE = 100
SHOWN_QUESTIONS = 20
LINKS = (("lti.show_roster", N_("People")), ("lti.show_grades", N_("Scores")))


@dataclass(frozen=True)
class People:
    """One page of people, and after which enrolment the next one begins."""

    rows: Sequence[Enrolment]
    next_id: int | None


def install(app: Flask) -> None:
    """Offer these pages to the stewards of spaces that are courses."""
    app.extensions["peerqa.space_links"] = lambda space: (
        LINKS if list_contexts(db.session(), space) else ()
    )


@lti.get("/lti/spaces/<id:space_id>/roster")
@open_to(Audience.MEMBERS)
def show_roster(space_id: int) -> ResponseReturnValue:
    """Show who is in the space, and the questions of who is gone."""
    session = db.session()
    space = spaces.get_kept_space(session, g.member, space_id, for_reading=True)
    return render_template(
        "lti/roster.html",
        space=space,
        contexts=list_contexts(session, space),
        people=_list_people(session, space, after=read_after()),
        left_behind=reading.list_left_behind(
            session, g.member, _select_gone(space), limit=SHOWN_QUESTIONS
        ),
    )


@lti.post("/lti/spaces/<id:space_id>/roster")
@open_to(Audience.MEMBERS)
def read_roster(space_id: int) -> ResponseReturnValue:
    """Have the rosters of the space read soon; the worker reads them."""
    with transaction() as session:
        space = spaces.get_kept_space(session, g.member, space_id)
        asked = [
            roster.ask_again(session, context, at=utc_now())
            for context in list_contexts(session, space)
        ]
    said = "roster-asked" if any(asked) else "roster-fresh"
    return redirect(url_for("lti.show_roster", space_id=space_id, said=said), 303)


def read_after() -> int:
    """Return where the page before ended; 0 for the first one."""
    return read_id(request.args.get("after")) or 0


def _list_people(session: Session, space: Space, *, after: int) -> People:
    rows = session.scalars(
        select(Enrolment)
        .join(Enrolment.context)
        .join(Enrolment.account)
        .join(Account.member)
        .where(Context.space_id == space.id, Enrolment.id > after)
        .options(contains_eager(Enrolment.account).contains_eager(Account.member))
        .order_by(Enrolment.id)
        .limit(SHOWN_PEOPLE + 1)
    ).all()
    shown = rows[:SHOWN_PEOPLE]
    return People(shown, shown[-1].id if len(rows) > SHOWN_PEOPLE else None)


def _select_gone(space: Space) -> Select[int]:
    """Select who was in a course of this space, and is in none any more."""
    here = select(Account.member_id).join(Enrolment, Enrolment.account_id == Account.id)
    here = here.join(Enrolment.context).where(Context.space_id == space.id)
    return here.where(
        Enrolment.left_at.is_not(None),
        Account.member_id.not_in(here.where(Enrolment.left_at.is_(None))),
    )
