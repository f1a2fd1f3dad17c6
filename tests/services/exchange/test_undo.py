"""Undoing gives back exactly what was, and never loses a colleague's work silently."""

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, NotFound
from peerqa.models import (
    Answer,
    Comment,
    ImportBatch,
    MailSetting,
    Member,
    OutboxRow,
    Question,
    Space,
    Topic,
)
from peerqa.services import answers, comments, members, questions, votes
from peerqa.services.answering import merges
from peerqa.services.exchange.undoing import ImportInUse, undo_batch
from peerqa.services.notifying import digests
from tests.conftest import NOON
from tests.services.exchange.conftest import count, rows_of_every_table
from tests.services.exchange.dumps import answer, comment, link, question, user, vote

THREAD = {
    "Users": [user(5, "Ann"), user(6, "Ben")],
    "Posts": [
        question(1, "Why?", OwnerUserId=5, AcceptedAnswerId=2),
        answer(2, 1, OwnerUserId=6),
        question(3, "Why again?"),
    ],
    "Comments": [comment(1, 2), comment(2, 1)],
    "PostLinks": [link(1, 3, 1)],
    "Votes": [vote(1, 2)],
}
MORE = {
    **THREAD,
    "Posts": [
        question(1, "Why, really?", OwnerUserId=5, AcceptedAnswerId=4, Tags="<other>"),
        answer(2, 1, OwnerUserId=6, Body="<p>Changed.</p>"),
        question(3, "Why again?"),
        answer(4, 1, OwnerUserId=5, CreationDate="2021-01-01T00:00:00.000"),
    ],
    "Comments": [comment(1, 2, Text="Changed."), comment(2, 1), comment(3, 4)],
    "Votes": [vote(1, 2), vote(2, 2), vote(3, 1)],
}


def find(session, title: str) -> Question:
    return session.scalars(select(Question).where(Question.title == title)).one()


def undo(session, batch: int, *, is_forced: bool = False):
    report = undo_batch(session, batch, at=NOON, is_forced=is_forced)
    session.expire_all()
    return report


def test_undoing_removes_exactly_what_was_added(session, bring, question_of_ours):
    before = rows_of_every_table(session)
    batch = bring(**THREAD).batch
    posts = session.scalars(select(Question.id).where(Question.id != question_of_ours.id)).all()

    report = undo(session, batch)

    assert rows_of_every_table(session) == before
    assert report.removed == {
        "questions": 2, "answers": 1, "comments": 2, "members": 2, "topics": 1, "spaces": 1,
    }  # fmt: skip
    asked = session.scalars(select(OutboxRow.key).order_by(OutboxRow.id.desc()).limit(3)).all()
    assert {str(post) for post in posts} <= set(asked)


@pytest.fixture
def question_of_ours(session, alice, bob, space):
    ours = questions.post_question(session, space=space, author=alice, title="Ours?", at=NOON)
    answers.post_answer(session, question=ours, author=bob, body="Yes.", at=NOON)
    return ours


def test_undoing_a_newer_dump_restores_what_it_changed(session, bring):
    bring(**THREAD)
    before = rows_of_every_table(session)
    report = bring(**MORE)
    assert find(session, "Why, really?").answer_count == 2

    undone = undo(session, report.batch)

    assert rows_of_every_table(session) == before
    assert undone.restored > 0
    assert undone.removed["answers"] == undone.removed["comments"] == 1


def test_batches_are_undone_newest_first(session, bring):
    before = rows_of_every_table(session)
    first, second = bring(**THREAD).batch, bring(**MORE).batch

    with pytest.raises(ImportInUse, match=f"Import {second} builds on import {first}: undo"):
        undo(session, first, is_forced=True)
    undo(session, second)
    undo(session, first)

    assert rows_of_every_table(session) == before


def test_batches_that_share_only_people_are_undone_in_any_order(session, bring):
    before = rows_of_every_table(session)
    people = {"Users": THREAD["Users"]}
    first = bring(**people, Posts=[question(1, OwnerUserId=5)]).batch
    second = bring(**people, Posts=[question(9, "Else?", OwnerUserId=5)]).batch

    undo(session, first)
    assert [q.author.name for q in session.scalars(select(Question))] == ["Ann"]
    undo(session, second)

    assert rows_of_every_table(session) == before


def test_a_batch_is_undone_once(session, bring):
    batch = bring(**THREAD).batch
    undo(session, batch)

    with pytest.raises(Conflict, match="undone already"):
        undo(session, batch)
    with pytest.raises(NotFound):
        undo(session, batch + 1)
    assert session.get(ImportBatch, batch).undone_at == NOON


def test_an_import_can_be_brought_again_after_undoing(session, bring):
    undo(session, bring(**THREAD).batch)

    assert bring(**THREAD).questions.added == 2


def _answer(session, asked, bob, steward):
    answers.post_answer(session, question=asked, author=bob, body="I know.", at=NOON)


def _comment(session, asked, bob, steward):
    comments.post_comment(session, parent=asked, author=bob, body="Hm.", at=NOON)


def _vote(session, asked, bob, steward):
    votes.set_vote(session, post=asked, by=bob, wanted=True, at=NOON)


def _edit(session, asked, bob, steward):
    questions.edit_question(
        session, question=asked, by=steward, title="Better?", body="", topic_names=[], version=1,
        at=NOON,
    )  # fmt: skip


def _accept(session, asked, bob, steward):
    second = session.scalars(select(Answer).order_by(Answer.id.desc())).first()
    answers.accept_answer(session, answer=second, by=steward, at=NOON)


def _mark(session, asked, bob, steward):
    ours = questions.post_question(session, space=asked.space, author=bob, title="Ours?", at=NOON)
    questions.mark_duplicate(session, question=ours, of=asked, by=steward, at=NOON)


USES = {
    "1 answers": _answer, "1 comments": _comment, "1 votes": _vote, "1 edits": _edit,
    "1 accepted answers": _accept, "1 duplicates": _mark,
}  # fmt: skip


@pytest.mark.parametrize("told", USES)
def test_what_colleagues_added_is_told_and_lost_only_by_force(session, bring, bob, steward, told):
    report = bring("Workshop", Posts=[question(1, "Why?"), answer(2, 1), answer(3, 1)])
    USES[told](session, find(session, "Why?"), bob, steward)
    before = rows_of_every_table(session)

    with pytest.raises(ImportInUse, match=f"since: {told}. Undo with --force"):
        undo(session, report.batch)
    assert rows_of_every_table(session) == before
    undo(session, report.batch, is_forced=True)

    left = ["Ours?"] if told == "1 duplicates" else []
    assert [q.title for q in session.scalars(select(Question))] == left
    assert count(session, Answer) == count(session, Comment) == 0
    assert all(q.duplicate_of_id is None for q in session.scalars(select(Question)))


def test_a_question_that_was_merged_into_what_goes_stands_for_itself_again(
    session, bring, bob, steward
):
    batch = bring("Workshop", Posts=[question(1, "Why?")]).batch
    there = find(session, "Why?")
    ours = questions.post_question(session, space=there.space, author=bob, title="Ours?", at=NOON)
    merges.merge(session, source=ours, target=there, by=steward, at=NOON)

    undo(session, batch, is_forced=True)

    assert (ours.merged_at, ours.duplicate_of_id) == (None, None)


def test_mornings_that_mail_has_for_everybody_keep_nobody(session, bring):
    batch = bring(**THREAD).batch
    for person in session.scalars(select(Member).where(Member.name.in_(["Ann", "Ben"]))):
        person.is_placeholder, person.email = False, f"{person.name}@example.org".lower()
    session.flush()
    assert digests.enroll(session, at=NOON) == 2

    assert undo(session, batch).removed["members"] == 2
    assert count(session, MailSetting) == 0


def test_topics_people_and_spaces_that_are_used_stay(session, bring, alice, organization):
    batch = bring(**THREAD).batch
    space = session.scalars(select(Space).where(Space.name == "Meta")).one()
    questions.post_question(
        session, space=space, author=alice, title="About wheels?", topic_names=["wheels"], at=NOON
    )
    ann = session.scalars(select(Member).where(Member.name == "Ann")).one()
    members.join_space(session, member=ann, space=space)

    report = undo(session, batch)

    assert (report.removed["members"], report.removed["topics"], report.removed["spaces"]) == (
        1, 0, 0,
    )  # fmt: skip
    assert session.scalars(select(Topic.name)).all() == ["wheels"]
    assert bring(**THREAD).members.added == 1, "Ann is met again"
