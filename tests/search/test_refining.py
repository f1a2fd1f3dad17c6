import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerqa.search.hits import reader_of
from peerqa.search.refining import _typed_in, typed_words
from peerqa.search.words import stems
from peerqa.services import answers, members, questions
from tests.conftest import NOON


@pytest.fixture
def ask(session, space, alice, bob):
    """Return a function that makes a thread: a question, and its answer when there is one."""

    def make(title, body="", answer=None, where=space):
        question = questions.post_question(
            session, space=where, author=alice, title=title, body=body, at=NOON
        )
        if answer is None:
            return [question]
        reply = answers.post_answer(session, question=question, author=bob, body=answer, at=NOON)
        return [question, reply]

    return make


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("How do I reset the label printers?", ["reset", "label", "printer"]),
        ("My S drive is gone", ["drive", "gone", "s"]),
        ("the customer's order isn't there", ["custom", "order", "isn"]),
        ("printing, printed and prints", ["print"]),
        ("Windows says 0x80070005", ["window", "say", "0x80070005"]),
        ("what is it?", []),
    ],
)
def test_words_that_carry_meaning_are_looked_for(typed, words):
    assert sorted(typed_words(typed, "en")) == sorted(words)


SAID = st.lists(
    st.sampled_from(["printers", "PRINTING", "it's", "ZD-420", "(feed)", "über", "İstanbul", "x_y"])
    | st.text(max_size=4)
).map(" ".join)


@given(SAID, st.dictionaries(st.integers(1, 5), SAID), st.sampled_from(["en", "de", "xx"]))
def test_a_text_says_a_typed_word_when_it_has_its_stem(typed, texts, language):
    wanted = stems(typed, language)

    said = _typed_in(texts, wanted, language)

    for key, text in texts.items():
        every_stem = stems(" ".join(text.lower().split()), language)
        assert {word for word in wanted if word in said[key]} == set(wanted) & set(every_stem)


def test_of_two_alike_the_thread_whose_answer_speaks_of_it_comes_first(
    engine, session, bob, ask, index
):
    other = ask("In rain the brake lever is soft", answer="Order a new one from the store room.")
    right = ask(
        "The brake lever is soft in rain", answer="It stood upside down: air is in the hose."
    )
    index(*other, *right)

    found = engine.search(session, reader_of(bob), query="Brake lever soft after upside down")

    assert [hit.question.id for hit in found.hits] == [right[0].id, other[0].id]


def test_a_deleted_answer_does_not_count(engine, session, bob, ask, index):
    never = ask("In rain the brake lever is soft")
    once = ask(
        "The brake lever is soft in rain", answer="It stood upside down: air is in the hose."
    )
    index(*never, *once)
    typed = "Brake lever soft after upside down"
    with_answer = engine.search(session, reader_of(bob), query=typed).hits
    assert with_answer[0].gap > with_answer[1].gap

    answers.delete_answer(session, answer=once[1], by=bob, at=NOON)
    index(once[1])

    without = engine.search(session, reader_of(bob), query=typed).hits
    assert without[0].gap == pytest.approx(without[1].gap)


def test_what_the_reader_may_not_see_does_not_move_a_probability(
    engine, session, organization, closed_space, alice, bob, ask, index
):
    for member in (alice, bob):
        members.join_space(session, member=member, space=closed_space)
    outsider = members.create_member(session, organization=organization, name="Olga", at=NOON)
    index(*ask("How do I reset the label printer?", answer="Hold the feed button."))
    before = engine.similar(session, reader_of(outsider), title="How to reset the label printer?")

    index(*ask("How to reset the label printer again?", answer="Hold it.", where=closed_space))
    after = engine.similar(session, reader_of(outsider), title="How to reset the label printer?")

    assert [hit.probability for hit in before.hits] == [hit.probability for hit in after.hits] != []


def test_a_duplicate_is_no_rival_of_its_original(
    engine, session, space, steward, bob, ask, question, index
):
    original = ask("How do I reset the label printer?", answer="Hold the feed button.")
    again = ask("How do I reset that label printer?")
    index(*original, *again)
    typed = "How can I reset the label printer?"
    before = engine.similar(session, reader_of(bob), title=typed).hits[0]

    questions.mark_duplicate(session, question=again[0], of=original[0], by=steward, at=NOON)
    after = engine.similar(session, reader_of(bob), title=typed).hits[0]

    assert after.question.id == original[0].id
    assert after.gap > before.gap


def test_by_words_alone_nothing_is_claimed(engine, session, encoder, bob, ask, index):
    index(*ask("How do I reset the label printer?", answer="Hold the feed button."))
    encoder.is_broken = True

    found = engine.similar(session, reader_of(bob), title="How do I reset the label printer?")

    assert found.by_words_only
    assert found.hits == []
    assert len(found.related) == 1


def test_the_body_is_compared_as_well(engine, session, bob, ask, index):
    index(*ask("Printer", body="It blinks red and feeds no label.", answer="Open the lid."))

    short = engine.similar(session, reader_of(bob), title="Printer")
    long = engine.similar(
        session, reader_of(bob), title="Printer", body="It blinks red and feeds no label."
    )

    both = [*short.hits, *short.related, *long.hits, *long.related]
    assert len({hit.question.id for hit in both}) == 1
    assert all(hit.gap is not None for hit in both)
