from indexer.documents import (
    LONGEST_TEXT,
    Document,
    Kind,
    answer_document,
    note_document,
    question_documents,
    text_hash,
)
from indexer.updater import plan


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
