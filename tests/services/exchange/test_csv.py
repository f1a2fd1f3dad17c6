"""CSV files as spreadsheets write them."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from peerqa.models import Answer, Member, Question
from peerqa.services.exchange.broken import BrokenSource
from peerqa.services.exchange.csv_threads import read_csv
from peerqa.services.exchange.report import Notice
from peerqa.services.exchange.spool import open_spool
from peerqa.services.exchange.table import COLUMNS
from peerqa.services.exchange.undoing import undo_batch
from tests.conftest import NOON
from tests.services.exchange.conftest import figures, ignore, rows_of_every_table

FULL = (
    "question,details,answer,topics,asked_by,answered_by,created_at,accepted,votes\n"
    "How do I reset the printer?,It *blinks*.,Hold the green button.,"
    '"printer, office",Ann Lee,new.person@example.org,2024-01-02,yes,3\n'
)


def only(session, model):
    return session.scalars(select(model)).one()


def threads(session) -> dict[str, list[str]]:
    """Title → answers."""
    return {
        q.title: [a.body for a in q.answers]
        for q in session.scalars(select(Question).order_by(Question.id))
    }


def test_a_row_is_a_question_with_its_answer(session, bring_csv):
    report = bring_csv(FULL)

    asked, given_answer = only(session, Question), only(session, Answer)
    assert (asked.title, asked.html) == (
        "How do I reset the printer?", "<p>It <em>blinks</em>.</p>\n",
    )  # fmt: skip
    assert [topic.name for topic in asked.topics] == ["office", "printer"]
    assert asked.created_at == given_answer.created_at == datetime(2024, 1, 2, tzinfo=UTC)
    assert (asked.accepted_id, asked.vote_count) == (given_answer.id, 0)
    assert (given_answer.body, given_answer.vote_count) == ("Hold the green button.", 3)
    assert (asked.author.name, asked.author.is_placeholder) == ("Ann Lee", True)
    person = given_answer.author
    assert (person.name, person.email, person.is_placeholder) == (
        "New Person", "new.person@example.org", False,
    )  # fmt: skip
    assert figures(report.votes) == (3, 0, 0, 0)


def test_people_are_met_by_their_address_and_never_by_their_name(session, bring_csv, bob):
    bring_csv(
        "question,answer,asked_by,answered_by\n"
        "One?,Yes.,Bob Builder <BOB@example.org>,Bob Builder\nTwo?,,bob@example.org,\n"
    )

    assert {q.author_id for q in session.scalars(select(Question))} == {bob.id}
    assert only(session, Answer).author_id != bob.id
    assert len(session.scalars(select(Member)).all()) == 2


@pytest.mark.parametrize(
    "header", ["Question,Answer", "TITLE,Solution", "title , solution", " Title,SOLUTION"]
)
def test_columns_have_other_names(session, bring_csv, header):
    bring_csv(f"{header}\nWhy?,So.\n")

    assert threads(session) == {"Why?": ["So."]}


def test_names_of_columns_may_be_of_words(session, bring_csv):
    bring_csv("title;Asked by;ANSWERED-BY;Created At;solution\nWhy?;A;B;2024-01-02 09:30;So.\n")

    assert only(session, Question).author.name == "A"
    assert only(session, Answer).created_at == datetime(2024, 1, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_differ(tmp_path, delimiter, encoding, end):
    rows = [["question", "answer", "topics"], ["Where is the café?", "Down, left; “up”|in", "café"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    path = tmp_path / "faq.csv"
    path.write_bytes(text.getvalue().encode(encoding))

    with open_spool(tmp_path) as spool:
        read_csv(path, spool, at=NOON, step=ignore)

        assert [text for _, text, _ in spool.texts()] == ["", "Down, left; “up”|in"]
        assert list(spool.topic_names()) == ["café"]
        assert spool.notices[Notice.OLD_ENCODING] == (encoding == "cp1252")


def test_excel_may_say_what_divides(session, bring_csv):
    bring_csv("sep=;\nquestion;answer\nOne, two?;Yes.\n")

    assert threads(session) == {"One, two?": ["Yes."]}


def test_more_answers_follow_with_the_same_title_or_none(session, bring_csv):
    bring_csv(
        "question,answer,accepted\n"
        "Why?,First.,\n,Second.,yes\nHow?,Third.,\n why? ,Fourth.,\n,Fifth.,\n"
    )

    assert threads(session) == {"Why?": ["First.", "Second.", "Fourth.", "Fifth."],
                                "How?": ["Third."]}  # fmt: skip
    why = session.scalars(select(Question).where(Question.title == "Why?")).one()
    assert (why.answer_count, session.get(Answer, why.accepted_id).body) == (4, "Second.")


def test_a_second_run_adds_nothing_and_undoing_removes_all(session, bring_csv):
    before = rows_of_every_table(session)
    first = bring_csv(FULL)
    after = rows_of_every_table(session)

    assert bring_csv(FULL).batch is None
    assert rows_of_every_table(session) == after
    undo_batch(session, first.batch, at=NOON)
    session.expire_all()
    assert rows_of_every_table(session) == before


def test_without_ids_a_question_is_known_by_its_title(session, bring_csv):
    bring_csv("question,details,answer\nWhy?,Old.,One.\n")
    report = bring_csv("question,details,answer\nWHY? ,New.,One.\n,,Two.\n")

    assert only(session, Question).body == "New."
    assert figures(report.questions) == (0, 0, 1, 0)
    assert figures(report.answers) == (1, 1, 0, 0)


def test_with_ids_titles_and_answers_may_be_corrected(session, bring_csv):
    bring_csv("id,question,answer\n7,Wy?,One.\n7,Wy?,Two.\n8,Else?,Three.\n")
    report = bring_csv("id,question,answer\n7,Why?,One!\n7,Why?,Two.\n8,Else?,Three.\n")

    assert threads(session) == {"Why?": ["One!", "Two."], "Else?": ["Three."]}
    assert (figures(report.questions), figures(report.answers)) == ((0, 1, 1, 0), (0, 2, 1, 0))


def test_files_of_two_spaces_have_ids_of_their_own(session, bring_csv):
    bring_csv("id,question\n1,Pay?\n", space="HR")
    bring_csv("id,question\n1,Printer?\n", space="IT")

    assert set(threads(session)) == {"Pay?", "Printer?"}


def test_what_is_left_out_is_said(session, bring_csv):
    report = bring_csv(
        "question,details,answer,accepted,colour,\n"
        "Why?,Long.,Same.,yes,red,\nWhy?,Other.,Same.,,red,\nWhy?,,Else.,yes,red,\n\n,,,,,\n"
    )

    assert report.sentences() == [
        "Columns left out because they have no meaning here: 1.",
        "Rows that repeat a question with other details, left out: 1.",
        "Rows left out because they repeat an answer word by word: 1.",
        "Accepted answers beyond the first of their question: 1.",
    ]


def test_a_long_title_is_cut_and_begins_the_text(session, bring_csv):
    title = "Why " + "very " * 100 + "long?"
    bring_csv(f"question,details\n{title},More.\n")

    asked = only(session, Question)
    assert len(asked.title) <= 300
    assert asked.plain.split("\n\n")[0].strip() == title


def test_html_in_a_cell_is_shown_as_it_was_typed(session, bring_csv):
    bring_csv('question,answer\nWhy?,"<script>alert(1)</script> <b onclick=x>"\n')

    shown = only(session, Answer).html
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


BROKEN = {
    "faq.csv is empty.": b"",
    "faq.csv has a header and no rows.": b"question,answer\n",
    "faq.csv has no column “question” or “title”. Its first row has: name, text.": (
        b"name,text\na,b\n"
    ),
    "faq.csv: several columns mean “question”; keep one.": b"question,title\na,b\n",
    "faq.csv, row 2 (line 2) has no question.": b"question,answer\n,One.\n",
    "faq.csv, row 3 (line 3) has neither a question nor an answer.": (
        b"question,answer,votes\nWhy?,,\n,,3\n"
    ),
    "faq.csv, row 3 (line 4): “12/31/2024” is no date; write 2025-12-31 or 2025-12-31 09:30.": (
        b'question,created_at\n"Why\nso?",2024-01-01\nHow?,12/31/2024\n'
    ),
    "faq.csv, row 2 (line 2): the date “2999-01-01” is still to come.": (
        b"question,created_at\nWhy?,2999-01-01\n"
    ),
    "faq.csv, row 2 (line 2): votes are a number, not “many”.": b"question,votes\nWhy?,many\n",
    "faq.csv, row 2 (line 2): 9999999 votes are more than any post has.": (
        b"question,votes\nWhy?,9999999\n"
    ),
    "faq.csv, row 2 (line 2): accepted is yes or no, not “perhaps”.": (
        b"question,answer,accepted\nWhy?,So.,perhaps\n"
    ),
    "faq.csv, row 2 (line 2): “a@” in asked_by is no e-mail address.": (
        b"question,asked_by\nWhy?,a@\n"
    ),
    "faq.csv, row 3 (line 3): id “1” belongs to another question already.": (
        b"id,question\n1,Why?\n1,How?\n"
    ),
    "faq.csv, row 3 (line 3) has 3 cells for 2 columns: put quotes around a cell with a separator "
    "in it.": b"question,answer\nWhy?,So.\nHow?,One, two\n",
    "faq.csv, row 3 (line 3): a quote is opened and never closed.": (
        b'question,answer\nWhy?,So.\nHow?,"One\nElse?,Two\n'
    ),
    "faq.csv, row 2 (line 2): a quote is closed in the middle of a cell; double quotes inside "
    "cells.": b'question,answer\n"Why" not?,So.\n',
    "faq.csv, line 3: this is no text in UTF-8. Save it as CSV in UTF-8.": (
        b"question,answer\nWhy?,So.\nHow?,\x00\x01\n"
    ),
    "faq.csv, line 2: this is no text in UTF-8. Save it as CSV in UTF-8.": (
        b"question,answer\nWhy?,\x81\x8d\n"
    ),
    "faq.csv, row 2 (line 2): a cell (…) has over 60000 characters. Is a quote left open?": (
        b"question,answer\nWhy?,\"" + b"word\n" * 2_000_000
    ),
    "faq.csv, row 2 (line 2): a cell (answer) has over 60000 characters. Is a quote left open?": (
        b"question,answer\nWhy?," + b"x" * 60_001
    ),
    "faq.csv, line 2 has more than 1048576 characters.": (
        b"question,answer\nWhy?," + b"x" * 10_000_000
    ),
    "faq.csv, row 2 (line 2): A topic is a word or a few, with at most 40 letters: “???” is not.": (
        b"question,topics\nWhy?,???\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("told", BROKEN)
def test_a_broken_file_names_the_row(tmp_path, told):
    path = tmp_path / "faq.csv"
    path.write_bytes(BROKEN[told])

    with open_spool(tmp_path) as spool, pytest.raises(BrokenSource) as refused:
        read_csv(path, spool, at=NOON, step=ignore)

    assert str(refused.value) == told


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    for path, told in (
        (tmp_path / "gone.csv", "cannot be read: No such file or directory."),
        (tmp_path, "is a folder, not a file."),
    ):
        with open_spool(tmp_path) as spool, pytest.raises(BrokenSource, match=told):
            read_csv(path, spool, at=NOON, step=ignore)


cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
lines = st.lists(st.lists(cells, min_size=1, max_size=11), min_size=1, max_size=6)
header = [*"abc", *(name for names in COLUMNS.values() for name in names[-1:])]


def read(content: bytes, folder) -> None:
    """Read a file; whatever is in it, it is taken or refused with a sentence."""
    path = folder / "any.csv"
    path.write_bytes(content)
    with open_spool(folder) as spool, suppress(BrokenSource):
        read_csv(path, spool, at=NOON, step=ignore)


@settings(max_examples=150, deadline=5000)
@given(st.permutations(header), lines, st.sampled_from(",;\t|"))
def test_whatever_the_cells_hold_they_are_taken_or_refused(tmp_path_factory, names, rows, mark):
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows([names, *rows])

    read(text.getvalue().encode(), tmp_path_factory.mktemp("any"))


@settings(max_examples=150, deadline=5000)
@given(st.sampled_from([b"", b"question,answer\n", b"\xff\xfe", b"\xef\xbb\xbf"]), st.binary())
def test_whatever_the_bytes_are_they_are_taken_or_refused(tmp_path_factory, start, content):
    read(start + content, tmp_path_factory.mktemp("any"))
