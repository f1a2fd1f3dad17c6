"""Asking anonymously: nobody reads who asked; two stewards can find out, and the author hears."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.database import hold, insert_once, one_line
from peerqa.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Mask, Member, Organization, Question, Reveal, Space
from peerqa.models.space import Visibility
from peerqa.permissions import may
from peerqa.secrets import InstanceKey
from peerqa.services import audit, questions
from peerqa.services.asking import masks
from peerqa.services.posts import read_body

SAME_WITHIN = timedelta(hours=1)  # as exactly as times of anonymous questions are kept
MIN_REASON, MAX_REASON = 10, 500


def may_be_asked(space: Space, organization: Organization) -> bool:
    """Whether questions in this space may be anonymous."""
    return space.allows_anonymous and organization.allows_anonymous


def ask_anonymously(
    session: Session,
    *,
    space: Space,
    author: Member,
    title: str,
    body: str,
    topic_names: Sequence[str],
    visibility: Visibility,
    key: InstanceKey,
    at: datetime,
) -> tuple[Question, bool]:
    """Ask a question that names nobody; one that was just asked so is not asked twice.

    Returns:
        The question, and whether it is new.

    Raises:
        Invalid: the space or the organization does not want it.
    """
    if not may_be_asked(space, author.organization):
        raise Invalid(
            N_("Nobody asks anonymously in this space. Choose another one, or take the tick away."),
            field="anonymous",
        )
    mask = masks.make_mask(session, author, key)
    title, text = questions.read_title(title), read_body(body, required=False)
    for earlier in masks.list_own(session, author)[:5]:
        is_same = (earlier.title, earlier.body) == (title, text)
        if is_same and at - earlier.created_at < SAME_WITHIN:
            return earlier, False
    question = questions.post_question(
        session,
        space=space,
        author=author,
        title=title,
        body=body,
        topic_names=topic_names,
        visibility=visibility,
        mask=mask,
        at=masks.to_the_hour(at),
    )
    return question, True


def find_reveal(session: Session, question: Question) -> Reveal | None:
    """Return what stewards did to find out who asked."""
    return session.scalars(select(Reveal).where(Reveal.question_id == question.id)).one_or_none()


def reveal(
    session: Session, *, question: Question, by: Member, reason: str, at: datetime
) -> Reveal:
    """Ask to know who asked; when another steward asked before, agree. The author is told then.

    Raises:
        NotAllowed: the person is no steward of the space.
        Conflict: the question has an author, or the same person asked before.
        Invalid: there is no reason.
    """
    if not may(by, "reveal", question):
        raise NotAllowed(N_("Only stewards of this space can do this."), question=question.id)
    if not question.is_masked:
        raise Conflict(N_("This question was not asked anonymously."), question=question.id)
    found = find_reveal(session, question)
    if found is None:
        reason = _read_reason(reason)
        insert_once(
            session, Reveal, question_id=question.id, reason=reason, asked_by_id=by.id, asked_at=at,
        )  # fmt: skip
        found = find_reveal(session, question)
        assert found is not None, "it was made just now, by this steward or by another one"
        if found.asked_by_id == by.id:
            audit.record(session, "anonymity.asked", by=by, thing=question, why=reason, at=at)
            return found
    hold(session, found)  # of two who agree at once, one is written down
    if found.agreed_at is not None:
        return found
    if found.asked_by_id == by.id:
        raise Conflict(
            N_("You have asked already. Another steward of this space has to agree."),
            question=question.id,
        )
    found.agreed_by_id, found.agreed_at = by.id, at
    masks.tell(session, question)
    audit.record(session, "anonymity.revealed", by=by, thing=question, at=at)
    return found


def get_author(session: Session, *, question: Question, by: Member, key: InstanceKey) -> Member:
    """Return who asked, to the two stewards who agreed on it.

    Raises:
        NotFound: they did not.
        BrokenSeal: the instance key is another one since.
    """
    found = find_reveal(session, question)
    agreed = found is not None and found.agreed_at is not None
    if not agreed or by.id not in {found.asked_by_id, found.agreed_by_id}:  # type: ignore[union-attr]  # agreed: there is one
        raise NotFound(N_("There is nothing here, or it is not open to you."))
    mask = session.get_one(Mask, question.id)
    return session.scalars(
        select(Member).where(
            Member.id == masks.read_author_id(mask, key),
            Member.organization_id == by.organization_id,
        )
    ).one()


def _read_reason(reason: str) -> str:
    reason = one_line(reason)
    if not MIN_REASON <= len(reason) <= MAX_REASON:
        raise Invalid(
            N_("Say why, in %(least)s to %(most)s characters. Whoever asked will read it."),
            field="reason",
            least=MIN_REASON,
            most=MAX_REASON,
        )
    return reason
