"""Guides: made from threads, seen by whom their threads are seen by, and found by search."""

import json

import pytest

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Guide
from peerqa.models.moderating.audit import AuditEntry
from peerqa.models.space import Role, Visibility
from peerqa.permissions import may
from peerqa.search.answers import guide_texts
from peerqa.search.hits import reader_of
from peerqa.search.sight import visible
from peerqa.search.texts import read_texts
from peerqa.services import members, notifications, questions, reading, spaces
from peerqa.services.admin import space_keeping
from peerqa.services.answering import marks, revisions
from peerqa.services.answering.restoring import restore_revision
from peerqa.services.finding.filters import list_passing, read_filters
from peerqa.services.finding.operators import Term
from peerqa.services.finding.unanswered import list_unanswered
from peerqa.services.moderating import rulings
from peerqa.services.posts import EditConflict
from peerqa.services.upkeep import guides, retiring
from tests.conftest import NOON, make_member


def make(session, space, by, sources, **more):
    texts = {"title": "All on label printers", "body": "Hold **feed**.", "topic_names": ["labels"]}
    return guides.make_guide(
        session, space=space, by=by, source_ids=sources, at=NOON, **{**texts, **more}
    )


def edit(session, guide, by, sources, *, version, body="Hold it longer."):
    guides.edit_guide(
        session, guide=guide, by=by, title=guide.title, body=body, topic_names=["labels"],
        source_ids=sources, version=version, why="", at=NOON,
    )  # fmt: skip


def test_a_guide_cites_its_threads_and_they_cite_it(session, space, question, alice, steward):
    guide = make(session, space, steward, [question.id])

    assert guides.get_guide(session, alice, guide.id).html == "<p>Hold <strong>feed</strong>.</p>\n"
    assert guides.list_sources(session, guide, reader=alice) == [question]
    cited = marks.list_marks(session, alice, question, [question.id]).guides
    assert [each.title for each in cited] == ["All on label printers"]
    assert guides.list_guides(session, alice) == [guide]
    retiring.retire_post(session, post=guide, by=steward, why="", at=NOON)
    assert marks.list_marks(session, alice, question, [question.id]).guides == []


def test_a_guide_is_found_and_stands_in_no_list_of_questions(
    session, space, question, alice, steward
):
    def passing(key, value):
        return list_passing(session, read_filters(session, alice, [Term(key, value)]))

    guide = make(session, space, steward, [question.id])

    seen = visible(session, reader_of(alice), [guide.id])[guide.id]
    assert (seen.is_guide, seen.live_count) == (True, 1)
    assert guide_texts(session, [guide.id])[guide.id].plain == guide.plain
    (text,) = read_texts(session, [guide.id])
    assert text.is_quoted
    assert not text.is_answer
    assert passing("kind", "guide") == passing("topic", "labels") == {guide.id}
    assert passing("is", "open") == passing("kind", "question") == {question.id}
    assert list(reading.list_questions(session, alice).rows) == [question]
    assert list(list_unanswered(session, read_filters(session, alice, [])).rows) == [question]
    with pytest.raises(NotFound):
        questions.get_question(session, alice, guide.id)
    assert not may(alice, "comment", guide)

    retiring.retire_post(session, post=guide, by=steward, why="", at=NOON)
    assert visible(session, reader_of(alice), [guide.id])[guide.id].live_count == 0


def test_a_guide_is_seen_by_whom_its_threads_are_seen_by(
    session, space, closed_space, question, alice, bob, steward, carol
):
    members.join_space(session, member=steward, space=closed_space, role=Role.STEWARD)
    secret = questions.post_question(
        session, space=closed_space, author=steward, title="What do we pay for it?",
        visibility=Visibility.SPACE, at=NOON,
    )  # fmt: skip
    with pytest.raises(Invalid, match="another space alone"):
        make(session, space, steward, [question.id, secret.id])

    guide = make(session, closed_space, steward, [question.id, secret.id])

    assert guides.find_guide(session, steward, guide.id) is guide
    for outsider in (alice, bob, carol):
        assert guides.find_guide(session, outsider, guide.id) is None
        assert visible(session, reader_of(outsider), [guide.id]) == {}
        assert guides.list_guides(session, outsider) == []
    assert marks.list_marks(session, alice, question, [question.id]).guides == []


def test_a_space_that_is_closed_takes_what_was_made_of_its_threads_out_of_sight(
    session, organization, space, question, alice, steward
):
    elsewhere = spaces.make_new_space(session, organization=organization, name="Elsewhere", at=NOON)
    editor = make_member(session, organization, name="Ed")
    for member in (editor, steward):
        members.join_space(session, member=member, space=elsewhere, role=Role.STEWARD)
    own = make(session, space, steward, [question.id])
    other = make(session, elsewhere, editor, [question.id])

    space_keeping.change_space(
        session, space=space, name=space.name, description="", visibility=Visibility.SPACE,
        by=steward, at=NOON,
    )  # fmt: skip
    session.expire_all()

    reader = make_member(session, organization, name="Rita")
    assert own.visibility == other.visibility == Visibility.SPACE
    assert guides.list_guides(session, reader) == guides.list_guides(session, editor) == []
    assert visible(session, reader_of(editor), [other.id]) == {}
    (told,) = notifications.list_unread(session, editor)
    assert (told.reason, told.question_id) == ("moderated", other.id)
    (ruling,) = rulings.list_rulings(session, other, for_author=True)
    assert ruling.why == "It was made from a thread of a space that is closed now."
    with pytest.raises(Conflict, match="only another space sees"):
        rulings.rule(session, post=other, act="restored", by=steward, why="It is right.", at=NOON)
    with pytest.raises(Invalid, match="no thread"):
        make(session, elsewhere, editor, [question.id])


def test_a_thread_out_of_the_editors_sight_is_named_by_its_number(
    session, space, closed_space, question, alice, steward
):
    guide = make(session, space, steward, [question.id])
    question.space, question.visibility = closed_space, Visibility.SPACE.value
    session.flush()
    with pytest.raises(Invalid, match=f"Thread {question.id} is seen by another space"):
        edit(session, guide, steward, [question.id], version=1)


def test_a_guide_that_cites_less_is_seen_by_no_more(session, space, question, bob, steward):
    secret = questions.post_question(
        session, space=space, author=steward, title="What do we pay for it?",
        visibility=Visibility.SPACE, at=NOON,
    )  # fmt: skip
    guide = make(session, space, steward, [question.id, secret.id])
    edit(session, guide, steward, [question.id], version=1)

    assert guides.list_sources(session, guide, reader=steward) == [question]
    assert guide.visibility == Visibility.SPACE
    assert guides.find_guide(session, bob, guide.id) is None


def test_other_threads_are_an_edit_that_conflicts_and_is_audited(
    session, space, question, steward, bob
):
    other = questions.post_question(
        session, space=space, author=bob, title="Why does it blink?", at=NOON
    )
    guide = make(session, space, steward, [question.id])
    edit(session, guide, steward, [other.id], version=1, body=guide.body)
    edit(session, guide, steward, [other.id], version=1, body=guide.body)  # sent twice
    with pytest.raises(EditConflict):
        edit(session, guide, steward, [question.id, other.id], version=1, body=guide.body)

    assert [each.version for each in revisions.list_revisions(session, guide)] == [2, 1]
    (entry,) = session.query(AuditEntry).filter_by(act="post.cited")
    assert json.loads(entry.details) == {"added": str(other.id), "removed": str(question.id)}


def test_whoever_made_a_guide_hears_that_it_is_retired(
    session, organization, space, question, steward
):
    keeper = make_member(session, organization, name="Kim")
    members.join_space(session, member=keeper, space=space, role=Role.STEWARD)
    guide = make(session, space, keeper, [question.id])
    retiring.retire_post(session, post=guide, by=steward, why="", at=NOON)

    (told,) = notifications.list_unread(session, keeper)
    assert (told.reason, told.question_id) == ("retired", guide.id)
    assert notifications.count_unread(session, keeper) == 1


def test_only_stewards_make_and_edit_guides(session, space, question, alice, steward):
    with pytest.raises(NotAllowed):
        make(session, space, alice, [question.id])
    guide = make(session, space, steward, [question.id])
    with pytest.raises(NotAllowed):
        edit(session, guide, alice, [question.id], version=1)


def test_an_edit_is_kept_conflicts_and_is_undone(session, space, question, steward, bob):
    other = questions.post_question(
        session, space=space, author=bob, title="Why does it blink?", at=NOON
    )
    guide = make(session, space, steward, [question.id])
    edit(session, guide, steward, [other.id], version=1)
    edit(session, guide, steward, [other.id], version=1)  # the same form, sent twice
    with pytest.raises(EditConflict):
        edit(session, guide, steward, [other.id], version=1, body="Mine.")

    assert guides.list_sources(session, guide, reader=steward) == [other]
    first = revisions.get_revision(session, guide, 1)
    assert (first.title, first.body) == ("All on label printers", "Hold **feed**.")
    restore_revision(session, post=guide, revision=first, by=steward, version=2, at=NOON)
    assert guide.body == "Hold **feed**."


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("5", [5]),
        (" 5, https://ask.example.org/questions/7?post=8#post-8\n/questions/9 5", [5, 7, 9]),
    ],
)
def test_threads_are_read_from_addresses_and_numbers(typed, ids):
    assert guides.read_sources(typed) == ids


@pytest.mark.parametrize(
    "typed", ["", "no number", "-1", "9" * 11, ", ".join(map(str, range(1, 22))), "5 <b>"]
)
def test_what_names_no_threads_is_refused(typed):
    with pytest.raises(Invalid):
        guides.read_sources(typed)


def test_a_thread_that_is_gone_is_named_and_nothing_is_made(
    session, space, question, steward, carol
):
    with pytest.raises(Invalid, match=f"no thread with the number {2**31 - 1}"):
        make(session, space, steward, [question.id, 2**31 - 1])
    for bad in ({"title": ""}, {"body": "  "}):
        with pytest.raises(Invalid):
            make(session, space, steward, [question.id], **bad)
    assert session.query(Guide).count() == 0
