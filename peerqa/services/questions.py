"""Questions: asked, found, edited, linked as duplicates, taken back."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from peerqa import outbox
from peerqa.database import hold, one_line
from peerqa.errors import N_, Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Member, Question, Space, Standing
from peerqa.models.space import Visibility
from peerqa.permissions import may, reader_values, visible_to_reader
from peerqa.services import notifications, topics
from peerqa.services.answering import following, mentions
from peerqa.services.answering.deletions import take_out_of_sight
from peerqa.services.answering.revisions import read_why
from peerqa.services.asking.masks import NewMask, blur
from peerqa.services.asking.pictures import link_pictures
from peerqa.services.posts import begin_edit, end_edit, read_body, write_body
from peerqa.services.routing import ladder
from peerqa.services.spaces import refuse_archived
from peerqa.services.upkeep.edited import note_reworded

MIN_TITLE, MAX_TITLE = 5, 150


def post_question(
    session: Session,
    *,
    space: Space,
    author: Member,
    title: str,
    at: datetime,
    body: str = "",
    topic_names: Sequence[str] = (),
    visibility: Visibility = Visibility.ORGANIZATION,
    mask: NewMask | None = None,
) -> Question:
    """Ask a question in a space; in a closed space it is seen by the space only.

    Args:
        mask: what it gets instead of the author, who is then named nowhere.

    Raises:
        NotAllowed: the author may not ask there.
        Invalid: the title or the body cannot be taken.
    """
    # who closes or archives the space waits for this, or this for them: not seen by too many
    session.refresh(space, with_for_update={"read": True, "of": Space})
    refuse_archived(space)
    if not may(author, "ask", space):
        raise NotAllowed(N_("You cannot ask in this space."), space=space.id)
    question = Question(
        organization_id=space.organization_id,
        space=space,
        author=None if mask else author,
        is_masked=mask is not None,
        pseudonym=mask.pseudonym if mask else None,
        mask=mask.as_row() if mask else None,
        title=read_title(title),
        visibility=_narrower(space, visibility),
        created_at=at,
        active_at=at,
    )
    write_body(question, read_body(body, required=False))
    question.topics = topics.make_topics(session, space.organization_id, topic_names)
    session.add(question)
    session.flush()
    link_pictures(session, question)
    mentions.tell_mentioned(session, question, by=author, at=at)
    following.ask_to_tell(session, question, at=at)
    ladder.begin(session, question)
    outbox.ask(session, "index", str(question.id), at=at)
    return question


def get_question(session: Session, member: Member, question_id: int) -> Question:
    """Return a question that the member may see, with its author, space and topics.

    Raises:
        NotFound: there is none.
    """
    question = session.scalars(
        _one(), {**reader_values(member), "question": question_id}
    ).one_or_none()
    if question is None:
        raise NotFound(N_("There is no such question."), question=question_id)
    return question


@cache
def _one() -> Select[Question]:
    return (
        select(Question)
        .where(Question.id == bindparam("question"), visible_to_reader())
        .options(
            joinedload(Question.author).joinedload(Member.department),
            joinedload(Question.space),
            # Not duplicate_of: SQLite would first join all posts to all questions.
            joinedload(Question.standing).joinedload(Standing.retired_by),
            selectinload(Question.topics),
        )
    )


def edit_question(
    session: Session,
    *,
    question: Question,
    by: Member,
    title: str,
    body: str,
    topic_names: Sequence[str],
    version: int,
    at: datetime,
    why: str = "",
    restored_version: int | None = None,
) -> None:
    """Change the text of a question; its earlier text is kept.

    Args:
        version: of the text that the person began to edit.
        restored_version: the one whose text this is, when it is an earlier one.

    Raises:
        NotAllowed: it is somebody else's, and the person keeps not this space.
        EditConflict: somebody else was faster.
    """
    if not may(by, "edit", question):
        raise NotAllowed(
            N_("Only the person who asked and stewards can edit a question."), question=question.id
        )
    title, body, why = read_title(title), read_body(body, required=False), read_why(why)
    hold(session, question)
    asked = topics.make_topics(session, question.organization_id, topic_names)
    if (question.title, question.body, {*question.topics}) == (title, body, {*asked}):
        return  # a second submit of one form: what it wants is there
    begin_edit(session, question, version, by)
    if (question.title, question.body) != (title, body):
        note_reworded(session, question, by=by, at=at)
    question.title, question.topics = title, asked
    write_body(question, body)
    end_edit(session, question, by=by, why=why, at=at, restored_version=restored_version)
    if not question.is_guide:
        mentions.tell_mentioned(session, question, by=by, at=at)


def delete_question(session: Session, *, question: Question, by: Member, at: datetime) -> None:
    """Take a question back; its answers go out of sight and out of the index with it.

    Raises:
        NotAllowed: it is somebody else's; or colleagues have answered it, and only a steward may.
    """
    if not may(by, "edit", question):
        raise NotAllowed(
            N_("Only the person who asked and stewards can delete a question."),
            question=question.id,
        )
    hold(session, question)  # an answer that is given at this moment waits, or is seen
    if question.deleted_at is not None:
        return
    refuse_answered(question, by=by)
    take_out_of_sight(session, question, question, by=by, at=blur(by, question, at))


def mark_duplicate(
    session: Session, *, question: Question, of: Question, by: Member, at: datetime
) -> None:
    """Say that a question was asked before; its asker is told where.

    Raises:
        NotAllowed: the person neither asked it nor keeps its space.
        Conflict: the two would point at each other, or not all who see it may see the other.
    """
    if not may(by, "mark_duplicate", question) or not may(by, "see", of):
        raise NotAllowed(
            N_("Only who asked and stewards can mark a duplicate."), question=question.id
        )
    take_turns(session, by)
    for one in sorted((question, of), key=lambda post: post.id):
        hold(session, one)
    original = find_original(session, of)
    if original.id == question.id:
        raise Conflict(
            N_("These two would be duplicates of each other."), question=question.id, of=of.id
        )
    if question.merged_at is not None:
        raise Conflict(N_("This question was merged already."), question=question.id)
    if question.duplicate_of_id == original.id:
        return
    if original.visibility == Visibility.SPACE and (
        question.visibility != Visibility.SPACE or question.space_id != original.space_id
    ):
        raise Conflict(
            N_("The earlier question is seen by fewer people than this one."),
            question=question.id,
            of=original.id,
        )
    question.duplicate_of_id = original.id
    session.flush()
    notifications.notify_author(session, question, reason="duplicate", by=by, at=at)


def unmark_duplicate(session: Session, *, question: Question, by: Member) -> None:
    """Say that a question is one of its own after all; harmless twice.

    Raises:
        NotAllowed: the person neither asked it nor keeps its space.
        Conflict: it was merged, which is undone otherwise.
    """
    if not may(by, "mark_duplicate", question):
        raise NotAllowed(
            N_("Only who asked and stewards can mark a duplicate."), question=question.id
        )
    hold(session, question)
    if question.merged_at is not None:
        raise Conflict(N_("Its answers have moved. Undo the merge instead."), question=question.id)
    question.duplicate_of_id = None
    session.flush()
    notifications.forget(session, question.id, reason="duplicate")


def take_turns(session: Session, member: Member) -> None:
    """Have links between questions made one after the other, so that no two close a circle."""
    hold(session, member.organization)


def refuse_answered(question: Question, *, by: Member) -> None:
    """Say who can delete what colleagues have answered.

    Raises:
        NotAllowed: the person may not.
    """
    if not may(by, "delete", question):
        raise NotAllowed(
            N_("Colleagues have answered this. A steward of the space can delete it."),
            question=question.id,
        )


def find_visible_original(question: Question, *, reader: Member) -> Question | None:
    """Return the question that this one duplicates, when the reader may know of it."""
    if question.duplicate_of_id is None:
        return None
    original = question.duplicate_of
    return original if original is not None and may(reader, "see", original) else None


def find_original(session: Session, question: Question) -> Question:
    """Follow the duplicate links to the question that stands for them all."""
    seen = {question.id}
    while question.duplicate_of_id is not None and question.duplicate_of_id not in seen:
        original = session.get(Question, question.duplicate_of_id)
        if original is None or original.deleted_at is not None:
            break
        question = original
        seen.add(question.id)
    return question


def read_title(title: str) -> str:
    """Tidy a title.

    Raises:
        Invalid: it is empty or too long.
    """
    title = one_line(title)
    if len(title) < MIN_TITLE:
        raise Invalid(N_("Write your question in one sentence."), field="title")
    if len(title) > MAX_TITLE:
        raise Invalid(
            N_("This has %(count)s characters; a title has at most %(most)s. Put the rest below."),
            field="title",
            count=len(title),
            most=MAX_TITLE,
        )
    return title


def _narrower(space: Space, visibility: Visibility) -> str:
    if space.visibility == Visibility.SPACE:
        return Visibility.SPACE.value
    return visibility.value
