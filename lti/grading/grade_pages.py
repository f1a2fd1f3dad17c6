"""Scores of a space's learners, for its stewards: the column's switch, and how each score fares.

What a score is made of comes with recognition; here a steward sets it by hand. Admins may look.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from lti.grading import grades
from lti.models import Account, Context, Enrolment, GradeDelivery, LineItem
from lti.pages import lti
from lti.people import roles
from lti.people.courses import list_contexts
from lti.people.roster_pages import read_after
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid, NotFound
from peerqa.gate import Audience, open_to
from peerqa.models import Grade, Member, Space
from peerqa.paging import read_id
from peerqa.services import audit, spaces
from peerqa.services.grades import set_score as store_score

SHOWN_PEOPLE = 100
USUAL_LABEL, USUAL_MAXIMUM = "PeerQA", 10
Sent = Mapping[str, str]


@dataclass(frozen=True)
class Course:
    """A course of the space, and its column."""

    context: Context
    line_item: LineItem | None
    is_offered: bool

    @property
    def is_on(self) -> bool:
        """Whether scores go there."""
        return self.line_item is not None and self.line_item.switched_off_at is None


@dataclass(frozen=True)
class Learner:
    """Somebody who can have a score, what is wanted, and how that fares."""

    member: Member
    grade: Grade | None
    delivery: GradeDelivery | None


@lti.get("/lti/spaces/<id:space_id>/grades")
@open_to(Audience.MEMBERS)
def show_grades(space_id: int) -> ResponseReturnValue:
    """Show the switch and the scores."""
    return _show(spaces.get_kept_space(db.session(), g.member, space_id, for_reading=True))


@lti.post("/lti/spaces/<id:space_id>/grades/switch")
@open_to(Audience.MEMBERS)
def switch_grades(space_id: int) -> ResponseReturnValue:
    """Switch the column on or off; harmless twice."""
    is_wanted = request.form.get("wanted") == "on"
    try:
        with transaction() as session:
            space = spaces.get_kept_space(session, g.member, space_id)
            audit.record(
                session, "grade.column", by=g.member, thing=space, at=utc_now(), on=is_wanted
            )
            for context in _list_meant(session, space):
                if is_wanted:
                    grades.switch_on(
                        session, context, by=g.member, at=utc_now(),
                        label=request.form.get("label", USUAL_LABEL),
                        maximum=_read_number(request.form, "maximum", USUAL_MAXIMUM),
                    )  # fmt: skip
                else:
                    grades.switch_off(session, context, by=g.member, at=utc_now())
    except Invalid as refusal:
        return _show_again(space_id, refusal)
    return _see(space_id, "scores-on" if is_wanted else "scores-off")


@lti.post("/lti/spaces/<id:space_id>/grades/again")
@open_to(Audience.MEMBERS)
def deliver_grades(space_id: int) -> ResponseReturnValue:
    """Send again what did not come there, or one person's score in any case."""
    chosen = request.form.get("member")
    with transaction() as session:
        space = spaces.get_kept_space(session, g.member, space_id)
        member = _get_learner(session, space, read_id(chosen) or 0) if chosen else None
        for context in _list_meant(session, space):
            if member is None:
                grades.deliver_again(session, context, by=g.member, at=utc_now())
            else:
                grades.send_again(session, context, member=member, by=g.member, at=utc_now())
    return _see(space_id, "scores-again")


@lti.post("/lti/spaces/<id:space_id>/grades/score")
@open_to(Audience.MEMBERS)
def set_score(space_id: int) -> ResponseReturnValue:
    """Set the score of somebody."""
    try:
        with transaction() as session:
            space = spaces.get_kept_space(session, g.member, space_id)
            member_id = read_id(request.form.get("member"))
            if member_id is None:
                raise Invalid(N_("Please choose whose score it is."), field="member")
            member = _get_learner(session, space, member_id)
            stored = store_score(
                session,
                member=member,
                space=space,
                given=_read_number(request.form, "given", None),
                maximum=_read_number(request.form, "maximum", USUAL_MAXIMUM),
                comment=request.form.get("comment", "").replace("\x00", "").strip(),
                at=utc_now(),
            )
            audit.record(
                session, "grade.set", by=g.member, thing=member, why=stored.comment, at=utc_now(),
                space=space.id, given=stored.given, maximum=stored.maximum,
            )  # fmt: skip
    except Invalid as refusal:
        return _show_again(space_id, refusal)
    return _see(space_id, "scored")


def _show(
    space: Space, *, status: int = 200, error: str = "", sent: Sent | None = None
) -> Response:
    session = db.session()
    contexts = list_contexts(session, space)
    courses = [
        Course(context, grades.find_line_item(session, context), grades.is_offered(context))
        for context in contexts
    ]
    learners, next_id = _list_learners(session, space, courses, after=read_after())
    page = render_template(
        "lti/grades.html", space=space, courses=courses, learners=learners, next_id=next_id,
        usual_label=USUAL_LABEL, usual_maximum=USUAL_MAXIMUM, error=error, sent=sent or {},
    )  # fmt: skip
    return make_response(page, status)


def _show_again(space_id: int, refusal: Invalid) -> Response:
    """Show the page with what was sent and why it was refused."""
    space = spaces.get_kept_space(db.session(), g.member, space_id)
    sentence = gettext(refusal.sentence, **refusal.context)
    return _show(space, status=refusal.status, error=sentence, sent=request.form)


def _see(space_id: int, said: str) -> Response:
    return make_response(redirect(url_for("lti.show_grades", space_id=space_id, said=said), 303))


def _list_meant(session: Session, space: Space) -> Sequence[Context]:
    """Return the course that a form names, or all of the space.

    Raises:
        NotFound: it names another one.
    """
    contexts = list_contexts(session, space)
    if "context" not in request.form:
        return contexts
    meant = [context for context in contexts if context.id == read_id(request.form["context"])]
    if not meant:
        raise NotFound(N_("There is no such course here."))
    return meant


def _get_learner(session: Session, space: Space, member_id: int) -> Member:
    """Return somebody who is or was in a course of this space.

    Raises:
        NotFound: they never were.
    """
    member = session.scalars(
        select(Member)
        .join(Account, Account.member_id == Member.id)
        .join(Enrolment, Enrolment.account_id == Account.id)
        .join(Enrolment.context)
        .where(Context.space_id == space.id, Member.id == member_id)
        .distinct()
    ).one_or_none()
    if member is None:
        raise NotFound(N_("There is no such person here."), member=member_id)
    return member


def _list_learners(
    session: Session, space: Space, courses: Sequence[Course], *, after: int
) -> tuple[list[Learner], int | None]:
    rules = roles.read_rules(session, space.organization_id)
    enrolments = session.scalars(
        select(Enrolment)
        .join(Enrolment.context)
        .join(Enrolment.account)
        .join(Account.member)
        .where(Context.space_id == space.id, Enrolment.left_at.is_(None), Account.member_id > after)
        .options(contains_eager(Enrolment.account).contains_eager(Account.member))
        .order_by(Account.member_id)
        .limit(SHOWN_PEOPLE + 1)
    ).all()
    shown = [row for row in enrolments[:SHOWN_PEOPLE] if grades.is_graded(row, rules)]
    members = {row.account.member_id: row.account.member for row in shown}
    wanted = _find_grades(session, space, list(members))
    deliveries: dict[int, GradeDelivery] = {}
    for course in courses:
        if course.line_item is not None:
            deliveries |= grades.list_deliveries(session, course.line_item, list(members))
    learners = [
        Learner(member, wanted.get(member_id), deliveries.get(member_id))
        for member_id, member in members.items()
    ]
    is_more = len(enrolments) > SHOWN_PEOPLE
    return learners, enrolments[SHOWN_PEOPLE - 1].account.member_id if is_more else None


def _find_grades(session: Session, space: Space, member_ids: list[int]) -> dict[int, Grade]:
    rows = session.scalars(
        select(Grade).where(Grade.space_id == space.id, Grade.member_id.in_(member_ids))
    )
    return {row.member_id: row for row in rows}


def _read_number(form: Sent, name: str, usual: float | None) -> float:
    """Read a number as people write it: 7, 7.5 or 7,5.

    Raises:
        Invalid: it is none.
    """
    text = form.get(name, "").strip()
    if not text and usual is not None:
        return usual
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise Invalid(N_("Please give a number, such as 7 or 7.5."), field=name) from None
