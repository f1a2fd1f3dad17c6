import numpy as np
import pytest

from indexer.documents import (
    LONGEST_TEXT,
    Document,
    Kind,
    answer_document,
    note_document,
    question_documents,
    text_hash,
)
from indexer.errors import EncodingFailed
from indexer.updater import encode_documents, plan


def stored(documents: list[Document]) -> dict[tuple[int, Kind], str]:
    return {(each.post, each.kind): text_hash(each.text) for each in documents}


def test_a_question_is_found_by_its_title_and_by_both():
    assert question_documents(7, " Reset VPN ", "It says no. ") == [
        Document(7, 7, Kind.TITLE, "Reset VPN"),
        Document(7, 7, Kind.TITLE_BODY, "Reset VPN\nIt says no."),
    ]


def test_a_question_without_a_body_has_one_text():
    assert question_documents(7, "Reset VPN", " \n") == [Document(7, 7, Kind.TITLE, "Reset VPN")]


def test_answers_and_notes_count_for_their_question():
    assert answer_document(8, 7, " Ask HR. ") == Document(8, 7, Kind.ANSWER, "Ask HR.")
    assert note_document(9, 7, "Slides") == Document(9, 7, Kind.NOTE, "Slides")


def test_a_long_text_ends_at_a_word():
    words = answer_document(1, 1, "word " * 1_000).text
    one_word = answer_document(1, 1, "x" * 5_000).text

    assert words.endswith("word")
    assert LONGEST_TEXT - 5 <= len(words) <= LONGEST_TEXT
    assert len(one_word) == LONGEST_TEXT


def test_a_hash_is_the_same_on_every_machine():
    assert text_hash("Reset VPN") == "6a4cfc5ada77a2e7063e9a02480a6448"
    assert len({text_hash("a"), text_hash("b"), text_hash("\ud800")}) == 3


def test_everything_new_is_encoded_and_a_second_run_finds_nothing():
    documents = question_documents(1, "Title", "Body")

    assert plan(documents, {}).encode == documents
    again = plan(documents, stored(documents))
    assert (again.encode, again.gone) == ([], [])


def test_only_what_changed_is_encoded_again():
    before, after = question_documents(1, "Title", "Body"), question_documents(1, "Title", "New")

    assert plan(after, stored(before)).encode == after[1:]


def test_what_no_text_stands_behind_is_gone():
    before = [*question_documents(1, "Title", "Body"), answer_document(2, 1, "Answer")]

    planned = plan(question_documents(1, "Title", ""), stored(before))

    assert planned.encode == []
    assert planned.gone == [(1, Kind.TITLE_BODY), (2, Kind.ANSWER)]


def test_documents_come_back_with_their_own_vectors(words_encoder):
    documents = [answer_document(n, n, f"word{n} " * (50 - n)) for n in range(40)]
    done: list[int] = []

    batches = list(encode_documents(words_encoder, documents, batch_size=16, progress=done.append))

    assert [len(batch) for batch in batches] == [16, 16, 8]
    assert done == [16, 32, 40]
    pairs = [pair for batch in batches for pair in batch]
    assert {document.post for document, _ in pairs} == set(range(40))
    for document, vector in pairs:
        assert np.allclose(vector, words_encoder.encode([document.text])[0])


def test_texts_of_one_length_share_a_batch(words_encoder):
    documents = [answer_document(n, n, "x" * (1 + n * 7 % 40)) for n in range(40)]

    list(encode_documents(words_encoder, documents))

    lengths = [len(text) for text in words_encoder.encoded]
    assert lengths == sorted(lengths)


def test_batches_before_a_failure_are_whole(words_encoder):
    batches = encode_documents(
        words_encoder, question_documents(1, "Short", "longer body"), batch_size=1
    )
    assert len(next(batches)) == 1
    words_encoder.is_broken = True

    with pytest.raises(EncodingFailed):
        next(batches)
