"""What stewards and admins decide about a post: leave it, hide it, bring it back, lock its thread.

Each decision has a reason, which the author reads on the post and hears of in the inbox. A hidden
post is out of sight like one that was deleted (services/answering/deletions.py), with all that
hangs on it; only somebody who moderates brings it back. Nobody decides about their own posts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from peerqa.database import one_line
from peerqa.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Answer, Comment, Deletion, Member, Post, Question, Ruling
from peerqa.models.answering.deletion import OutOfSight
from peerqa.permissions import is_author, may, moderates, question_of, reaches
from peerqa.services import audit, notifications
from peerqa.services.answering.deletions import bring_back, take_out_of_sight
from peerqa.services.answering.stand_in import hold_thread
from peerqa.services.moderating import flags

MIN_WHY, MAX_WHY = 5, 500
NO_SUCH_POST = N_("There is no such post.")
NOT_YOURS = N_("Stewards and admins decide, and nobody about their own.")
LOCKS = frozenset({"locked", "unlocked"})  # what is decided about a thread, from any of its posts
Written = Question | Answer | Comment


@dataclass(frozen=True)
class Decision:
    """One thing that can be decided.

    Attributes:
        label: what stands on the button.
        said: what the author reads.
        is_told: whether the author hears of it at all; of a flag that came to nothing nobody does.
    """

    label: str
    said: str
    is_told: bool = True


DECISIONS: Mapping[str, Decision] = {
    "dismissed": Decision(N_("Leave it as it is"), N_("Nothing was done about it."), is_told=False),
    "hidden": Decision(N_("Hide it"), N_("A steward has hidden this from everybody else.")),
    "restored": Decision(N_("Bring it back"), N_("A steward has brought this back.")),
    "locked": Decision(N_("Lock the thread"), N_("A steward has locked this thread.")),
    "unlocked": Decision(N_("Unlock the thread"), N_("A steward has unlocked this thread.")),
}


def read_why(why: str) -> str:
    """Tidy the reason for a decision.

    Raises:
        Invalid: it is too short or too long.
    """
    why = one_line(why)
    if not MIN_WHY <= len(why) <= MAX_WHY:
        raise Invalid(
            N_("Say why, in %(least)s to %(most)s characters. Whoever wrote it will read this."),
            field="why",
            least=MIN_WHY,
            most=MAX_WHY,
        )
    return why


def get_post(session: Session, member: Member, post_id: int) -> Written:
    """Return a post that the member may moderate, or one of theirs that was ruled about.

    It may be out of sight.

    Raises:
        NotFound: there is none.
    """
    post = session.scalars(
        select(Post).where(Post.id == post_id, Post.organization_id == member.organization_id)
    ).one_or_none()
    if isinstance(post, Written) and OutOfSight.DELETED not in {
        find_state(session, post),
        find_state(session, question_of(post)),
    }:
        if may(member, "moderate", post):
            return post
        is_theirs = is_author(member, post) and reaches(member, question_of(post))
        if is_theirs and list_rulings(session, post, for_author=True):
            return post
    raise NotFound(NO_SUCH_POST, post=post_id)


def list_rulings(session: Session, post: Post, *, for_author: bool) -> Sequence[Ruling]:
    """Return what was decided about a post, the latest first."""
    query = (
        select(Ruling)
        .where(Ruling.post_id == post.id)
        .options(joinedload(Ruling.by))
        .order_by(Ruling.id.desc())
        .limit(50)
    )
    if for_author:
        query = query.where(Ruling.act.in_([act for act, d in DECISIONS.items() if d.is_told]))
    return session.scalars(query).all()


def choices_for(session: Session, post: Written, *, by: Member) -> Sequence[str]:
    """Return what the member, who may moderate the post, can decide about it as it is now.

    A lock is about the thread: nobody locks or unlocks their own through what others wrote there.
    """
    question = question_of(post)
    if post.deleted_at is None:
        lock = ("unlocked" if question.locked_at else "locked",)
        return ("dismissed", "hidden", *(lock if may(by, "moderate", question) else ()))
    return ("restored",) if find_state(session, post) is OutOfSight.HIDDEN else ()


def find_state(session: Session, post: Post) -> OutOfSight | None:
    """Return why a post is out of sight; None where it is not."""
    if post.deleted_at is None:
        return None
    deletion = session.get(Deletion, post.id)
    return OutOfSight(deletion.state) if deletion is not None else OutOfSight.DELETED


def rule(session: Session, *, post: Written, act: str, by: Member, why: str, at: datetime) -> None:
    """Decide about a post; the author and the audit trail hear of it. Of two at once, one does.

    Raises:
        NotAllowed: the person moderates not there, or wrote it; or the thread that they lock.
        Invalid: there is no such decision, or no reason.
        Conflict: it is so already, or the post was taken back meanwhile.
    """
    if not may(by, "moderate", post):
        raise NotAllowed(NOT_YOURS)
    if act not in DECISIONS:
        raise Invalid(N_("Choose what to do about it."), field="act")
    why = read_why(why)
    question = hold_thread(session, post)
    if act in LOCKS and not may(by, "moderate", question):
        raise NotAllowed(NOT_YOURS)
    if act not in choices_for(session, post, by=by):
        raise Conflict(
            N_("Somebody was faster: look at how it is now, and decide again."), post=post.id
        )
    if act == "hidden":
        take_out_of_sight(session, post, question, state=OutOfSight.HIDDEN, by=by, at=at)
    elif act == "restored":
        bring_back(session, post, question, at=at)
    elif act in LOCKS:
        question.locked_at = at if act == "locked" else None
    about = question if act in LOCKS else post
    flags.settle(session, post, at=at)
    session.add(Ruling(post_id=about.id, by_id=by.id, act=act, why=why, at=at))
    session.flush()
    if DECISIONS[act].is_told:
        notifications.notify_author(session, about, reason=notifications.MODERATED, by=by, at=at)
    audit.record(session, f"post.{act}", by=by, thing=about, why=why, at=at)


def list_in_thread(session: Session, question: Question, *, reader: Member) -> Sequence[Ruling]:
    """Return the latest decision about each post of a thread that the reader should know of.

    Those are about their own posts, hidden ones too, and for everybody that the thread is locked.
    """
    rows = session.execute(_in_thread(), {"question": question.id})
    latest: dict[int, Ruling] = {}
    for ruling, post in rows:
        is_lock = ruling.act == "locked" and question.locked_at is not None
        if (
            is_lock
            or is_author(reader, post)
            or (post.deleted_at is not None and moderates(reader, question))
        ):
            latest[post.id] = ruling
    return list(latest.values())


@cache
def _in_thread() -> Select[Ruling, Post]:
    question: BindParameter[int] = bindparam("question")
    under = (
        select(Answer.id)
        .where(Answer.question_id == question)
        .union_all(select(Comment.id).where(Comment.question_id == question))
    )
    return (
        select(Ruling, Post)
        .join(Post, Post.id == Ruling.post_id)
        .where((Ruling.post_id == question) | Ruling.post_id.in_(under), Ruling.act != "dismissed")
        .order_by(Ruling.id)
    )
