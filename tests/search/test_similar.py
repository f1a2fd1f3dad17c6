import pytest

from peerqa.search import engine as engine_module
from peerqa.search.hits import reader_of, reader_of_organization
from peerqa.services import answers, members, questions
from tests.conftest import NOON

TYPED = "How can I reset the label printer?"


@pytest.fixture
def answered(session, question, bob, alice, index):
    answer = answers.post_answer(
        session,
        question=question,
        author=bob,
        body="First open the lid.\n\nThen hold the feed button until the light blinks twice.",
        at=NOON,
    )
    answers.accept_answer(session, answer=answer, by=alice, at=NOON)
    index(question, answer)
    return answer


def ask_in(session, space, author, title, **more):
    return questions.post_question(
        session, space=space, author=author, title=title, at=NOON, **more
    )


def test_the_earlier_answer_is_found_with_its_nearest_passage(engine, session, alice, answered):
    found = engine.similar(session, reader_of(alice), title=TYPED)

    assert [hit.question.id for hit in found.hits] == [answered.question_id]
    assert found.hits[0].answer.id == answered.id
    assert found.hits[0].passage is not None
    assert not found.by_words_only


def test_the_passage_is_the_one_that_was_asked_for(engine, session, alice, answered):
    found = engine.search(session, reader_of(alice), query="hold the feed button, light blinks")

    passage = found.hits[0].passage
    assert passage is not None
    assert "feed button" in passage.text
    assert answered.plain[passage.start : passage.end] == passage.text


def test_a_question_without_an_answer_claims_nothing(engine, session, alice, question, index):
    index(question)

    found = engine.similar(session, reader_of(alice), title=TYPED)

    assert found.hits == []
    assert [hit.question.id for hit in found.related] == [question.id]


def test_nothing_like_it_is_silence(engine, session, alice, answered):
    found = engine.similar(session, reader_of(alice), title="Canteen menu on Fridays, who cooks?")

    assert found.hits == []


def test_another_organization_finds_nothing(engine, session, carol, answered):
    for reader in (reader_of(carol), reader_of_organization(carol.organization)):
        found = engine.similar(session, reader, title=TYPED)
        assert (found.hits, found.related) == ([], [])
        assert engine.search(session, reader, query=TYPED).hits == []


def test_a_closed_space_is_found_by_its_members_only(
    engine, session, organization, closed_space, alice, bob, index
):
    members.join_space(session, member=alice, space=closed_space)
    members.join_space(session, member=bob, space=closed_space)
    hidden = ask_in(session, closed_space, alice, "When is the salary of June paid out?")
    answer = answers.post_answer(session, question=hidden, author=bob, body="On the 24th.", at=NOON)
    index(hidden, answer)
    outsider = members.create_member(session, organization=organization, name="Olga", at=NOON)

    inside = engine.similar(session, reader_of(bob), title="When is the June salary paid out?")
    outside = engine.similar(session, reader_of(outsider), title="When is the June salary paid?")

    assert [hit.question.id for hit in inside.hits] == [hidden.id]
    assert (outside.hits, outside.related) == ([], [])
    nobody = engine.search(session, reader_of_organization(organization), query="salary of June")
    assert nobody.hits == []


def test_a_deleted_question_is_gone_at_once_and_its_vectors_soon(
    engine, session, encoder, alice, steward, answered, index
):
    question = answered.question
    questions.delete_question(session, question=question, by=steward, at=NOON)

    assert engine.similar(session, reader_of(alice), title=TYPED).hits == []
    index(question, answered)

    found = engine.indexes.find(session, question.organization_id, encoder)
    assert found is not None
    assert found.size == 0


def test_an_edit_is_found_by_its_new_words(engine, session, alice, answered, index):
    question = answered.question
    questions.edit_question(
        session,
        question=question,
        by=alice,
        title="Where do I order new toner cartridges?",
        body="",
        topic_names=[],
        version=1,
        at=NOON,
    )
    index(question)

    found = engine.search(session, reader_of(alice), query="order toner cartridges")

    assert [hit.question.id for hit in found.hits] == [question.id]


def test_a_duplicate_is_shown_as_its_original(
    engine, session, space, steward, alice, bob, answered, index
):
    original = answered.question
    again = ask_in(session, space, bob, "How can I reset the label printer, please?")
    questions.mark_duplicate(session, question=again, of=original, by=steward, at=NOON)
    index(again)

    found = engine.similar(session, reader_of(alice), title="How can I reset the label printer")

    assert [hit.question.id for hit in found.hits] == [original.id]


def test_an_error_code_is_found_although_its_meaning_is_unknown(
    engine, session, space, alice, bob, index
):
    other = [ask_in(session, space, alice, f"Something about topic number {n}") for n in range(5)]
    wanted = ask_in(session, space, bob, "Update ends badly", body="It says 0x80070005 every time.")
    index(wanted, *other)

    found = engine.search(session, reader_of(alice), query="0x80070005")

    assert found.hits[0].question.id == wanted.id


def test_without_an_encoder_words_answer(engine, session, encoder, alice, answered):
    encoder.is_broken = True

    found = engine.search(session, reader_of(alice), query="label printer")

    assert found.by_words_only
    assert [hit.question.id for hit in found.hits] == [answered.question_id]


@pytest.mark.parametrize("typed", ["", "   ", "?!", "\"'()*:^-{}", "NEAR AND OR NOT", "a" * 5000])
def test_whatever_is_typed_is_no_error(engine, session, alice, answered, typed):
    engine.similar(session, reader_of(alice), title=typed, body=typed)
    engine.search(session, reader_of(alice), query=typed)


def test_a_search_is_paged(engine, session, space, alice, bob, index):
    asked = [ask_in(session, space, alice, f"Pallet question number {n} of all") for n in range(7)]
    index(*asked)

    first = engine.search(session, reader_of(bob), query="pallet question", limit=5)
    second = engine.search(
        session, reader_of(bob), query="pallet question", start=first.next or 0, limit=5
    )

    seen = [hit.question.id for page in (first, second) for hit in page.hits]
    assert sorted(seen) == [question.id for question in asked]
    assert second.next is None


def test_many_nearer_questions_in_a_closed_space_do_not_cost_a_visible_one(
    engine, session, space, closed_space, alice, bob, index, monkeypatch
):
    monkeypatch.setattr(engine_module, "CONSIDERED", 3)
    members.join_space(session, member=alice, space=closed_space)
    hidden = [
        ask_in(session, closed_space, alice, f"How to reset the label printer {n}?")
        for n in range(40)
    ]
    shown = ask_in(session, space, alice, "Printer broken: who can reset the thing upstairs?")
    index(*hidden, shown)

    similar = engine.similar(session, reader_of(bob), title="How to reset the label printer?")
    searched = engine.search(session, reader_of(bob), query="How to reset the label printer?")

    assert [hit.question.id for hit in similar.related] == [shown.id]
    assert [hit.question.id for hit in searched.hits] == [shown.id]
    assert len(engine.similar(session, reader_of(alice), title="Reset the printer?").related) > 1


def test_a_page_of_results_is_full_though_a_closed_space_has_nearer_ones(
    engine, session, space, closed_space, alice, bob, index, monkeypatch
):
    monkeypatch.setattr(engine_module, "CONSIDERED", 3)
    members.join_space(session, member=alice, space=closed_space)
    hidden = [ask_in(session, closed_space, alice, f"Reset the printer {n}?") for n in range(30)]
    shown = [ask_in(session, space, alice, f"Reset the slow printer {n} now?") for n in range(6)]
    index(*hidden, *shown)

    first = engine.search(session, reader_of(bob), query="Reset the printer", limit=4)
    second = engine.search(session, reader_of(bob), query="Reset the printer", start=4, limit=4)

    found = [hit.question.id for hit in (*first.hits, *second.hits)]
    assert (len(first.hits), len(second.hits)) == (4, 2)
    assert sorted(found) == sorted(question.id for question in shown)
