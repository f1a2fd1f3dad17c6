"""Every text that a post ever had can be read and restored, and says who wrote it, when and why."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from peerqa.errors import Invalid, NotAllowed, NotFound
from peerqa.models import OutboxRow, Revision
from peerqa.services import answers, comments, questions
from peerqa.services.answering import revisions
from peerqa.services.answering.restoring import restore_revision
from peerqa.services.posts import EditConflict
from tests.conftest import NOON

LATER = NOON + timedelta(days=1)


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)


def edit(session, answer, by, body, version, **more):
    answers.edit_answer(session, answer=answer, by=by, body=body, version=version, at=LATER, **more)


def kept(session, post):
    return [
        (row.version, row.body, row.editor.name if row.editor else row.is_by_author, row.why)
        for row in revisions.list_revisions(session, post)
    ]


def test_an_edit_keeps_both_texts_with_who_when_and_why(session, answer, bob, steward):
    edit(session, answer, steward, "Two.", 1, why=" It  moved\nto hall 2. ")
    edit(session, answer, bob, "Three.", 2)

    assert kept(session, answer) == [
        (3, "Three.", True, ""),
        (2, "Two.", "Sam Steward", "It moved to hall 2."),
        (1, "One.", True, ""),
    ]
    assert [row.created_at for row in revisions.list_revisions(session, answer)] == [
        LATER, LATER, NOON,
    ]  # fmt: skip


def test_of_its_author_no_id_is_written_down(session, answer, bob):
    edit(session, answer, bob, "Two.", 1)

    assert session.scalars(select(Revision.editor_id)).all() == [None, None]


def test_what_nobody_edited_has_one_text_and_no_row(session, answer):
    assert kept(session, answer) == [(1, "One.", True, "")]
    assert session.scalar(select(func.count()).select_from(Revision)) == 0


def test_a_question_keeps_title_and_topics_too(session, question, alice):
    questions.edit_question(
        session, question=question, by=alice, title="How is it reset?", body="",
        topic_names=["printer", "labels"], version=1, at=LATER,
    )  # fmt: skip

    after, before = revisions.list_revisions(session, question)
    assert (before.title, before.topics) == ("How do I reset the label printer?", "label-printer")
    assert (after.title, after.topics) == ("How is it reset?", "labels, printer")

    restore_revision(session, post=question, revision=before, by=alice, version=2, at=LATER)
    assert (question.version, question.title) == (3, "How do I reset the label printer?")
    assert [topic.name for topic in question.topics] == ["label-printer"]
    assert revisions.list_revisions(session, question)[0].restored_version == 1


def test_restoring_is_an_edit_that_is_indexed(session, answer, bob):
    edit(session, answer, bob, "Two.", 1)
    asked = session.scalar(select(func.count()).where(OutboxRow.key == str(answer.id)))
    first = revisions.get_revision(session, answer, 1)

    for _ in range(2):  # a double click
        restore_revision(session, post=answer, revision=first, by=bob, version=2, at=LATER)

    assert (answer.version, answer.body, answer.html) == (3, "One.", "<p>One.</p>\n")
    assert session.scalar(select(func.count()).where(OutboxRow.key == str(answer.id))) == asked + 1


def test_restoring_never_overwrites(session, answer, bob):
    edit(session, answer, bob, "Two.", 1)
    edit(session, answer, bob, "Three.", 2)
    first = revisions.get_revision(session, answer, 1)

    with pytest.raises(EditConflict):
        restore_revision(session, post=answer, revision=first, by=bob, version=2, at=LATER)
    assert answer.body == "Three."


def test_only_who_may_edit_restores(session, answer, bob, alice):
    edit(session, answer, bob, "Two.", 1)

    with pytest.raises(NotAllowed):
        restore_revision(
            session, post=answer, revision=revisions.get_revision(session, answer, 1),
            by=alice, version=2, at=LATER,
        )  # fmt: skip


def test_the_same_text_sent_twice_is_one_edit_and_no_conflict(session, answer, bob):
    for _ in range(2):
        edit(session, answer, bob, "Two.", 1)

    assert answer.version == 2


def test_a_text_that_an_import_wrote_names_nobody(session, answer, bob):
    answer.version, answer.body = 2, "Imported."
    edit(session, answer, bob, "Mine.", 2)

    assert kept(session, answer) == [(3, "Mine.", True, ""), (2, "Imported.", False, "")]


def test_a_comment_keeps_its_texts_and_is_not_indexed(session, answer, bob):
    remark = comments.post_comment(session, parent=answer, author=bob, body="Yes.", at=NOON)
    comments.edit_comment(session, comment=remark, by=bob, body="No.", version=1, at=LATER)

    assert kept(session, remark) == [(2, "No.", True, ""), (1, "Yes.", True, "")]
    assert session.scalar(select(func.count()).where(OutboxRow.key == str(remark.id))) == 0


def test_what_cannot_be_taken_changes_nothing(session, answer, bob):
    with pytest.raises(Invalid):
        edit(session, answer, bob, "Two.", 1, why="x" * 201)
    with pytest.raises(NotFound):
        revisions.get_revision(session, answer, 7)

    assert (answer.version, answer.body) == (1, "One.")
