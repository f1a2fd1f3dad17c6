from peerqa.bench.typists import type_by_the_clock, typing


def test_a_title_is_typed_word_by_word_from_the_third_on():
    assert list(typing(["How do I reset it?", "Keys?"])) == [
        ("title 0", "How do I"),
        ("title 0", "How do I reset"),
        ("title 0", "How do I reset it?"),
        ("title 1", "Keys?"),
    ]


def test_every_word_is_asked_once_and_what_came_by_words_does_not_count():
    people = [[("a", "How do I"), ("a", "How do I reset")], [("b", "Who has")]]
    asked = []

    def ask(key, typed):
        asked.append((key, typed))
        return "reset" not in typed

    tally = type_by_the_clock(ask, people)

    assert sorted(asked) == [
        ("0 a", "How do I"),
        ("0 a", "How do I reset"),
        ("1 b", "Who has"),
    ]
    assert tally.by_meaning == 2
    assert len(tally.seconds) == 3
    assert 0 < tally.per_second < 2 / 0.25  # the last word comes after a quarter of a second
