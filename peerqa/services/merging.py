"""Two members that are one person become one. Only that person asks for it, with a code.

The code is made while signed in as the one, and entered while signed in as the other: it is signed
by this installation, lasts ten minutes, and works once, since who made it is inactive afterwards.

Every table that refers to a member is found by its foreign keys. Where one person may have one row
only, the rules below say which stays; the rest is re-attributed. The other member stays as an
empty, inactive row, so that nothing that names it breaks.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from peerqa import outbox
from peerqa.database import hold
from peerqa.errors import N_, Invalid
from peerqa.models import (
    Availability,
    Bookmark,
    Doubt,
    Draft,
    Flag,
    Follow,
    Grade,
    ImportedThing,
    Invitation,
    Letter,
    MailChoice,
    MailSetting,
    Member,
    Membership,
    Mention,
    Notification,
    OneTimeLink,
    Post,
    SavedSearch,
    SignIn,
    Skill,
    TopicKeeper,
    Vote,
)
from peerqa.models.references import columns_to
from peerqa.models.space import Role
from peerqa.secrets import InstanceKey, is_same
from peerqa.services import audit
from peerqa.services.asking import masks
from peerqa.services.grades import GRADE
from peerqa.services.moderating.kept_out import is_suspended
from peerqa.services.recognition import fair_play, ledger

CODE_LASTS = timedelta(minutes=10)
NOT_ONE = N_("This code was used already, or is not of this place.")
_USE = "merge-members"
# Tables with rules of their own; the rest is re-attributed as it is.
_RULED = {
    *("vote", "grade", "membership", "notification"),
    *("mail_setting", "mail_choice", "letter"),
    *("sign_in", "one_time_link", "help_count", "availability"),
}
# What a person has once of each thing, and among which rows; of two the kept account's stays.
_ONCE: tuple[tuple[InstrumentedAttribute[Any], ColumnElement[bool]], ...] = (
    (Draft.place, true()),
    (SavedSearch.query, true()),
    (TopicKeeper.topic_id, true()),
    (Skill.topic_id, true()),
    (Invitation.question_id, true()),
    (Follow.question_id, Follow.question_id.is_not(None)),
    (Follow.topic_id, Follow.topic_id.is_not(None)),
    (Follow.space_id, Follow.space_id.is_not(None)),
    (Bookmark.post_id, true()),
    (Flag.post_id, true()),
    (Mention.post_id, true()),
    (Doubt.answer_id, Doubt.settled_at.is_(None)),
)


class CodeRefused(Invalid):
    """The code is not one, is too old, or is of somebody who cannot be joined."""

    code = "code-refused"


def make_code(key: InstanceKey, member: Member, *, at: datetime) -> str:
    """Return a code that says: whoever enters this is me as well."""
    until = int((at + CODE_LASTS).timestamp())
    return f"{member.id}-{until}-{key.digest(_USE, member.id, until)[:40]}"


def read_code(
    session: Session, key: InstanceKey, code: str, *, entered_by: Member, at: datetime
) -> Member:
    """Return the member who made the code, another one of the same organization.

    Raises:
        CodeRefused: it cannot be used.
    """
    number, _, rest = code.strip().partition("-")
    until, _, digest = rest.partition("-")
    if not is_same(digest, key.digest(_USE, number, until)[:40]):
        raise CodeRefused(N_("This is not a code of PeerQA. Copy all of it."), field="code")
    if int(until) <= at.timestamp():
        raise CodeRefused(N_("This code is too old. Make a new one."), field="code")
    if int(number) == entered_by.id:
        raise CodeRefused(
            N_("You made this code here. Enter it where you are signed in as the other one."),
            field="code",
        )
    found = session.scalars(
        select(Member).where(
            Member.id == int(number),
            Member.organization_id == entered_by.organization_id,
            Member.inactive_at.is_(None),
            Member.is_placeholder.is_(False),
        )
    ).one_or_none()
    if found is None:
        raise CodeRefused(NOT_ONE, field="code")
    _refuse_suspended(found, entered_by, at=at)
    return found


def merge(
    session: Session, *, kept: Member, emptied: Member, key: InstanceKey, at: datetime
) -> None:
    """Give everything of one member to the other; of two that try at once, one does.

    Raises:
        CodeRefused: they cannot be one person, or no more, or one is suspended.
    """
    for member in sorted((kept, emptied), key=lambda member: member.id):
        hold(session, member)
    is_one_place = kept.organization_id == emptied.organization_id
    has_left = kept.inactive_at or emptied.inactive_at
    if kept is emptied or not is_one_place or has_left:
        raise CodeRefused(NOT_ONE, field="code")
    _refuse_suspended(kept, emptied, at=at)
    _join_votes(session, kept, emptied)
    _join_grades(session, kept, emptied, at=at)
    _join_memberships(session, kept, emptied)
    _join_notifications(session, kept, emptied)
    _drop_twins(session, kept, emptied)
    _drop_mail(session, emptied)
    masks.hand_over(session, kept=kept, emptied=emptied, key=key)
    session.execute(
        update(SignIn)
        .where(SignIn.member_id == emptied.id, SignIn.ended_at.is_(None))
        .values(ended_at=at)
    )
    for column in columns_to("member.id"):
        if column.table.name not in _RULED:
            session.execute(
                update(column.table).where(column == emptied.id).values({column.name: kept.id})
            )
    session.execute(
        update(ImportedThing)
        .where(ImportedThing.kind == "member", ImportedThing.thing_id == emptied.id)
        .values(thing_id=kept.id)
    )
    ledger.join_members(session, kept=kept, emptied=emptied, at=at)
    was_admin = kept.is_admin
    _join_profiles(session, kept, emptied, at=at)
    audit.record(
        session, "member.merged", by=kept, thing=kept, at=at,
        emptied=emptied.id, became_admin=kept.is_admin and not was_admin,
    )  # fmt: skip
    session.expire_all()


def _refuse_suspended(one: Member, other: Member, *, at: datetime) -> None:
    """Let no suspension end with the account that has it; it is lifted, or waited for."""
    if is_suspended(one, at=at) or is_suspended(other, at=at):
        raise CodeRefused(
            N_("One of the two accounts is suspended. Ask an admin to lift it first."), field="code"
        )


def _join_votes(session: Session, kept: Member, emptied: Member) -> None:
    """Nobody votes twice for a post, nor for their own."""
    both = (kept.id, emptied.id)
    other = aliased(Vote)
    twice = and_(
        Vote.member_id == emptied.id,
        select(other.id).where(other.post_id == Vote.post_id, other.member_id == kept.id).exists(),
    )
    surplus = session.execute(
        select(Vote.id, Vote.post_id)
        .join(Post, Post.id == Vote.post_id)
        .where(Vote.member_id.in_(both), or_(twice, Post.author_id.in_(both)))
    ).all()
    for vote_id, post_id in surplus:
        session.execute(delete(Vote).where(Vote.id == vote_id))
        session.execute(
            update(Post).where(Post.id == post_id).values(vote_count=Post.vote_count - 1),
            execution_options={"synchronize_session": False},
        )
    session.execute(update(Vote).where(Vote.member_id == emptied.id).values(member_id=kept.id))


def _join_grades(session: Session, kept: Member, emptied: Member, *, at: datetime) -> None:
    """Of two scores in a space the better one stays; gradebooks hear of it anew."""
    own = {
        grade.space_id: grade
        for grade in session.scalars(select(Grade).where(Grade.member_id == kept.id))
    }
    for grade in session.scalars(select(Grade).where(Grade.member_id == emptied.id)).all():
        mine = own.get(grade.space_id)
        if mine is None:
            grade.member_id = kept.id
            outbox.ask(session, GRADE, str(grade.id), at=at)
            continue
        if grade.given / grade.maximum > mine.given / mine.maximum:
            mine.given, mine.maximum = grade.given, grade.maximum
            mine.comment, mine.at = grade.comment, at
        session.delete(grade)
        outbox.ask(session, GRADE, str(mine.id), at=at)
    session.flush()


def _join_memberships(session: Session, kept: Member, emptied: Member) -> None:
    """In a space where both are, the role that may more stays."""
    own = {membership.space_id: membership for membership in kept.memberships}
    for theirs in list(emptied.memberships):
        mine = own.get(theirs.space_id)
        if mine is None:
            made = Membership(member_id=kept.id, space_id=theirs.space_id, role=theirs.role)
            session.add(made)
        elif theirs.role == Role.STEWARD:
            mine.role = Role.STEWARD
    emptied.memberships.clear()
    session.flush()
    session.expire(kept, ["memberships"])


def _join_notifications(session: Session, kept: Member, emptied: Member) -> None:
    """Unread news of one kind is told once; one's own acts are no news."""
    unread = {
        (told.reason, told.question_id)
        for told in session.scalars(
            select(Notification).where(
                Notification.member_id == kept.id, Notification.read_at.is_(None)
            )
        )
    }
    for told in session.scalars(
        select(Notification).where(Notification.member_id == emptied.id)
    ).all():
        if told.read_at is None and (told.reason, told.question_id) in unread:
            session.delete(told)
        else:
            told.member_id = kept.id
    session.flush()
    session.execute(
        update(Notification).where(Notification.actor_id == emptied.id).values(actor_id=kept.id)
    )
    session.execute(
        delete(Notification).where(
            Notification.member_id == kept.id, Notification.actor_id == kept.id
        )
    )


def _drop_twins(session: Session, kept: Member, emptied: Member) -> None:
    """Let go of what both accounts have of one thing: that of the emptied one."""
    fair_play.join_members(session, kept=kept, emptied=emptied)
    for thing, among in _ONCE:
        table = thing.class_
        own = select(thing).where(table.member_id == kept.id, among)
        session.execute(delete(table).where(table.member_id == emptied.id, among, thing.in_(own)))


def _drop_mail(session: Session, emptied: Member) -> None:
    """Mail goes by the choices of the account that was chosen to stay; sent links are dead."""
    letters = select(Letter.id).where(Letter.member_id == emptied.id)
    session.execute(
        update(Notification).where(Notification.letter_id.in_(letters)).values(letter_id=None),
        execution_options={"synchronize_session": False},
    )
    for table in (Letter, MailChoice, MailSetting, OneTimeLink, Availability):
        session.execute(delete(table).where(table.member_id == emptied.id))


def _join_profiles(session: Session, kept: Member, emptied: Member, *, at: datetime) -> None:
    """Keep what is known of either; being an admin too, which a launch may take back."""
    email, emptied.email = emptied.email, None
    session.flush()  # an address is one member's
    kept.email = kept.email or email
    kept.about = kept.about or emptied.about
    if kept.department is None:
        kept.department, kept.department_source = emptied.department, emptied.department_source
    kept.time_zone = kept.time_zone or emptied.time_zone
    kept.is_admin = kept.is_admin or emptied.is_admin
    emptied.is_admin = False
    emptied.inactive_at = at
    session.flush()
