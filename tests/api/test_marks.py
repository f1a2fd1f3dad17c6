from peerqa.services.answering.following import is_followed, list_bookmarks
from tests.api.conftest import assert_problem


def test_a_question_is_followed_once_and_let_go_of(session, program, question, bob):
    path, own = f"/questions/{question.id}/follow", program(bob)

    for _ in range(2):
        assert own.put(path).json == {"post": question.id, "marked": True}
    assert is_followed(session, question, bob)
    for _ in range(2):
        assert own.delete(path).json == {"post": question.id, "marked": False}
    assert not is_followed(session, question, bob)


def test_a_post_is_put_aside_by_its_reader_alone(session, program, answer, alice, bob, carol):
    path = f"/posts/{answer.id}/bookmark"

    assert program(bob).put(path).json == {"post": answer.id, "marked": True}
    assert [row.post_id for row, _ in list_bookmarks(session, bob).rows] == [answer.id]
    assert list_bookmarks(session, alice).rows == []
    assert program(bob).delete(path).json == {"post": answer.id, "marked": False}
    assert_problem(program(carol).put(path), 404, "not-found")
