"""A course that the LMS copied from one we know: a board of its own, or the same one.

It begins with a fresh board, since people of two courses need not know each other; its steward is
asked once. A copy is known by Context.id.history (LTI Core 1.3, appendix C; Blackboard and
Brightspace fill it in), or because a link in it carries the key of a link in another course.

Both come as custom parameters, which a teacher can write by hand. So they prove nothing about the
older course: to join the boards, one keeps the older board too, or administers the organization.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from lti.launching.launch import Launch
from lti.models import Context, Deployment, Placement
from peerqa import outbox
from peerqa.database import hold
from peerqa.errors import N_, Conflict, NotAllowed, NotFound
from peerqa.models import Follow, Grade, MailChoice, Member, Membership, Question, Space
from peerqa.models.space import Role, Visibility
from peerqa.permissions import is_steward
from peerqa.services import spaces
from peerqa.services.grades import GRADE

Row = TypeVar("Row", Membership, Grade)
NO_SUCH_THING = N_("There is nothing here, or it is not open to you.")


def recognize(
    session: Session, launch: Launch, context: Context, placement: Placement | None
) -> None:
    """Note which course of the organization this one was copied from; the first finding stays."""
    if context.copied_from_id is not None or context.copy_decided_at is not None:
        return
    origin = _find_in_history(session, launch, context)
    if origin is None and placement is not None and placement.context_id != context.id:
        origin = placement.context
    if origin is not None and _organization_of(origin) == _organization_of(context):
        context.copied_from_id = origin.id
        session.flush()


def must_ask(session: Session, member: Member, context: Context) -> bool:
    """Whether this member is to say which board the course shall have."""
    return (
        context.copied_from_id is not None
        and context.copy_decided_at is None
        and is_steward(member, context.space_id)
        and get_origin(session, context).space_id != context.space_id
    )


def get_copy(session: Session, member: Member, context_id: int) -> Context:
    """Return a copied course about whose board the member may decide.

    Raises:
        NotFound: there is none.
    """
    context = session.scalars(
        select(Context)
        .join(Context.deployment)
        .where(
            Context.id == context_id,
            Context.copied_from_id.is_not(None),
            Deployment.organization_id == member.organization_id,
        )
    ).one_or_none()
    if context is None or not (member.is_admin or is_steward(member, context.space_id)):
        raise NotFound(NO_SUCH_THING, context=context_id)
    return context


def get_origin(session: Session, context: Context) -> Context:
    """Return the course that this one was copied from."""
    return session.get_one(Context, context.copied_from_id)


def may_share(session: Session, member: Member, context: Context) -> bool:
    """Whether the member may join the board of the copy to the older one."""
    return member.is_admin or is_steward(member, get_origin(session, context).space_id)


def may_know_origin(session: Session, member: Member, context: Context) -> bool:
    """Whether the member may hear what the older course is called.

    What says that it is older can be written by hand: it must not tell of boards that are closed.
    """
    try:
        spaces.get_space(session, member, get_origin(session, context).space_id)
    except NotFound:
        return False
    return True


def keep_fresh(session: Session, *, context: Context, by: Member, at: datetime) -> None:
    """Let the copy keep a board of its own.

    Raises:
        NotFound: the course is none of this member's.
        Conflict: the boards were joined meanwhile.
    """
    _hold(session, context, by)
    if context.copy_decided_at is not None and _is_shared(session, context):
        raise Conflict(_DECIDED)
    context.copy_decided_at = context.copy_decided_at or at
    session.flush()


def share_board(session: Session, *, context: Context, by: Member, at: datetime) -> None:
    """Let the copy use the older board; what was asked meanwhile moves there, and who is in it.

    Raises:
        NotFound: the course is none of this member's.
        NotAllowed: the older board is not the member's to share.
        Conflict: it was decided otherwise meanwhile.
    """
    _hold(session, context, by)
    if _is_shared(session, context):
        context.copy_decided_at = context.copy_decided_at or at
        session.flush()
        return
    if context.copy_decided_at is not None:
        raise Conflict(_DECIDED)
    if not may_share(session, by, context):
        raise NotAllowed(N_("Only stewards of the older board and admins can join the two."))
    fresh, older = context.space_id, get_origin(session, context).space_id
    context.copy_decided_at = at
    _move(session, fresh, older, at=at)


def _hold(session: Session, context: Context, by: Member) -> None:
    get_copy(session, by, context.id)
    hold(session, context)


def _is_shared(session: Session, context: Context) -> bool:
    return get_origin(session, context).space_id == context.space_id


def _find_in_history(session: Session, launch: Launch, context: Context) -> Context | None:
    history = launch.course.history if launch.course else ()
    if not history:
        return None
    known = session.scalars(
        select(Context)
        .join(Context.deployment)
        .where(
            Context.context_id.in_(history),
            Context.id != context.id,
            Deployment.platform_id == context.deployment.platform_id,
            Deployment.organization_id == context.deployment.organization_id,
        )
    )
    return min(known, key=lambda row: (history.index(row.context_id), row.id), default=None)


def _organization_of(context: Context) -> int:
    return context.deployment.organization_id


def _move(session: Session, source_id: int, target_id: int, *, at: datetime) -> None:
    """Move all that is in one board into another, and remove the empty one."""
    both = sorted((source_id, target_id))
    locked = session.scalars(  # who asks there at this moment waits
        select(Space).where(Space.id.in_(both)).order_by(Space.id).with_for_update()
    ).all()
    source, target = sorted(locked, key=lambda space: space.id == target_id)
    moved: dict[str, object] = {"space_id": target_id}
    if target.visibility == Visibility.SPACE:
        moved["visibility"] = Visibility.SPACE.value  # a closed board has no open questions
    session.execute(update(Question).where(Question.space_id == source_id).values(moved))
    for table in (Context, Placement):
        session.execute(update(table).where(table.space_id == source_id).values(space_id=target_id))
    _move_members(session, source_id, target_id)
    _move_wishes(session, source_id, target_id)
    _move_grades(session, source_id, target_id, at=at)
    session.flush()
    session.expire_all()  # what was loaded still names the board that goes
    session.delete(source)
    session.flush()


def _move_members(session: Session, source_id: int, target_id: int) -> None:
    there = {row.member_id: row for row in _rows_of(session, Membership, target_id)}
    for row in _rows_of(session, Membership, source_id):
        already = there.get(row.member_id)
        if already is None:
            row.space_id = target_id
        else:
            already.role = Role.STEWARD if Role.STEWARD in (row.role, already.role) else row.role
    session.flush()
    session.execute(delete(Membership).where(Membership.space_id == source_id))


def _move_wishes(session: Session, source_id: int, target_id: int) -> None:
    """Follow the other board instead; where mail was chosen for both, the older one counts."""
    followed = select(Follow.member_id).where(Follow.space_id == target_id)
    session.execute(
        update(Follow)
        .where(Follow.space_id == source_id, Follow.member_id.not_in(followed))
        .values(space_id=target_id)
    )
    chosen = aliased(MailChoice)
    is_chosen = exists().where(
        chosen.member_id == MailChoice.member_id,
        chosen.kind == MailChoice.kind,
        chosen.space_id == target_id,
    )
    session.execute(
        update(MailChoice)
        .where(MailChoice.space_id == source_id, ~is_chosen)
        .values(space_id=target_id)
    )
    for table in (Follow, MailChoice):
        session.execute(delete(table).where(table.space_id == source_id))


def _move_grades(session: Session, source_id: int, target_id: int, *, at: datetime) -> None:
    """Keep the newer score of who has one in both; the gradebook columns hear of it."""
    there = {row.member_id: row for row in _rows_of(session, Grade, target_id)}
    changed: list[Grade] = []
    for row in _rows_of(session, Grade, source_id):
        already = there.get(row.member_id)
        if already is None:
            row.space_id = target_id
            changed.append(row)
        elif row.at > already.at:
            already.given, already.maximum = row.given, row.maximum
            already.comment, already.at = row.comment, row.at
            changed.append(already)
    session.flush()
    session.execute(delete(Grade).where(Grade.space_id == source_id))
    outbox.ask_many(session, GRADE, [str(row.id) for row in changed], at=at)


def _rows_of(session: Session, table: type[Row], space_id: int) -> Sequence[Row]:
    return session.scalars(select(table).where(table.space_id == space_id)).all()


_DECIDED = N_("This was decided already, in another window or by another steward.")
