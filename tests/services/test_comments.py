import pytest

from peerqa.errors import Invalid, NotAllowed, NotFound
from peerqa.models.space import Visibility
from peerqa.services import answers, comments, questions
from peerqa.services.notifications import list_unread
from peerqa.services.posts import EditConflict
from tests.conftest import NOON


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="So.", at=NOON)


def remark(session, parent, author, body="Which *one*?"):
    return comments.post_comment(session, parent=parent, author=author, body=body, at=NOON)


def test_a_remark_stands_under_its_post_and_its_author_is_told(
    session, question, answer, alice, bob, steward
):
    on_question, on_answer = (remark(session, post, steward) for post in (question, answer))

    assert comments.list_comments(session, question) == {
        question.id: [on_question],
        answer.id: [on_answer],
    }
    assert on_answer.html == "<p>Which <em>one</em>?</p>\n"
    assert [told.reason for told in list_unread(session, bob)] == ["commented"]
    assert {told.reason for told in list_unread(session, alice)} == {"answered", "commented"}


def test_remarks_are_listed_oldest_first(session, question, bob):
    written = [remark(session, question, bob, f"Remark {n}") for n in range(3)]

    assert comments.list_comments(session, question)[question.id] == written


@pytest.mark.parametrize("body", ["", "  \n", "\x00", "a" * 1001])
def test_a_remark_that_is_empty_or_too_long_is_refused(session, question, bob, body):
    with pytest.raises(Invalid) as refused:
        remark(session, question, bob, body)

    assert refused.value.field == "body"
    assert comments.list_comments(session, question) == {}


def test_a_remark_has_at_most_1000_characters(session, question, bob):
    assert len(remark(session, question, bob, "a" * 1000).body) == 1000


def test_nobody_remarks_on_what_they_may_not_see(session, question, answer, bob, carol):
    for parent in (question, answer):
        with pytest.raises(NotAllowed):
            remark(session, parent, carol)
    question.visibility = Visibility.SPACE
    with pytest.raises(NotAllowed):
        remark(session, question, bob)


def test_a_remark_is_found_by_whoever_sees_its_question(session, question, bob, alice, carol):
    made = remark(session, question, bob)

    assert comments.get_comment(session, alice, made.id) is made
    for member, comment_id in ((carol, made.id), (alice, question.id), (alice, 2**31 - 1)):
        with pytest.raises(NotFound):
            comments.get_comment(session, member, comment_id)
    questions.delete_question(session, question=question, by=alice, at=NOON)
    with pytest.raises(NotFound):
        comments.get_comment(session, alice, made.id)


def test_a_remark_goes_with_the_answer_it_stands_under(session, question, answer, bob, alice):
    made = remark(session, answer, alice)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)

    with pytest.raises(NotFound):
        comments.get_comment(session, alice, made.id)


def test_a_post_to_remark_on_is_a_question_or_an_answer_that_one_sees(
    session, question, answer, alice, bob, carol
):
    made = remark(session, question, bob)

    assert comments.get_post(session, alice, question.id) is question
    assert comments.get_post(session, alice, answer.id) is answer
    for member, post_id in ((carol, question.id), (alice, made.id), (alice, 0)):
        with pytest.raises(NotFound):
            comments.get_post(session, member, post_id)
    question.visibility = Visibility.SPACE
    session.flush()
    for post in (question, answer):
        with pytest.raises(NotFound):
            comments.get_post(session, alice, post.id)


def test_a_remark_is_taken_back_by_its_author_or_a_steward(session, question, bob, alice, steward):
    mine, other = remark(session, question, bob), remark(session, question, bob)

    with pytest.raises(NotAllowed):
        comments.delete_comment(session, comment=mine, by=alice, at=NOON)
    comments.delete_comment(session, comment=mine, by=bob, at=NOON)
    comments.delete_comment(session, comment=other, by=steward, at=NOON)

    assert comments.list_comments(session, question) == {}
    with pytest.raises(NotFound):
        comments.get_comment(session, bob, mine.id)


def test_a_remark_is_edited_by_its_author_or_a_steward(session, question, bob, alice, steward):
    made = remark(session, question, bob)

    with pytest.raises(NotAllowed):
        comments.edit_comment(session, comment=made, by=alice, body="No.", version=1, at=NOON)
    comments.edit_comment(session, comment=made, by=bob, body="**Both**?", version=1, at=NOON)
    comments.edit_comment(session, comment=made, by=steward, body="Both!", version=2, at=NOON)

    session.refresh(made)
    assert (made.plain.strip(), made.version, made.edited_at) == ("Both!", 3, NOON)


def test_the_second_of_two_edits_from_one_text_is_refused(session, question, bob):
    made = remark(session, question, bob)
    comments.edit_comment(session, comment=made, by=bob, body="Both?", version=1, at=NOON)

    with pytest.raises(EditConflict):
        comments.edit_comment(session, comment=made, by=bob, body="None?", version=1, at=NOON)
    with pytest.raises(Invalid):
        comments.edit_comment(session, comment=made, by=bob, body="", version=2, at=NOON)

    assert made.body == "Both?"
