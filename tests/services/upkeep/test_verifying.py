"""Verified until a day: who may, what ends it, and what is found by it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import OutboxRow, Standing, TopicKeeper
from peerqa.search.answers import best_answers
from peerqa.search.hits import reader_of
from peerqa.search.sight import visible
from peerqa.services import answers, members, notifications, questions, topics
from peerqa.services.answering import converting, doubts, merges
from peerqa.services.answering.naming import list_named
from peerqa.services.colleagues import find_colleague
from peerqa.services.finding.filters import list_passing, read_filters
from peerqa.services.finding.operators import Term
from peerqa.services.upkeep import keepers, verifying
from peerqa.services.upkeep.reviews import TOPIC
from tests.conftest import NOON, make_member

UNTIL = NOON + timedelta(days=100)


def verify(session, answer, by, until=UNTIL):
    verifying.verify_answer(session, answer=answer, by=by, until=until, at=NOON)


def is_asked(session, answer):
    """Whether the worker is to see if it must be looked at."""
    rows = session.query(OutboxRow).filter_by(topic=TOPIC, key=str(answer.id))
    return rows.count() > 0


def found_as_verified(session, answer, reader):
    """Whether search, its filter and its hits all say that it is; they must agree."""
    filters = read_filters(session, reader, [Term("is", "verified")])
    question_id = answer.question_id
    said = {
        question_id in list_passing(session, filters),
        visible(session, reader_of(reader), [question_id])[question_id].is_verified,
        bool(best_answers(session, [question_id])[question_id].is_verified),
    }
    assert len(said) == 1
    return said.pop()


def test_a_steward_vouches_and_the_author_hears_of_it_once(session, answer, alice, bob, steward):
    assert not found_as_verified(session, answer, alice)
    verify(session, answer, steward)
    verify(session, answer, steward, UNTIL + timedelta(days=1))

    assert answer.standing.verified_by is steward
    assert answer.standing.verified_until == UNTIL + timedelta(days=1)
    assert found_as_verified(session, answer, alice)
    assert [row.reason for row in notifications.list_unread(session, bob)] == ["verified"]

    verifying.withdraw_verification(session, answer=answer, by=steward, at=NOON)
    verifying.withdraw_verification(session, answer=answer, by=steward, at=NOON)
    assert not found_as_verified(session, answer, alice)


def test_who_keeps_a_topic_of_it_vouches_and_nobody_else(session, answer, question, bob, admin):
    question.topics = topics.make_topics(session, question.organization_id, ["labels", "paper"])
    for nobody in (bob, admin):
        with pytest.raises(NotAllowed):
            verify(session, answer, nobody)
        with pytest.raises(NotAllowed):
            verifying.withdraw_verification(session, answer=answer, by=nobody, at=NOON)
    keepers.appoint_keeper(session, topic=question.topics[1], member=bob, by=admin, at=NOON)

    verify(session, answer, bob)

    assert found_as_verified(session, answer, bob)
    members.close(session, member=bob, at=NOON)
    with pytest.raises(NotAllowed):
        verify(session, answer, bob)


def test_a_doubt_suspends_it_and_vouching_settles_the_doubt(session, answer, alice, steward):
    verify(session, answer, steward)
    doubts.doubt_answer(session, answer=answer, by=alice, reason="It moved.", at=NOON)
    assert not found_as_verified(session, answer, alice)

    verify(session, answer, steward)

    assert doubts.list_doubts(session, [answer.id]) == {}
    assert found_as_verified(session, answer, alice)


def test_an_edit_keeps_it_by_who_could_verify_and_ends_it_by_others(session, answer, bob, steward):
    verify(session, answer, steward)
    answers.edit_answer(session, answer=answer, by=steward, body="Two.", version=1, at=NOON)
    assert found_as_verified(session, answer, bob)

    answers.edit_answer(session, answer=answer, by=bob, body="Three.", version=2, at=NOON)

    assert not found_as_verified(session, answer, bob)
    assert answer.standing.verified_by is steward  # it was, and that is still said


def test_another_question_over_it_ends_it_unless_by_who_could_verify(
    session, question, answer, alice, steward
):
    def reword(by, title, *, topic_names=()):
        questions.edit_question(
            session, question=question, by=by, title=title, body="", topic_names=topic_names,
            version=question.version, at=NOON,
        )  # fmt: skip

    verify(session, answer, steward)
    reword(steward, "How is the label printer reset today?")
    reword(alice, question.title, topic_names=["labels"])  # the same words
    assert found_as_verified(session, answer, alice)

    reword(alice, "How is the label printer thrown away?")

    assert not found_as_verified(session, answer, alice)
    assert is_asked(session, answer)


def test_a_merge_ends_it_for_what_moves(session, space, question, answer, alice, steward):
    target = questions.post_question(
        session, space=space, author=alice, title="How is the label printer calmed?", at=NOON
    )
    staying = answers.post_answer(session, question=target, author=alice, body="Two.", at=NOON)
    verify(session, answer, steward)
    verify(session, staying, steward)

    merges.merge(session, source=question, target=target, by=steward, at=NOON)

    session.expire_all()
    assert answer.standing.verified_until is None
    assert staying.standing.verified_until == UNTIL
    assert (is_asked(session, answer), is_asked(session, staying)) == (True, False)


def test_it_ends_on_its_day(session, answer, alice, steward):
    verify(session, answer, steward)
    assert verifying.end_verifications(session, at=UNTIL - timedelta(seconds=1)) == 0
    assert found_as_verified(session, answer, alice)
    assert verifying.end_verifications(session, at=UNTIL) == 1
    assert not found_as_verified(session, answer, alice)


def test_what_is_gone_or_retired_is_not_verified(session, answer, bob, steward):
    verify(session, answer, steward)
    session.execute(select(Standing)).scalar_one().retired_at = NOON
    session.flush()
    with pytest.raises(Conflict, match="retired"):
        verify(session, answer, steward)
    answers.delete_answer(session, answer=answer, by=bob, at=NOON)
    with pytest.raises((NotFound, NotAllowed)):
        verify(session, answer, steward)


def test_a_verified_answer_becomes_a_comment(session, answer, bob, steward):
    verify(session, answer, steward)
    converting.convert_to_comment(session, answer=answer, by=bob, at=NOON)
    assert session.scalars(select(Standing)).all() == []


def test_a_day_is_read(session):
    def read(typed):
        return verifying.read_until(typed, at=NOON, days=180, most=730)

    assert read("2026-06-02") == datetime(2026, 6, 2, tzinfo=UTC)
    assert read("") == datetime(2026, 11, 28, tzinfo=UTC)
    for typed in ("2026-06-01", "2028-06-01", "soon", "2026-02-30", "9999-12-31", "x" * 1000):
        with pytest.raises(Invalid, match="2026-06-02 to 2028-05-31"):
            read(typed)


def test_keepers_are_appointed_by_stewards_and_step_down_by_themselves(
    session, question, alice, bob, steward, carol
):
    (topic,) = topics.make_topics(session, question.organization_id, ["labels"])
    with pytest.raises(NotAllowed):
        keepers.appoint_keeper(session, topic=topic, member=alice, by=alice, at=NOON)
    for _ in range(2):
        keepers.appoint_keeper(session, topic=topic, member=bob, by=steward, at=NOON)
    keepers.appoint_keeper(session, topic=topic, member=alice, by=steward, at=NOON)
    with pytest.raises(NotFound):
        keepers.appoint_keeper(session, topic=topic, member=carol, by=steward, at=NOON)
    with pytest.raises(NotAllowed):
        keepers.dismiss_keeper(session, topic=topic, member=bob, by=alice, at=NOON)
    assert keepers.list_keepers(session, topic) == [alice, bob]
    assert find_colleague(session, bob, " alice  ASKER", field="member") is alice
    for typed in ("Carol", "", "x" * 1000, carol.email):
        with pytest.raises(Invalid, match="Nobody here is called"):
            find_colleague(session, bob, typed, field="member")

    keepers.dismiss_keeper(session, topic=topic, member=alice, by=alice, at=NOON)
    members.close(session, member=bob, at=NOON)
    assert keepers.list_keepers(session, topic) == []
    with pytest.raises(Invalid, match="not here any more"):
        keepers.appoint_keeper(session, topic=topic, member=bob, by=steward, at=NOON)

    keepers.set_keepers(session, topic=topic, members=[alice], by=steward, at=NOON)
    assert session.scalars(select(TopicKeeper.member_id)).all() == [alice.id]  # nor bob, later


def test_a_name_is_found_in_any_case(session, organization, question, alice):
    ozlem = make_member(session, organization, "Özlem Ünal")
    for typed in ("Özlem Ünal", "ÖzLEM ÜNAL", "özlem ünal", "ÖZLEM ünal"):
        assert find_colleague(session, alice, typed, field="member") is ozlem
    for typed in ("öz", "özlem ü", "Öz", "üna"):
        assert list(list_named(session, question, typed, reader=alice, at=NOON)) == [ozlem]
