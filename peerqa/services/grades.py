"""Scores that members should have in their spaces. An LMS's gradebook hears of them afterwards.

What the score is made of is the matter of who calls; here it is stored, and `grade` is asked for.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa import outbox
from peerqa.database import hold, insert_once
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import Grade, Member, Space

GRADE = "grade"  # the outbox topic; its key is the grade's id
MAX_COMMENT = 1000


def set_score(
    session: Session,
    *,
    member: Member,
    space: Space,
    given: float,
    maximum: float,
    comment: str = "",
    at: datetime,
) -> Grade:
    """Store the score that the member should have in the space; the same again asks for nothing.

    Args:
        given: 0 or more; above the maximum is extra credit.
        maximum: more than 0.

    Raises:
        Invalid: the numbers or the comment cannot be a score.
        NotFound: the space is another organization's.
    """
    if not (0 <= given < float("inf")) or not (0 < maximum < float("inf")):
        raise Invalid(N_("A score is 0 or more, out of a maximum above 0."), field="given")
    if len(comment) > MAX_COMMENT:
        raise Invalid(
            N_("Please use at most %(most)s characters."), field="comment", most=MAX_COMMENT
        )
    if space.organization_id != member.organization_id:
        raise NotFound(N_("There is no such space."), space=space.id)
    made = insert_once(
        session, Grade, member_id=member.id, space_id=space.id,
        given=given, maximum=maximum, comment=comment, at=at,
    )  # fmt: skip
    grade = session.scalars(
        select(Grade).where(Grade.member_id == member.id, Grade.space_id == space.id)
    ).one()
    if not made:
        hold(session, grade)
        if (grade.given, grade.maximum, grade.comment) == (given, maximum, comment):
            return grade
        grade.given, grade.maximum, grade.comment, grade.at = given, maximum, comment, at
        session.flush()
    outbox.ask(session, GRADE, str(grade.id), at=at)
    return grade
