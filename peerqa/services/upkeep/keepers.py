"""Who keeps a topic: appointed by a steward or an admin; one may step down by oneself."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from peerqa.database import hold, insert_once
from peerqa.errors import N_, Invalid, NotAllowed, NotFound
from peerqa.models import Member, Topic, TopicKeeper
from peerqa.permissions import stewards_anything
from peerqa.services import audit
from peerqa.services.moderating.kept_out import is_suspended

MOST_KEEPERS = 5  # of a topic: what everybody keeps nobody does


def appoint_keeper(
    session: Session, *, topic: Topic, member: Member, by: Member, at: datetime
) -> None:
    """Let a member keep a topic; harmless twice.

    Raises:
        NotAllowed: the person is neither steward nor admin.
        NotFound: the member, or the topic, is not of the person's organization.
        Invalid: the member has left or is suspended, or the topic has enough keepers.
    """
    if not stewards_anything(by):
        raise NotAllowed(N_("Only stewards and admins say who keeps a topic."))
    if not topic.organization_id == member.organization_id == by.organization_id:
        raise NotFound(N_("There is no such person here."), member=member.id)
    if member.inactive_at is not None or member.is_placeholder:
        raise Invalid(
            N_("%(name)s is not here any more. Choose somebody else."),
            field="member",
            name=member.name,
        )
    keepers = [each.id for each in list_keepers(session, topic)]
    if member.id not in keepers and is_suspended(member, at=at):
        raise Invalid(N_("%(name)s cannot sign in as it is."), field="member", name=member.name)
    if member.id not in keepers and len(keepers) >= MOST_KEEPERS:
        raise Invalid(
            N_("A topic has at most %(most)s keepers. Let one of them go first."),
            field="member",
            most=MOST_KEEPERS,
        )
    is_new = insert_once(
        session,
        TopicKeeper,
        topic_id=topic.id,
        member_id=member.id,
        appointed_by_id=by.id,
        created_at=at,
    )
    if is_new:
        audit.record(session, "keeper.given", by=by, thing=topic, at=at, member=member.id)
    session.expire(member, ["keepings"])


def set_keepers(
    session: Session, *, topic: Topic, members: Sequence[Member], by: Member, at: datetime
) -> None:
    """Let these members keep a topic, and nobody else; refuses what the two others refuse."""
    if not stewards_anything(by):
        raise NotAllowed(N_("Only stewards and admins say who keeps a topic."))
    hold(session, topic)
    kept = select(TopicKeeper.member_id).where(TopicKeeper.topic_id == topic.id)
    for former in session.scalars(select(Member).where(Member.id.in_(kept))).all():
        if former not in members:  # who has left too: they could come back
            dismiss_keeper(session, topic=topic, member=former, by=by, at=at)
    for member in members:
        appoint_keeper(session, topic=topic, member=member, by=by, at=at)


def dismiss_keeper(
    session: Session, *, topic: Topic, member: Member, by: Member, at: datetime
) -> None:
    """Let a member keep a topic no more; harmless twice.

    Raises:
        NotAllowed: it is somebody else, and the person is neither steward nor admin.
        NotFound: the member, or the topic, is not of the person's organization.
    """
    if not topic.organization_id == member.organization_id == by.organization_id:
        raise NotFound(N_("There is no such person here."), member=member.id)
    if member.id != by.id and not stewards_anything(by):
        raise NotAllowed(N_("Only stewards and admins say who keeps a topic."))
    gone = session.execute(
        delete(TopicKeeper)
        .where(TopicKeeper.topic_id == topic.id, TopicKeeper.member_id == member.id)
        .returning(TopicKeeper.id)
    ).all()
    if gone:
        audit.record(session, "keeper.taken", by=by, thing=topic, at=at, member=member.id)
    session.expire(member, ["keepings"])


def list_keepers(session: Session, topic: Topic) -> Sequence[Member]:
    """Return who keeps a topic and is still here, by name."""
    return session.scalars(
        select(Member)
        .join(TopicKeeper, TopicKeeper.member_id == Member.id)
        .where(TopicKeeper.topic_id == topic.id, Member.inactive_at.is_(None))
        .order_by(Member.name, Member.id)
    ).all()
