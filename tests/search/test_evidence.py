"""Evidence of right and wrong hits: which duplicate links tell something, and how."""

from peerqa.models.space import Role
from peerqa.search.evidence import read_evidence, rehearse
from peerqa.services import answers, members, questions
from tests.conftest import NOON, make_member
from tests.fakes import WordsEncoder

MODEL = WordsEncoder().model


def test_duplicates_are_looked_up_without_themselves(engine, session, organization, duplicates):
    evidence = read_evidence(session, organization, model=MODEL, since=NOON)
    assert {link.question_id for link in evidence.links} == {question.id for question in duplicates}
    link = evidence.links[0]

    rehearsed = rehearse(session, engine, organization, link, model=MODEL)

    assert rehearsed is not None
    assert rehearsed.is_found
    right = [each for each in rehearsed.asked_before if each.answered]
    assert len(right) == 1
    assert right[0].similarity < 0.99  # the duplicate itself, which is the same text, is left out
    assert len(rehearsed.asked_before) == 3
    assert not any(each.answered for each in rehearsed.never_asked)
    assert not any(each.was_shown for each in rehearsed.asked_before)


def test_links_in_a_circle_and_to_what_is_gone_or_unanswered_teach_nothing(
    engine, session, organization, steward, asked, duplicates
):
    asked[0].duplicate_of_id = duplicates[0].id  # in a circle
    questions.delete_question(session, question=asked[1], by=steward, at=NOON)
    asked[2].answer_count = 0
    duplicates[3].deleted_at = NOON
    session.commit()

    evidence = read_evidence(session, organization, model=MODEL, since=NOON)

    left = {link.question_id for link in evidence.links}
    assert left == {question.id for question in duplicates[4:]}


def test_a_closed_space_is_looked_up_as_its_people_see_it(
    engine, session, organization, closed_space, alice, bob, index
):
    for member in (alice, bob):
        members.join_space(session, member=member, space=closed_space)
    keeper = make_member(session, organization, "Kim Keeper")
    members.join_space(session, member=keeper, space=closed_space, role=Role.STEWARD)
    first = questions.post_question(
        session, space=closed_space, author=alice, title="When is June paid out?", at=NOON
    )
    given = answers.post_answer(session, question=first, author=bob, body="On the 24th.", at=NOON)
    again = questions.post_question(
        session, space=closed_space, author=bob, title="When is the June pay paid out?", at=NOON
    )
    questions.mark_duplicate(session, question=again, of=first, by=keeper, at=NOON)
    index(first, given, again)
    (link,) = read_evidence(session, organization, model=MODEL, since=NOON).links

    rehearsed = rehearse(session, engine, organization, link, model=MODEL)

    assert rehearsed is not None
    assert rehearsed.is_found
