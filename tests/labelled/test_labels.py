"""The labels say what the company says; no model is asked here."""

from collections import Counter

import pytest

from indexer.sentences import split
from peerqa.demo.company import load_company
from tests.labelled.labels import (
    HALVES,
    load_german_corpus,
    load_german_questions,
    load_sentences,
    plain_answers,
)


@pytest.fixture(scope="module")
def company():
    return load_company()


@pytest.fixture(scope="module")
def threads(company):
    return {thread.key: thread for thread in company.threads}


@pytest.fixture(scope="module")
def plain(company):
    return plain_answers(company)


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


def test_there_are_sentences_enough_from_all_topics(company):
    labels = load_sentences()
    labelled = {label.thread for label in labels}

    assert len(labels) >= 130
    assert [
        topic.name
        for topic in company.topics
        if labelled.isdisjoint(thread.key for thread in topic.threads)
    ] == []
    assert max(Counter((label.thread, label.answer) for label in labels).values()) == 2


def test_every_quotation_stands_in_its_answer(plain):
    labels = load_sentences()

    astray = [
        (label.thread, quoted)
        for label in labels
        for quoted in label.right
        if quoted not in plain.get((label.thread, label.answer), "") or quoted != quoted.strip()
    ]

    assert astray == []
    assert all(label.right for label in labels)


def test_there_is_always_a_wrong_passage_to_choose(plain):
    for label in load_sentences():
        text = plain[label.thread, label.answer]
        passages = [text[span.start : span.end] for span in split(text)]
        right = [passage for passage in passages if label.is_right(passage)]

        assert right, label
        assert len(right) < len(passages), label


def test_halves_are_alike_in_size_and_share_no_thread(threads):
    labels = load_sentences()
    keys = {label.thread for label in labels}
    canonical = {key: threads[key].duplicate_of or key for key in keys}
    order = sorted(set(canonical.values()))
    wanted = {thread: HALVES[place % 2] for place, thread in enumerate(order)}

    assert [label for label in labels if label.half != wanted[canonical[label.thread]]] == []
    sizes = Counter(label.half for label in labels)
    assert abs(sizes["tune"] - sizes["report"]) <= len(labels) * 0.05


def test_nothing_typed_is_a_title_or_stands_twice(threads):
    typed = [folded(label.typed) for label in load_sentences()]
    typed += [folded(question.typed) for question in load_german_questions()]
    titles = {folded(thread.title) for thread in threads.values()}
    titles |= {folded(thread.title) for thread in load_german_corpus()}

    assert [text for text, count in Counter(typed).items() if count > 1] == []
    assert titles.isdisjoint(typed)


def test_german_questions_ask_for_different_threads_that_have_answers(threads):
    wanted = [question.thread for question in load_german_questions()]
    answered = [key for key in wanted if key is not None]

    assert len(answered) >= 66
    assert len(answered) == len(set(answered))
    assert [key for key in answered if not threads[key].replies] == []
    assert wanted.count(None) >= 20


def test_the_german_corpus_tells_each_thread_that_is_asked_for():
    corpus = load_german_corpus()
    asked = {question.thread for question in load_german_questions()} - {None}

    assert len(corpus) == len(asked)
    assert {thread.key for thread in corpus} == asked
    assert all(thread.title and thread.body and thread.answer for thread in corpus)
