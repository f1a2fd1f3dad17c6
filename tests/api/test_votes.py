from tests.api.conftest import assert_problem


def test_a_vote_sets_a_value_and_twice_is_once(program, question, bob):
    path = f"/questions/{question.id}/vote"
    voter = program(bob)

    assert [voter.put(path).json for _ in range(2)] == [
        {"post": question.id, "votes": 1, "voted": True}
    ] * 2
    assert voter.get(f"/questions/{question.id}").json["voted"]
    assert [voter.delete(path).json for _ in range(2)] == [
        {"post": question.id, "votes": 0, "voted": False}
    ] * 2


def test_an_answer_that_helped_is_voted_for(program, answer, alice):
    path = f"/answers/{answer.id}/vote"

    assert program(alice).put(path).json == {"post": answer.id, "votes": 1, "voted": True}
    assert program(alice).get(f"/answers/{answer.id}").json["voted"]
    assert program(alice).delete(path).json["votes"] == 0


def test_nobody_votes_for_their_own(program, question, answer, alice, bob):
    assert_problem(program(alice).put(f"/questions/{question.id}/vote"), 403, "not-allowed")
    assert_problem(program(bob).put(f"/answers/{answer.id}/vote"), 403, "not-allowed")


def test_a_question_and_an_answer_are_not_taken_for_each_other(program, question, answer, alice):
    assert_problem(program(alice).put(f"/questions/{answer.id}/vote"), 404, "not-found")
    assert_problem(program(alice).put(f"/answers/{question.id}/vote"), 404, "not-found")
