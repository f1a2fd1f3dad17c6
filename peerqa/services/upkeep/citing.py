"""What guides cite, and what becomes of a guide when fewer people may see that.

To cite and to close are done one after the other: both hold the spaces, and those before any post.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa import languages
from peerqa.database import hold
from peerqa.errors import N_, Invalid, NotFound
from peerqa.models import Guide, GuideSource, Member, Question, Ruling, Space
from peerqa.models.answering.deletion import OutOfSight
from peerqa.models.space import Visibility
from peerqa.permissions import may
from peerqa.services import audit, notifications
from peerqa.services.answering.deletions import take_out_of_sight
from peerqa.services.preferences import language_of
from peerqa.services.questions import get_question

CLOSED = N_("It was made from a thread of a space that is closed now.")


def list_all_sources(session: Session, guide: Guide) -> Sequence[Question]:
    """Return all threads that a guide cites, be they gone or out of sight."""
    return session.scalars(
        select(Question)
        .join(GuideSource, GuideSource.question_id == Question.id)
        .where(GuideSource.guide_id == guide.id)
    ).all()


def hold_sources(
    session: Session,
    by: Member,
    space: Space,
    source_ids: Sequence[int],
    *,
    has: Guide | None = None,
) -> list[Question]:
    """Return the threads; one that the guide cites already need not be seen by who edits it.

    Their spaces, and the guide's, are held: none is closed before the transaction ends.

    Raises:
        Invalid: there is no such thread that the person may see, or it is another space's alone.
    """
    had = {each.id: each for each in list_all_sources(session, has)} if has else {}
    sources = []
    for source_id in source_ids:
        try:
            sources.append(had.get(source_id) or get_question(session, by, source_id))
        except NotFound:
            raise Invalid(
                N_("There is no thread with the number %(number)s."),
                field="sources",
                number=source_id,
            ) from None
    for space_id in sorted({space.id, *(source.space_id for source in sources)}):
        hold(session, session.get_one(Space, space_id))
    for source in sources:
        session.refresh(source, ["visibility"])  # it may have been closed meanwhile
        if source.visibility == Visibility.SPACE and source.space_id != space.id:
            raise _elsewhere(source, by)
    return sources


def _elsewhere(source: Question, by: Member) -> Invalid:
    if not may(by, "see", source):  # what it is called by now is not for who edits the guide
        return Invalid(
            N_("Thread %(number)s is seen by another space alone, and cannot be cited here."),
            field="sources",
            number=source.id,
        )
    return Invalid(
        N_("“%(title)s” is seen by another space alone, and cannot be cited here."),
        field="sources",
        title=source.title,
    )


def cite(session: Session, guide: Guide, sources: Sequence[Question]) -> None:
    """Let a guide cite these threads and no others."""
    ids = [source.id for source in sources]
    session.execute(
        delete(GuideSource).where(
            GuideSource.guide_id == guide.id, GuideSource.question_id.not_in(ids)
        )
    )
    cited = set(
        session.scalars(select(GuideSource.question_id).where(GuideSource.guide_id == guide.id))
    )
    for source_id in ids:
        if source_id not in cited:
            session.add(GuideSource(guide_id=guide.id, question_id=source_id))
    session.flush()


def visibility_of(space: Space, sources: Sequence[Question]) -> str:
    """Return who sees a guide: the space alone, as soon as one of its threads is seen so."""
    is_closed = space.visibility == Visibility.SPACE or any(
        source.visibility == Visibility.SPACE for source in sources
    )
    return (Visibility.SPACE if is_closed else Visibility.ORGANIZATION).value


def hide_citing(session: Session, space: Space, *, by: Member, at: datetime) -> None:
    """Take the guides of other spaces out of sight that cite a space which is being closed.

    Their authors read why, and so does who moderates there. The space is held, and its threads are
    closed already: whoever brings a guide back at this moment waits, or is seen.
    """
    citing = (
        select(GuideSource.guide_id)
        .join(Question, Question.id == GuideSource.question_id)
        .where(Question.space_id == space.id)
    )
    guides = session.scalars(
        select(Guide).where(Guide.space_id != space.id, Guide.id.in_(citing)).order_by(Guide.id)
    ).all()
    for guide in guides:
        hold(session, guide)
        guide.visibility = Visibility.SPACE.value  # in the queue too, for its stewards alone
        if guide.deleted_at is not None:
            continue
        take_out_of_sight(session, guide, guide, state=OutOfSight.HIDDEN, by=by, at=at)
        why = CLOSED
        if guide.author is not None:
            why = languages.catalogue(language_of(guide.author)).gettext(CLOSED)
        session.add(Ruling(post_id=guide.id, by_id=by.id, act="hidden", why=why, at=at))
        session.flush()
        notifications.notify_author(session, guide, reason=notifications.MODERATED, by=by, at=at)
        audit.record(session, "post.hidden", by=by, thing=guide, why=why, at=at)
    session.flush()
