"""A space's column in the gradebook of its course: switched on by its steward, filled by the queue.

AGS 2.0. The wanted scores are the core's (services/grades); here stands for whom each platform must
hear of them, and how that fares. How they travel: see grade_delivery.py. Nobody's score goes to a
platform that does not have them as a learner in that course: not a steward's, not a test student's.
"""

from collections.abc import Sequence
from datetime import datetime
from math import isfinite

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager

from lti.grading.grade_messages import LINE_ITEM, SCORE
from lti.launching.launch import Launch
from lti.models import Account, Context, Enrolment, GradeDelivery, LineItem, Platform
from lti.models.grade import DeliveryState
from lti.people import roles
from peerqa import outbox
from peerqa.database import hold, insert_once
from peerqa.errors import N_, Conflict, Invalid, NotAllowed
from peerqa.models import Grade, Member
from peerqa.models.space import Role
from peerqa.permissions import may
from peerqa.services.grades import GRADE

MAX_LABEL = 100
TRIED_AGAIN = (DeliveryState.REFUSED, DeliveryState.BLOCKED, DeliveryState.GIVEN_UP)


class GradesNotOffered(Conflict):
    """The platform offers no gradebook in this course."""

    code = "grades-not-offered"


def find_line_item(session: Session, context: Context) -> LineItem | None:
    """Return the course's column, switched on or off."""
    return session.scalars(select(LineItem).where(LineItem.context_id == context.id)).one_or_none()


def is_offered(context: Context) -> bool:
    """Whether the last launch offered a gradebook, with all that it takes."""
    return bool(context.line_items_url) and {LINE_ITEM, SCORE} <= set(context.grade_scopes)


def switch_on(
    session: Session,
    context: Context,
    *,
    by: Member,
    at: datetime,
    label: str = "PeerQA",
    maximum: float = 10,
) -> LineItem:
    """Have a column in the gradebook from now on, with every score that there is.

    Switching on what is on tries again what was refused.

    Raises:
        NotAllowed: they do not keep the space.
        GradesNotOffered: the platform does not let us.
        Invalid: the column cannot be called, or scaled, like that.
    """
    _check_steward(by, context)
    if not is_offered(context):
        raise GradesNotOffered(
            N_(
                "The LMS offers PeerQA no gradebook in this course. Its admin must allow the tool "
                "to make columns and to send scores; then open PeerQA from the course again."
            )
        )
    label = label.strip()
    if not 0 < len(label) <= MAX_LABEL:
        raise Invalid(
            N_("A column needs a name of at most %(most)s characters."),
            field="label",
            most=MAX_LABEL,
        )
    if not isfinite(maximum) or maximum <= 0:
        raise Invalid(N_("The most that can be reached must be above 0."), field="maximum")
    insert_once(
        session, LineItem, context_id=context.id, label=label, maximum=maximum, created_at=at,
        attempts=0,
    )  # fmt: skip
    row = session.scalars(select(LineItem).where(LineItem.context_id == context.id)).one()
    hold(session, row)
    row.switched_off_at = None
    if row.url is None:  # a column that is there keeps its name and scale
        row.label, row.maximum = label, maximum
    _try_again(session, row, at=at)
    return row


def switch_off(session: Session, context: Context, *, by: Member, at: datetime) -> None:
    """Send no more scores; the column and what is in it stay with the platform."""
    _check_steward(by, context)
    session.execute(
        update(LineItem)
        .where(LineItem.context_id == context.id, LineItem.switched_off_at.is_(None))
        .values(switched_off_at=at, due_at=None)
    )


def deliver_again(session: Session, context: Context, *, by: Member, at: datetime) -> None:
    """Try again what was refused, blocked or given up."""
    _check_steward(by, context)
    row = find_line_item(session, context)
    if row is not None and row.switched_off_at is None:
        hold(session, row)
        _try_again(session, row, at=at)


def send_again(
    session: Session, context: Context, *, member: Member, by: Member, at: datetime
) -> None:
    """Send a person's score once more, also when the platform took it; harmless twice."""
    _check_steward(by, context)
    row = find_line_item(session, context)
    if row is None or row.switched_off_at is not None:
        return
    accounts = select(Account.id).where(Account.member_id == member.id)
    session.execute(
        update(GradeDelivery)
        .where(GradeDelivery.line_item_id == row.id, GradeDelivery.account_id.in_(accounts))
        .values(delivered_at=None)
    )
    wanted = session.scalars(
        select(Grade.id).where(Grade.space_id == context.space_id, Grade.member_id == member.id)
    ).all()
    outbox.ask_many(session, GRADE, [str(grade_id) for grade_id in wanted], at=at)


def note_wanted(session: Session, grade_id: int, *, at: datetime) -> None:
    """Put a wanted score into the queue of every course that must hear of it. Harmless twice."""
    grade = session.get(Grade, grade_id)
    if grade is None:
        return
    found = session.execute(
        select(LineItem, Enrolment)
        .join(LineItem.context)
        .join(Enrolment, Enrolment.context_id == Context.id)
        .join(Enrolment.account)
        .where(
            Context.space_id == grade.space_id,
            LineItem.switched_off_at.is_(None),
            Account.member_id == grade.member_id,
            Account.is_test.is_(False),
            Enrolment.left_at.is_(None),
        )
        .options(contains_eager(Enrolment.account))
    ).all()
    for row, enrolment in found:
        rules = roles.read_rules(session, enrolment.account.organization_id)
        if is_graded(enrolment, rules):
            _queue(session, row, enrolment.account, at=at)


def is_graded(enrolment: Enrolment, rules: dict[str, Role]) -> bool:
    """Whether somebody is a learner of the course, as gradebooks know them."""
    is_steward = roles.judge(enrolment.roles, rules).role is Role.STEWARD
    return enrolment.left_at is None and not enrolment.account.is_test and not is_steward


def find_reviewed(
    session: Session, launch: Launch, platform: Platform, context: Context | None
) -> Member | None:
    """Return whose contributions a submission review opens, if they were ever in this course.

    Submission Review Message 1.0 section 3.4: for_user names the learner.
    """
    if launch.for_user is None or context is None:
        return None
    return session.scalars(
        select(Member)
        .join(Account, Account.member_id == Member.id)
        .join(Enrolment, Enrolment.account_id == Account.id)
        .where(
            Account.platform_id == platform.id,
            Account.subject == launch.for_user,
            Enrolment.context_id == context.id,
        )
    ).one_or_none()


def list_deliveries(
    session: Session, line_item: LineItem, member_ids: Sequence[int]
) -> dict[int, GradeDelivery]:
    """Return how the scores of these people fared, by member id."""
    rows = session.scalars(
        select(GradeDelivery)
        .join(GradeDelivery.account)
        .where(GradeDelivery.line_item_id == line_item.id, Account.member_id.in_(member_ids))
        .options(contains_eager(GradeDelivery.account))
    )
    return {row.account.member_id: row for row in rows}


def _check_steward(by: Member, context: Context) -> None:
    if not may(by, "steward", context.space):
        raise NotAllowed(N_("Only stewards of this space can do this."), space=context.space_id)


def _try_again(session: Session, row: LineItem, *, at: datetime) -> None:
    """Unblock the column, and ask for every score of the space."""
    row.blocked_at = row.error = None
    row.attempts, row.due_at = 0, at
    session.execute(
        update(GradeDelivery)
        .where(GradeDelivery.line_item_id == row.id, GradeDelivery.state.in_(TRIED_AGAIN))
        .values(state=DeliveryState.WAITING, due_at=at, attempts=0)
    )
    wanted = session.scalars(select(Grade.id).where(Grade.space_id == row.context.space_id)).all()
    outbox.ask_many(session, GRADE, [str(grade_id) for grade_id in wanted], at=at)
    session.flush()


def _queue(session: Session, row: LineItem, account: Account, *, at: datetime) -> None:
    """Let the account's score wait; while a column pauses or is blocked, with it."""
    hold(session, row)  # a worker that leaves the column sees this score, or comes again
    is_blocked = row.blocked_at is not None
    values = {
        "state": DeliveryState.BLOCKED.value if is_blocked else DeliveryState.WAITING.value,
        "due_at": None if is_blocked else at,
        "attempts": 0,
    }
    if not insert_once(
        session, GradeDelivery, line_item_id=row.id, account_id=account.id, comment="", **values
    ):
        session.execute(
            update(GradeDelivery)
            .where(GradeDelivery.line_item_id == row.id, GradeDelivery.account_id == account.id)
            .values(**values)
        )
    if not is_blocked and row.due_at is None:
        row.due_at = at
        session.flush()
