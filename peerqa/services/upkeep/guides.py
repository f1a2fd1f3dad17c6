"""Guides: canonical articles that stewards make from threads.

A guide is a kind of post, with texts as they were, topics and a space. Whoever may see it may see
what it was made from: it belongs to the space alone as soon as one of its threads does, and a
thread that only another space sees cannot be cited.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from peerqa import outbox
from peerqa.database import hold
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.models import Guide, GuideSource, Member, Question, Space, Standing
from peerqa.models.space import Visibility
from peerqa.paging import read_id
from peerqa.permissions import may, visible_to
from peerqa.services import audit, topics
from peerqa.services.answering.revisions import read_why
from peerqa.services.asking.pictures import link_pictures
from peerqa.services.posts import begin_edit, end_edit, read_body, write_body
from peerqa.services.questions import read_title
from peerqa.services.recognition import ledger
from peerqa.services.spaces import refuse_archived
from peerqa.services.upkeep.citing import cite, hold_sources, list_all_sources, visibility_of

MOST_SOURCES = 20
MOST_LISTED = 100
_NUMBER = re.compile(r"(?:\S*/questions/)?([0-9]{1,18})(?:[/?#]\S*)?")


def read_sources(typed: str) -> list[int]:
    """Read the threads of a guide: addresses or numbers, each on a line or after a comma.

    Raises:
        Invalid: none, too many, or something else.
    """
    found = []
    for part in re.split(r"[\s,]+", typed.strip()[:10_000]):
        named = _NUMBER.fullmatch(part)
        number = read_id(named.group(1)) if named else None
        if number is None:
            raise Invalid(
                N_("Give the address or the number of each thread, one on a line."),
                field="sources",
            )
        found.append(number)
    found = list(dict.fromkeys(found))
    if len(found) > MOST_SOURCES:
        raise Invalid(
            N_("A guide cites at most %(most)s threads."), field="sources", most=MOST_SOURCES
        )
    return found


def make_guide(
    session: Session,
    *,
    space: Space,
    by: Member,
    title: str,
    body: str,
    topic_names: Sequence[str],
    source_ids: Sequence[int],
    at: datetime,
) -> Guide:
    """Make a guide from threads.

    Raises:
        NotAllowed: the person keeps not the space.
        NotFound: there is no such thread that the person may see.
        Invalid: a text cannot be taken, or a thread is another space's alone.
    """
    refuse_archived(space)
    if not may(by, "steward", space):
        raise NotAllowed(N_("Only stewards of this space make guides in it."), space=space.id)
    title, body = read_title(title), read_body(body, required=True)
    sources = hold_sources(session, by, space, source_ids)
    guide = Guide(
        organization_id=space.organization_id, space=space, author=by, title=title,
        visibility=visibility_of(space, sources), created_at=at, active_at=at,
    )  # fmt: skip
    write_body(guide, body)
    guide.topics = topics.make_topics(session, space.organization_id, topic_names)
    session.add(guide)
    session.flush()
    cite(session, guide, sources)
    link_pictures(session, guide)
    ledger.settle(session, [guide.id], why=ledger.Why.REMOVED, at=at)
    audit.record(session, "post.guide", by=by, thing=guide, at=at)
    outbox.ask(session, "index", str(guide.id), at=at)
    return guide


def edit_guide(
    session: Session,
    *,
    guide: Guide,
    by: Member,
    title: str,
    body: str,
    topic_names: Sequence[str],
    source_ids: Sequence[int],
    version: int,
    why: str,
    at: datetime,
) -> None:
    """Change a guide; its earlier text is kept. Other threads are an edit too, and audited.

    Raises:
        NotAllowed: the person neither made it nor keeps its space.
        EditConflict: somebody else was faster.
        NotFound, Invalid: as in make_guide().
    """
    if not may(by, "edit", guide):
        raise NotAllowed(N_("Only stewards of its space can edit a guide."), guide=guide.id)
    title, body, why = read_title(title), read_body(body, required=True), read_why(why)
    sources = hold_sources(session, by, guide.space, source_ids, has=guide)
    hold(session, guide)
    asked = topics.make_topics(session, guide.organization_id, topic_names)
    cited, wanted = (
        {source.id for source in some} for some in (list_all_sources(session, guide), sources)
    )
    before = (guide.title, guide.body, {*guide.topics}, cited)
    if before != (title, body, {*asked}, wanted):
        begin_edit(session, guide, version, by)
        guide.title, guide.topics = title, asked
        write_body(guide, body)
        end_edit(session, guide, by=by, why=why, at=at)
    if cited != wanted:
        cite(session, guide, sources)
        audit.record(
            session, "post.cited", by=by, thing=guide, at=at,
            added=_ids(wanted - cited), removed=_ids(cited - wanted),
        )  # fmt: skip
    # never wider than it was: its text, and its earlier ones, may still say what a thread said
    if guide.visibility != Visibility.SPACE:
        guide.visibility = visibility_of(guide.space, sources)
    session.flush()


def _ids(ids: set[int]) -> str:
    return ", ".join(map(str, sorted(ids)))


def find_guide(session: Session, member: Member, guide_id: int) -> Guide | None:
    """Return a guide that the member may see, with its author, space and topics."""
    return session.scalars(
        select(Guide)
        .where(Guide.id == guide_id, visible_to(member, thread=Guide, with_guides=True))
        .options(
            joinedload(Guide.author),
            joinedload(Guide.space),
            joinedload(Guide.standing).joinedload(Standing.retired_by),
            selectinload(Guide.topics),
        )
    ).one_or_none()


def get_guide(session: Session, member: Member, guide_id: int) -> Guide:
    """Return a guide that the member may see.

    Raises:
        NotFound: there is none.
    """
    guide = find_guide(session, member, guide_id)
    if guide is None:
        raise NotFound(N_("There is no such guide."), guide=guide_id)
    return guide


def list_sources(session: Session, guide: Guide, *, reader: Member) -> Sequence[Question]:
    """Return the threads that a guide cites, as far as the reader may see, the oldest first."""
    return session.scalars(
        select(Question)
        .join(GuideSource, GuideSource.question_id == Question.id)
        .where(GuideSource.guide_id == guide.id, visible_to(reader))
        .order_by(Question.id)
    ).all()


def list_guides(session: Session, member: Member) -> Sequence[Guide]:
    """Return the guides that the member may see, the latest first."""
    return session.scalars(
        select(Guide)
        .where(visible_to(member, thread=Guide, with_guides=True))
        .options(
            joinedload(Guide.author),
            joinedload(Guide.space),
            joinedload(Guide.standing),
            selectinload(Guide.topics),
        )
        .order_by(Guide.created_at.desc(), Guide.id.desc())
        .limit(MOST_LISTED)
    ).all()
