import pytest

from peerqa import outbox
from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Question
from peerqa.models.space import Role, Visibility
from peerqa.permissions import may
from peerqa.services import answers, members, questions
from peerqa.services.notifications import list_unread
from peerqa.services.posts import EditConflict
from tests.conftest import NOON, make_member


def ask(session, space, author, title="How do I reset it?", **more) -> Question:
    return questions.post_question(
        session, space=space, author=author, title=title, at=NOON, **more
    )


def edit(session, question, by, *, title="How do I reset it now?", version=1, **more) -> None:
    questions.edit_question(
        session, question=question, by=by, title=title, version=version, at=NOON,
        **{"body": "It **hums**.", "topic_names": ["printer"], **more},
    )  # fmt: skip


def waiting(session) -> int:
    return outbox.count_waiting(session).get("index", 0)


def test_a_question_is_stored_rendered_and_asked_to_be_indexed(session, space, alice, bob):
    made = ask(session, space, alice, title="  How  do I\nreset it? ", body="It *hums*.\r\n")

    found = questions.get_question(session, bob, made.id)
    assert (found.title, found.body, found.author) == ("How do I reset it?", "It *hums*.", alice)
    assert (found.html, found.plain.strip()) == ("<p>It <em>hums</em>.</p>\n", "It hums.")
    assert (found.version, found.answer_count, found.is_solved) == (1, 0, False)
    assert waiting(session) == 1


def test_a_question_needs_no_details(session, space, alice):
    assert ask(session, space, alice, body=" \n").body == ""


@pytest.mark.parametrize("title", ["", "    ", "Why?", "\x00" * 9, "a" * 151, "\ud800", "a b\tc"])
def test_a_title_that_is_empty_or_too_long_is_refused(session, space, alice, title):
    if title == "a b\tc":
        assert questions.read_title(title) == "a b c"
        return
    with pytest.raises(Invalid) as refused:
        ask(session, space, alice, title=title)

    assert refused.value.field == "title"


def test_a_title_has_from_5_to_150_characters(session, space, alice):
    for title in ("Why x", "a" * 150, "ä" * 150):
        assert ask(session, space, alice, title=title).title == title
    with pytest.raises(Invalid, match=r"151 characters.*at most 150"):
        ask(session, space, alice, title="a" * 151)


def test_details_have_at_most_20000_characters(session, space, alice):
    assert len(ask(session, space, alice, body="a " * 10_000 + "\n").body) == 19_999
    with pytest.raises(Invalid, match="20001 characters") as refused:
        ask(session, space, alice, body="a" * 20_001)

    assert refused.value.field == "body"


def test_what_cannot_be_stored_is_left_out_of_a_question(session, space, alice):
    made = ask(session, space, alice, title="How do\x00 I \ud800 reset it?", body="a\x00b \ud800")

    session.refresh(made)
    assert made.title == "How do I ? reset it?"
    assert made.body == "ab ?"


@pytest.mark.parametrize("wanted", Visibility)
def test_a_closed_space_narrows_whom_its_questions_are_for(session, closed_space, alice, wanted):
    members.join_space(session, member=alice, space=closed_space)

    assert ask(session, closed_space, alice, visibility=wanted).visibility == Visibility.SPACE


def test_a_question_for_its_space_is_seen_there_only(session, space, alice, bob, admin, carol):
    members.join_space(session, member=alice, space=space)
    made = ask(session, space, alice, visibility=Visibility.SPACE)

    assert questions.get_question(session, alice, made.id) is made
    for other in (bob, admin, carol):
        with pytest.raises(NotFound):
            questions.get_question(session, other, made.id)


def test_nobody_asks_where_they_may_not_look(session, space, closed_space, bob, admin, carol):
    for who, where in ((bob, closed_space), (admin, closed_space), (carol, space)):
        with pytest.raises(NotAllowed):
            ask(session, where, who)
    assert waiting(session) == 0


def test_missing_foreign_and_deleted_look_the_same(session, question, alice, bob, carol):
    said = set()
    for member, question_id in ((bob, 2**31 - 1), (carol, question.id), (bob, question.id)):
        if member is bob and question_id == question.id:
            questions.delete_question(session, question=question, by=alice, at=NOON)
        with pytest.raises(NotFound) as refused:
            questions.get_question(session, member, question_id)
        said.add((str(refused.value), refused.value.code))
    assert len(said) == 1


def test_an_edit_changes_everything_that_was_made_from_the_text(session, question, alice):
    edit(session, question, alice)

    session.expire_all()
    assert (question.title, question.plain.strip()) == ("How do I reset it now?", "It hums.")
    assert [topic.name for topic in question.topics] == ["printer"]
    assert (question.version, question.edited_at) == (2, NOON)
    assert waiting(session) == 2


def test_the_second_of_two_edits_from_one_text_is_told_what_is_there(session, question, alice):
    edit(session, question, alice)

    with pytest.raises(EditConflict) as refused:
        edit(session, question, alice, title="What was wrong with it?")

    assert refused.value.present is question
    assert (question.title, question.version) == ("How do I reset it now?", 2)


def test_only_the_asker_and_stewards_edit(session, question, bob, admin, carol, steward):
    for other in (bob, admin, carol):
        with pytest.raises(NotAllowed):
            edit(session, question, other)
    edit(session, question, steward)

    assert question.version == 2


def test_a_bad_edit_changes_nothing(session, question, alice):
    with pytest.raises(Invalid):
        edit(session, question, alice, title="")
    session.expire_all()

    assert (question.title, question.version) == ("How do I reset the label printer?", 1)


def test_a_question_that_is_taken_back_goes_with_its_answers(session, question, bob, steward):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)
    before = waiting(session)

    questions.delete_question(session, question=question, by=steward, at=NOON)

    with pytest.raises(NotFound):
        answers.get_answer(session, bob, answer.id)
    assert waiting(session) == before + 2


def test_the_asker_takes_back_what_nobody_has_answered(session, question, alice):
    questions.delete_question(session, question=question, by=alice, at=NOON)

    assert question.deleted_at == NOON


def test_what_colleagues_have_answered_is_theirs_too(session, question, alice, bob, steward):
    answer = answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)

    with pytest.raises(NotAllowed, match="answered"):
        questions.delete_question(session, question=question, by=alice, at=NOON)
    assert question.deleted_at is None
    assert not may(alice, "delete", question)
    assert may(alice, "edit", question)
    assert may(steward, "delete", question)

    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    assert may(alice, "delete", question)
    questions.delete_question(session, question=question, by=alice, at=NOON)
    assert question.deleted_at == NOON


def test_an_answer_of_ones_own_does_not_keep_a_question(session, question, alice):
    answers.post_answer(session, question=question, author=alice, body="Found it.", at=NOON)

    questions.delete_question(session, question=question, by=alice, at=NOON)

    assert question.deleted_at == NOON


def test_only_the_asker_and_stewards_take_back(session, question, bob, admin, carol):
    for other in (bob, admin, carol):
        with pytest.raises(NotAllowed):
            questions.delete_question(session, question=question, by=other, at=NOON)


def test_of_two_who_mark_each_others_duplicate_one_is_refused(session, space, alice, steward):
    first, second = ask(session, space, alice), ask(session, space, alice)

    questions.mark_duplicate(session, question=second, of=first, by=steward, at=NOON)
    with pytest.raises(Conflict):
        questions.mark_duplicate(session, question=first, of=second, by=steward, at=NOON)
    with pytest.raises(Conflict):
        questions.mark_duplicate(session, question=first, of=first, by=steward, at=NOON)

    assert (first.duplicate_of_id, second.duplicate_of_id) == (None, first.id)


def test_duplicates_point_to_the_first_whatever_the_order(session, space, alice, steward):
    a, b, c = (ask(session, space, alice) for _ in range(3))
    questions.mark_duplicate(session, question=b, of=a, by=steward, at=NOON)
    questions.mark_duplicate(session, question=c, of=b, by=steward, at=NOON)
    assert c.duplicate_of_id == a.id

    d = ask(session, space, alice)
    questions.mark_duplicate(session, question=a, of=d, by=steward, at=NOON)

    assert [questions.find_original(session, one) for one in (a, b, c, d)] == [d] * 4
    with pytest.raises(Conflict):
        questions.mark_duplicate(session, question=d, of=c, by=steward, at=NOON)


def test_a_ring_that_was_stored_somehow_ends(session, space, alice):
    a, b = ask(session, space, alice), ask(session, space, alice)
    a.duplicate_of_id, b.duplicate_of_id = b.id, a.id
    session.flush()

    assert questions.find_original(session, a) is b


def test_an_original_that_was_taken_back_stands_for_nobody(session, space, alice, steward):
    a, b = ask(session, space, alice), ask(session, space, alice)
    questions.mark_duplicate(session, question=b, of=a, by=steward, at=NOON)
    questions.delete_question(session, question=a, by=alice, at=NOON)

    assert questions.find_original(session, b) is b


def test_the_asker_hears_of_a_duplicate_once(session, space, question, bob, steward):
    first = ask(session, space, bob)
    for _ in range(2):
        questions.mark_duplicate(session, question=question, of=first, by=steward, at=NOON)

    assert [n.reason for n in list_unread(session, question.author)] == ["duplicate"]


def test_only_who_asked_and_stewards_of_its_space_mark_a_duplicate(
    session, space, question, alice, bob, admin, closed_space, carol
):
    first = ask(session, space, bob)
    other = make_member(session, alice.organization, "Olga Other")
    members.join_space(session, member=other, space=closed_space, role=Role.STEWARD)
    for who in (bob, admin, other, carol):
        with pytest.raises(NotAllowed):
            questions.mark_duplicate(session, question=question, of=first, by=who, at=NOON)


def test_a_duplicate_of_what_one_may_not_see_is_refused(session, question, closed_space, steward):
    insider = make_member(session, steward.organization, "Ines Insider")
    members.join_space(session, member=insider, space=closed_space)
    hidden = ask(session, closed_space, insider)

    with pytest.raises(NotAllowed):
        questions.mark_duplicate(session, question=question, of=hidden, by=steward, at=NOON)


def test_a_duplicate_of_what_fewer_may_see_is_refused(session, question, closed_space, steward):
    """Else everybody who sees the question would read the title of the closed one."""
    members.join_space(session, member=steward, space=closed_space)
    hidden = ask(session, closed_space, steward)

    with pytest.raises(Conflict, match="fewer"):
        questions.mark_duplicate(session, question=question, of=hidden, by=steward, at=NOON)
    assert question.duplicate_of_id is None
