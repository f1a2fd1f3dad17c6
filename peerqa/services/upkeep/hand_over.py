"""What only one colleague knows: their answers of use that nobody else has given beside them."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from peerqa.errors import N_, NotAllowed
from peerqa.models import Answer, Member, Question
from peerqa.permissions import stewards_anything, visible_to
from peerqa.services.upkeep.standings import is_retired

MOST_LISTED = 100


def list_only_theirs(session: Session, member: Member, *, by: Member) -> Sequence[Answer]:
    """Return the answers that a colleague alone has given, the most helpful first.

    Each was accepted or has helped somebody, and nobody who is still here answered the same
    question. As far as the reader may see; nothing of what was asked or answered without a name.

    Raises:
        NotAllowed: the reader is neither steward nor admin.
    """
    if not stewards_anything(by):
        raise NotAllowed(N_("Only stewards and admins see what somebody leaves behind."))
    thread, other = aliased(Question, flat=True), aliased(Answer, flat=True)
    colleague = aliased(Member)
    has_other = (
        select(other.id)
        .join(colleague, colleague.id == other.author_id)
        .where(
            other.question_id == Answer.question_id,
            other.author_id != member.id,
            other.deleted_at.is_(None),
            ~is_retired(other.id),
            colleague.inactive_at.is_(None),
            colleague.is_placeholder.is_(False),
        )
        .correlate(Answer)
        .exists()
    )
    return session.scalars(
        select(Answer)
        .join(Answer.question.of_type(thread))
        .where(
            Answer.author_id == member.id,
            Answer.deleted_at.is_(None),
            visible_to(by, thread=thread),
            or_(thread.accepted_id == Answer.id, Answer.vote_count + Answer.solved_count > 0),
            ~is_retired(Answer.id),
            ~has_other,
        )
        .options(
            contains_eager(Answer.question.of_type(thread)).joinedload(thread.space),
            joinedload(Answer.standing),
        )
        .order_by((Answer.vote_count + Answer.solved_count).desc(), Answer.id)
        .limit(MOST_LISTED)
    ).all()
