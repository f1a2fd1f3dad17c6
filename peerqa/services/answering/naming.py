"""Who can be meant behind an @ that somebody is writing in a thread.

Only people who may see the thread, at most eight, by name alone: who takes part in it changes
nothing, so the list says nothing of who asked or wrote without a name.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from peerqa.database import one_line
from peerqa.models import Member, Membership, Question
from peerqa.models.space import Visibility
from peerqa.permissions import may
from peerqa.services.moderating.kept_out import is_active

MOST_OFFERED = 8
LONGEST_TYPED = 60


def list_named(
    session: Session, question: Question, typed: str, *, reader: Member, at: datetime
) -> Sequence[Member]:
    """Return whose name, or a word of it, begins so, by name.

    Neither the reader is among them nor who is suspended.

    Args:
        typed: what stands behind the @ so far; empty finds nobody.
    """
    typed = one_line(typed)
    if not typed or len(typed) > LONGEST_TYPED:
        return []
    # SQLite lowers ASCII alone, so there "öz" finds "Özlem" as "Öz" only.
    spellings = sorted({typed, typed.title()})
    begins = or_(*(Member.name.istartswith(each, autoescape=True) for each in spellings))
    within = [Member.name.icontains(f" {each}", autoescape=True) for each in spellings]
    found = (
        select(Member)
        .where(
            Member.organization_id == question.organization_id,
            is_active(at),
            Member.is_placeholder.is_(False),
            Member.id != reader.id,
            or_(begins, *within),
        )
        .options(selectinload(Member.memberships), joinedload(Member.department))
        .order_by(case((begins, 0), else_=1), Member.name, Member.id)
        .limit(MOST_OFFERED)
    )
    if question.visibility == Visibility.SPACE:
        is_there = exists().where(
            Membership.member_id == Member.id, Membership.space_id == question.space_id
        )
        found = found.where(is_there)
    return [member for member in session.scalars(found) if may(member, "see", question)]
