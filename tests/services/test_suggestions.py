import pytest

from peerqa.errors import NotFound
from peerqa.services import members, questions, topics
from peerqa.services.suggestions import suggest_topics
from tests.conftest import NOON


def ask(session, space, author, *names: str):
    return questions.post_question(
        session, space=space, author=author, title="How is it?", topic_names=names, at=NOON
    )


def test_topics_of_the_nearest_come_first_and_each_once(session, space, alice):
    far = ask(session, space, alice, "labels", "paper")
    near = ask(session, space, alice, "printer", "labels")

    assert suggest_topics(session, [near.id, far.id]) == ["labels", "printer", "paper"]
    assert suggest_topics(session, [far.id, near.id]) == ["labels", "paper", "printer"]


def test_no_more_are_suggested_than_a_question_may_have(session, space, alice):
    ids = [ask(session, space, alice, *(f"{t}{n}" for t in "abc")).id for n in range(3)]

    assert suggest_topics(session, ids) == ["a0", "b0", "c0", "a1", "b1"]


def test_nothing_near_suggests_nothing(session, space, alice):
    assert suggest_topics(session, []) == []
    assert suggest_topics(session, [ask(session, space, alice).id, 0]) == []


def test_a_topic_of_closed_spaces_alone_is_not_known_to_others(
    session, space, closed_space, alice, bob, carol
):
    members.join_space(session, member=alice, space=closed_space)
    ask(session, closed_space, alice, "pay", "printer")
    ask(session, space, alice, "printer")

    assert topics.get_visible_topic(session, alice, "pay").name == "pay"
    assert topics.get_visible_topic(session, bob, "printer").name == "printer"
    said = set()
    for member, name in ((bob, "pay"), (carol, "printer"), (bob, "nothing")):
        with pytest.raises(NotFound) as refused:
            topics.get_visible_topic(session, member, name)
        said.add(str(refused.value))
    assert len(said) == 1
