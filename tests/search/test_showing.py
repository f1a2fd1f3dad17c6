"""Each once and in order: twins, what is as near as another, and what was typed exactly."""

import pytest

from indexer.ranking import Ranked
from peerqa.search.hits import FoundQuestion, reader_of
from peerqa.search.showing import ACCEPTED, ANSWERED, SAME_SPACE, SHARED_TOPIC, canonical
from peerqa.services import answers, members, questions, spaces
from tests.conftest import NOON
from tests.statements import noted_statements

TYPED = "How do I reset the label printer?"


@pytest.fixture
def ask(session, space, alice, bob, index):
    """Return a function that makes and indexes a thread, and returns its question."""

    def make(title, body="", *, answer=None, accepted=False, where=space, topics=()):
        question = questions.post_question(
            session, space=where, author=alice, title=title, body=body, topic_names=topics, at=NOON
        )
        posts = [question]
        if answer:
            posts.append(
                answers.post_answer(session, question=question, author=bob, body=answer, at=NOON)
            )
        if accepted:
            answers.accept_answer(session, answer=posts[1], by=alice, at=NOON)
        index(*posts)
        return question

    return make


def ids(hits):
    return [hit.question.id for hit in hits]


def test_what_says_the_same_is_shown_once_and_better_answered(engine, session, bob, ask):
    where = "the old label printer beside the gate of hall two"
    ask(f"How can I reset {where}?")
    ask(f"How do I reset {where}", answer="Hold the feed button.")
    best = ask(f"Reset {where}, how?", answer="Hold it for long.", accepted=True)
    other = ask("Where is the label printer?", answer="Upstairs.")

    similar = engine.similar(session, reader_of(bob), title=f"How do I reset {where}?")
    searched = engine.search(session, reader_of(bob), query=f"How do I reset {where}?")

    assert ids((*similar.hits, *similar.related)) == [best.id, other.id]
    assert ids(searched.hits) == [best.id, other.id]


def test_a_twin_is_no_rival(engine, session, bob, ask):
    ask(TYPED, answer="Hold the feed button.")
    ask("Who repairs the forklift?")
    before = engine.similar(session, reader_of(bob), title=TYPED).hits[0]

    ask("How can I reset the label printer?", answer="Hold it.")
    after = engine.similar(session, reader_of(bob), title=TYPED).hits[0]

    assert after.gap == pytest.approx(before.gap, abs=1e-4)


def test_a_twin_in_a_closed_space_hides_nothing(
    engine, session, organization, closed_space, alice, bob, ask
):
    members.join_space(session, member=alice, space=closed_space)
    members.join_space(session, member=bob, space=closed_space)
    outsider = members.create_member(session, organization=organization, name="Olga", at=NOON)
    shown = ask("How can I reset the label printer?")
    hidden = ask(TYPED, answer="Hold it.", accepted=True, where=closed_space)

    assert ids(engine.search(session, reader_of(outsider), query=TYPED).hits) == [shown.id]
    assert ids(engine.search(session, reader_of(bob), query=TYPED).hits) == [hidden.id]


def test_a_duplicate_with_a_twin_is_shown_once(engine, session, steward, bob, ask):
    original = ask("The sticker machine has to be started anew", answer="Hold it.")
    duplicate = ask("How can I reset the label printer?")
    twin = ask(TYPED)
    questions.mark_duplicate(session, question=duplicate, of=original, by=steward, at=NOON)

    found = ids(engine.search(session, reader_of(bob), query=TYPED).hits)

    assert found == [original.id]
    assert twin.id not in found


def test_a_better_twin_that_has_a_duplicate_is_judged_by_where_it_was_found_first():
    first, better = found_question(1), found_question(2, answer_count=1)
    duplicate = found_question(3, duplicate_of_id=2)
    ranked = [Ranked(1, 0.9, 0.9, 0, False), Ranked(2, 0.8, 0.8, 0, False, same_as=1),
              Ranked(3, 0.4, 0.4, 0, False)]  # fmt: skip

    (shown,) = canonical({each.id: each for each in (first, better, duplicate)}, ranked)

    assert (shown[0], shown[1].similarity) == (better, 0.9)


def found_question(number, *, answer_count=0, duplicate_of_id=None):
    return FoundQuestion(
        number, "How?", "", answer_count, None, duplicate_of_id, space_id=1, space_name="Workshop"
    )


def test_of_two_as_near_the_answered_one_in_the_same_space_or_topic_is_first(
    engine, session, organization, alice, bob, ask
):
    elsewhere = spaces.make_space(session, organization=organization, name="Paint", at=NOON)
    members.join_space(session, member=alice, space=elsewhere)
    first = ask("Printer to tray", answer="Hold it.")
    second = ask("Tray to printer", answer="Hold it.", where=elsewhere, topics=["Labels"])

    def order(**more):
        found = engine.similar(session, reader_of(bob), title="Printer, tray: reset", **more)
        return ids((*found.hits, *found.related))

    assert order() == [first.id, second.id]
    assert order(space_id=elsewhere.id) == [second.id, first.id]
    assert order(space_id=999_999) == [first.id, second.id]
    assert order(topic_names=[" labels ", "", "unknown"]) == [second.id, first.id]


def test_what_has_no_answer_never_outranks_what_has_one_at_equal_nearness(
    engine, session, organization, bob, ask
):
    never = ask("Printer to tray", topics=["Labels"])
    answered = ask("Tray to printer", answer="Somebody on the second floor knows.")

    found = engine.search(session, reader_of(bob), query="Printer, tray: reset")

    assert ids(found.hits) == [answered.id, never.id]
    assert ANSWERED + ACCEPTED + SAME_SPACE + SHARED_TOPIC <= 0.02


def test_topics_that_were_chosen_cost_one_query_and_nothing_else_does(engine, session, bob, ask):
    ask(TYPED, answer="Hold it.", topics=["Labels"])
    reader = reader_of(bob)
    engine.similar(session, reader, title=TYPED)  # gates and weights are remembered

    with noted_statements() as without:
        engine.similar(session, reader, title=TYPED)
    with noted_statements() as in_space:
        engine.similar(session, reader, title=TYPED, space_id=1)
    with noted_statements() as with_topics:
        engine.similar(session, reader, title=TYPED, topic_names=["Labels"])

    assert len(in_space) == len(without)
    assert len(with_topics) == len(without) + 1


# exact tokens and quoted phrases


@pytest.fixture
def many(ask):
    """Threads that are all nearer to what is typed than the one that holds the code."""
    for number in range(30):
        ask(f"Why does the label printer stop in the middle of shift {number}?")


LOST = "Firmware of the gate ends badly"


@pytest.mark.parametrize(
    ("body", "typed"),
    [
        ("It says 0x80070005 then.", "Why does the label printer stop with 0x80070005 in a shift"),
        ("The ZD420 is old.", "Why does the label printer ZD420 stop in the middle of the shift"),
        ("Ask QMB about it.", "Why does the label printer stop in the middle, asks QMB"),
        ("Then: spool area full!", 'Why does the label printer stop: "spool area full" in shifts'),
        ("Then: spool area full!", "Why does the label printer stop „Spool Area full“ in shifts"),
        ("0x80070005 only.", "Why does the label printer stop in the middle: 0x80070005 ZD421"),
        ("Then: " + "spool " * 24 + "!", f'label printer stop shift "{"spool " * 24}"'),
    ],
)
def test_the_only_post_that_holds_what_was_typed_exactly_is_never_lost(
    engine, session, bob, ask, many, body, typed
):
    wanted = ask(LOST, body)

    similar = engine.similar(session, reader_of(bob), title=typed)
    searched = engine.search(session, reader_of(bob), query=typed, limit=20)

    assert wanted.id in ids((*similar.hits, *similar.related))
    assert wanted.id in ids(searched.hits)


def test_a_phrase_of_the_same_words_elsewhere_is_no_phrase(engine, session, bob, ask):
    scattered = ask("Full of ideas", "The area is full. A spool is empty.")
    wanted = ask("Printer", "It says: spool area full.")

    found = engine.search(session, reader_of(bob), query='"spool area full"')

    assert ids(found.hits)[0] == wanted.id
    assert ids(found.hits) in ([wanted.id], [wanted.id, scattered.id])
