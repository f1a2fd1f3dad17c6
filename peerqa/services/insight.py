"""What PeerQA brings: solved without asking.

A question counts as solved without asking when somebody looked for it or began to type it, and
said of an earlier one: this solved it. It counts once per person and question, never for the
person's own question or answer. Look-ups are kept for a limited time (PEERQA_EVIDENCE_DAYS), what
was solved stays; so what became of look-ups is told of those days at most.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peerqa.errors import N_, NotAllowed
from peerqa.models import LookUp, Member, Solved
from peerqa.permissions import may

ABANDONED_AFTER = timedelta(days=1)  # a look-up that came to nothing by then was given up
DEFINITION = N_(
    "Somebody looked for an answer or began to type a question, and said of an earlier one: this "
    "solved it. Counted once per person and question, and never for one's own."
)


@dataclass(frozen=True)
class SolvedFigure:
    """Counts of a time that ends now."""

    since: datetime
    until: datetime
    solved: int
    questions: int  # different ones that solved it
    look_ups: int  # kept evidence; several pauses at one title are one
    posted: int  # look-ups that ended in a new question all the same
    abandoned: int  # look-ups of which nothing more was heard for a day


def count_solved(session: Session, *, by: Member, days: int, at: datetime) -> SolvedFigure:
    """Count what was solved without asking in the organization, in the last days.

    Raises:
        NotAllowed: only admins see figures of the organization.
    """
    if not may(by, "administer", by.organization):
        raise NotAllowed(N_("Only admins see these figures."))
    since = at - timedelta(days=days)
    solved, questions = session.execute(
        select(func.count(), func.count(Solved.question_id.distinct())).where(
            Solved.organization_id == by.organization_id, Solved.hour_at >= since
        )
    ).one()
    is_given_up = (LookUp.outcome == "typed", LookUp.hour_at < at - ABANDONED_AFTER)
    look_ups, posted, abandoned = session.execute(
        select(
            func.count(),
            func.count().filter(LookUp.outcome == "posted"),
            func.count().filter(*is_given_up),
        ).where(LookUp.organization_id == by.organization_id, LookUp.hour_at >= since)
    ).one()
    return SolvedFigure(
        since,
        at,
        solved=solved,
        questions=questions,
        look_ups=look_ups,
        posted=posted,
        abandoned=abandoned,
    )
