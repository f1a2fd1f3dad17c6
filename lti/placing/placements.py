"""What a link in a course opens: a space, a topic or a question that a teacher placed there.

Deep Linking 2.0 section 2.1.1.1, LTI Core 1.3 section 5.4.6. What was placed is a row; its random
key travels as the custom parameter peerqa_id, since custom parameters survive the copy of a course
while links get new ids. Where a platform loses it, the link's id and its history
($ResourceLink.id.history) lead to the row.

A link that a teacher makes by hand may say peerqa_space=NAME, peerqa_topic=NAME,
peerqa_question=NUMBER or peerqa_post=NUMBER (an answer, a comment). That gives nobody a right:
whoever opens it sees what they may see anyway.

A link to a course's own board opens the board of the course that it is clicked in, so that a copied
course never leads into the old one, unless its steward has chosen so (copies.py).
"""

from datetime import datetime

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.launching.launch import Launch
from lti.models import Context, Placement
from lti.models.context import PlacedKind
from lti.placing import copies
from peerqa.database import insert_once
from peerqa.errors import NotFound
from peerqa.models import Answer, Comment, Member, Question, Space, Topic
from peerqa.paging import read_id
from peerqa.secrets import new_token
from peerqa.services import comments, questions, spaces, topics

Placed = Space | Topic | Question
Named = Placed | Answer | Comment
ID = "peerqa_id"
BY_HAND = ("peerqa_space", "peerqa_topic", "peerqa_question", "peerqa_post")
GONE = "placed-gone"  # what the page says (?said=…)


def make_placement(
    session: Session,
    *,
    thing: Placed,
    context: Context | None,
    by: Member,
    at: datetime,
    key: str | None = None,
) -> Placement:
    """Keep what a teacher placed.

    Args:
        thing: that the member may see; of the member's organization.
        key: that only we can make and that names the choice: the same twice is one row.

    Raises:
        NotFound: the thing is another organization's.
    """
    if thing.organization_id != by.organization_id:
        raise NotFound(copies.NO_SUCH_THING)
    key = key or new_token()
    insert_once(
        session,
        Placement,
        key=key,
        organization_id=by.organization_id,
        context_id=context.id if context else None,
        kind=kind_of(thing).value,
        space_id=thing.id if isinstance(thing, Space) else None,
        topic_id=thing.id if isinstance(thing, Topic) else None,
        question_id=thing.id if isinstance(thing, Question) else None,
        placed_by_id=by.id,
        created_at=at,
    )
    return session.scalars(
        select(Placement).where(
            Placement.key == key, Placement.organization_id == by.organization_id
        )
    ).one()


def kind_of(thing: Placed) -> PlacedKind:
    """Return which kind of thing this is."""
    if isinstance(thing, Space):
        return PlacedKind.SPACE
    return PlacedKind.TOPIC if isinstance(thing, Topic) else PlacedKind.QUESTION


def find_by_key(session: Session, organization_id: int, key: str) -> Placement | None:
    """Return the organization's placement with this key, or None."""
    return session.scalars(
        select(Placement).where(Placement.key == key, Placement.organization_id == organization_id)
    ).one_or_none()


def find_target(session: Session, launch: Launch, member: Member, context: Context | None) -> str:
    """Return the path where a resource launch goes; notices when the course is a copy.

    What was placed, else the course's board, else home. What is gone, foreign or closed to the
    member gives the course's board, and a sentence there. A steward of a copied course is first
    asked which board it shall have.
    """
    placement = _find_placement(session, launch, member, context)
    if context is not None:
        copies.recognize(session, launch, context, placement)
        if copies.must_ask(session, member, context):
            link = placement.key if placement else None
            return url_for("lti.show_copy", context_id=context.id, link=link)
    if placement is not None:
        return path_of(session, placement, member, context)
    if launch.custom.get(ID):
        return _path_of_board(context, said=GONE)
    if any(launch.custom.get(name) for name in BY_HAND):
        return _path_or_board(_find_named(session, launch, member), context)
    return _path_of_board(context)


def path_of(session: Session, placement: Placement, member: Member, context: Context | None) -> str:
    """Return where a placement leads this member, when it is clicked in this course."""
    own = placement.context
    if context is not None and own is not None and placement.space_id == own.space_id:
        return _path_of_board(context)
    return _path_or_board(_find_placed(session, placement, member), context)


def _path_or_board(thing: Named | None, context: Context | None) -> str:
    if thing is None:
        return _path_of_board(context, said=GONE)
    if isinstance(thing, Space):
        return url_for("pages.show_space", space_id=thing.id)
    if isinstance(thing, Topic):
        return url_for("pages.show_topic", name=thing.name)
    if isinstance(thing, Question):
        return url_for("pages.show_question", question_id=thing.id)
    return url_for("pages.show_answer", answer_id=thing.id)  # finds comments, too


def _path_of_board(context: Context | None, *, said: str | None = None) -> str:
    if context is None:
        return url_for("pages.home", said=said)
    return url_for("pages.show_space", space_id=context.space_id, said=said)


def _find_placement(
    session: Session, launch: Launch, member: Member, context: Context | None
) -> Placement | None:
    """Return what the link stands for, by its parameter, else by its id or its ancestors'."""
    key = launch.custom.get(ID)
    link = launch.link
    if key:
        placement = find_by_key(session, member.organization_id, key)
        if placement and link and context and placement.context is context:
            placement.link_id = placement.link_id or link.id
        return placement
    if link is None or context is None:
        return None
    ids = (link.id, *link.history)
    known = session.scalars(
        select(Placement)
        .join(Placement.context)
        .where(
            Placement.organization_id == member.organization_id,
            Placement.link_id.in_(ids),
            Context.deployment_id == context.deployment_id,  # ids are unique within one
        )
    )
    return min(known, key=lambda row: (ids.index(str(row.link_id)), row.id), default=None)


def _find_placed(session: Session, placement: Placement, member: Member) -> Placed | None:
    try:
        if placement.space_id is not None:
            return spaces.get_space(session, member, placement.space_id)
        if placement.question_id is not None:
            return questions.get_question(session, member, placement.question_id)
        if placement.topic_id is not None:
            return get_topic(session, member, placement.topic_id)
    except NotFound:
        pass
    return None


def _find_named(session: Session, launch: Launch, member: Member) -> Named | None:
    space, topic, question, post = (launch.custom.get(name, "").strip() for name in BY_HAND)
    try:
        if post:
            return comments.get_any_post(session, member, read_id(post) or 0)
        if question:
            return questions.get_question(session, member, read_id(question) or 0)
        if topic:
            return topics.get_visible_topic(session, member, topic)
    except NotFound:
        return None
    named = [row for row in spaces.list_spaces(session, member) if row.name == space]
    return named[0] if named else None


def get_topic(session: Session, member: Member, topic_id: int) -> Topic:
    """Return a topic that the member may know of, by its id.

    Raises:
        NotFound: there is none.
    """
    name = session.scalar(
        select(Topic.name).where(
            Topic.id == topic_id, Topic.organization_id == member.organization_id
        )
    )
    if name is None:
        raise NotFound(copies.NO_SUCH_THING)
    return topics.get_visible_topic(session, member, name)
