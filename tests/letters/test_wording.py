"""What a letter looks like, whatever people call themselves and their questions."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from peerqa import languages
from peerqa.letters import wording
from peerqa.letters.wording import write
from peerqa.models.notifying.letter import LetterKind
from peerqa.models.notifying.mail_choice import Stopped
from peerqa.services.notifying.contents import Contents, NewsLine, OpenLine
from peerqa.services.notifying.kinds import KINDS
from peerqa.services.notifying.leaving import Leave, read_token
from peerqa.settings import Settings
from tests.letters.conftest import KEY
from tests.pseudo import Pseudo, untranslated

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SETTINGS = Settings(public_url="https://ask.example.org/", mail_from="ask@example.org")


def line(kind="answered", actor="Bob Builder", title="Where is it?", excerpt="In the drawer."):
    return NewsLine(kind, actor, 7, 9, title, excerpt)


def contents(*news, kind=LetterKind.NEWS, more=0, open_ones=(), **other) -> Contents:
    values = {
        "letter_id": 3, "kind": kind, "member_id": 5, "address": "alice@example.org",
        "language": "en", "organization": "Northwind", "news": list(news), "more_count": more,
        "open": list(open_ones), "kinds": sorted({each.kind for each in news}),
    }  # fmt: skip
    return Contents(**{**values, **other})


def posted(letter: Contents):
    """Return the message as it arrives."""
    message = write(letter, settings=SETTINGS, key=KEY, at=NOON)
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def parts(message) -> tuple[str, str]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return text.get_content(), html.get_content()


def test_a_letter_says_what_happened_and_leads_there():
    message = posted(contents(line()))
    text, html = parts(message)

    assert message["Subject"] == "Bob Builder answered your question: Where is it?"
    assert message["From"] == "PeerQA <ask@example.org>"
    for part in (text, html):
        assert "https://ask.example.org/questions/7?post=9#post-9" in part
        assert "In the drawer." in part
    assert message["Message-ID"] == "<letter-3@ask.example.org>"
    assert message["References"] == message["In-Reply-To"] == "<question-7@ask.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_letters_about_one_question_hang_together_and_digests_alone():
    again = posted(contents(line("commented"), letter_id=4))
    assert again["References"] == "<question-7@ask.example.org>"
    assert again["Message-ID"] == "<letter-4@ask.example.org>"

    digest = posted(contents(line("accepted"), kind=LetterKind.DAILY))
    assert digest["References"] is None


@pytest.mark.parametrize(
    ("letter", "leave"),
    [
        (contents(line(), line("commented")), Leave(5, ["answered", "commented"])),
        (contents(line("accepted"), kind=LetterKind.WEEKLY), Leave(5, [], Stopped.DIGESTS)),
    ],
)
def test_one_click_leaves_what_the_letter_is(letter, leave):
    message = posted(letter)
    link = message["List-Unsubscribe"].strip("<>")

    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith("https://ask.example.org/leave/")
    assert read_token(KEY, link.rpartition("/")[2], at=NOON) == leave
    assert all(link in part for part in parts(message))


@pytest.mark.parametrize(
    ("letter", "subject"),
    [
        (contents(line(), line("commented"), line()), "Bob Builder answered your question, and 2"),
        (contents(line("solved"), kind=LetterKind.DAILY), "Your answer solved it for somebody"),
        (contents(line(actor=None)), "A colleague answered your question: Where is it?"),
        (
            contents(kind=LetterKind.WEEKLY, open_ones=[OpenLine(7, "Which?", "Workshop")]),
            "1 open question that you may know",
        ),
    ],
)
def test_subjects(letter, subject):
    assert posted(letter)["Subject"].startswith(subject)


def test_what_has_no_line_is_counted():
    text, html = parts(posted(contents(line("accepted"), kind=LetterKind.DAILY, more=4)))

    assert "4 more things are in your inbox" in text
    assert "4 more things are in your inbox" in html


@pytest.mark.parametrize(
    "name",
    ["Bob\r\nBcc: eve@example.org", "Bob\nSubject: Won", "Bob\x00\x1b[2J", "Bob\u2028Bcc: x@y.org"],
)
def test_no_name_or_title_makes_a_header(name):
    message = posted(contents(line(actor=name, title=name)))

    assert message["Bcc"] is None
    assert len(message.get_all("Subject")) == 1
    assert not set("\r\n\x00\x1b\u2028") & set(message["Subject"])
    assert message.get_all("To") == ["alice@example.org"]


def test_a_long_name_and_title_leave_room_for_what_happened():
    message = posted(contents(line(actor="B" * 300, title="T" * 300)))

    assert "answered your question" in message["Subject"]
    assert len(message["Subject"]) < 220


def test_a_name_from_right_to_left_does_not_turn_the_sentence():
    subject = posted(contents(line(actor="‮ديفيد", title="Where‮ is it?")))["Subject"]

    assert subject == "\u2068ديفيد\u2069 answered your question: Where is it?"


def test_what_people_write_is_text_in_html():
    vector = "<img src=x onerror=alert(1)>\"'&"
    message = posted(
        contents(
            line("accepted", actor=vector, title=vector, excerpt=vector),
            kind=LetterKind.DAILY,
            open_ones=[OpenLine(7, vector, vector)],
            organization=vector,
        )
    )
    text, html = parts(message)

    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") == 7
    assert "<img src=x" in text


def test_a_letter_is_small():
    longest = [line("accepted", "N" * 60, "T" * 300, "E" * 280) for _ in range(10)]

    assert len(posted(contents(*longest, kind=LetterKind.WEEKLY)).as_bytes()) < 25_000


def test_a_letter_says_every_sentence_through_a_catalogue(monkeypatch):
    monkeypatch.setattr(languages, "catalogue", lambda _language: Pseudo())
    wording._templates.cache_clear()
    news = [line(kind, actor=None, title="-", excerpt="-") for kind in KINDS if kind != "open"]
    letters = [
        contents(*news, more=2, open_ones=[OpenLine(7, "-", "-")], organization="-"),
        contents(news[0], kind=LetterKind.DAILY, organization="-"),
    ]

    found = [untranslated(part) for letter in letters for part in parts(posted(letter))]
    wording._templates.cache_clear()

    assert [words for words in found if set(words) - {"PeerQA"}] == []


def test_a_letter_is_in_the_language_of_its_reader_and_names_keep_their_direction():
    german, arabic = (
        posted(contents(line(), line("mentioned"), language=language)) for language in ("de", "ar")
    )

    assert german["Subject"] == "Bob Builder hat Ihre Frage beantwortet – und 1 weitere Neuigkeit"
    assert "Keine solchen E-Mails mehr" in parts(german)[0]
    assert "\u2068Bob Builder\u2069" in arabic["Subject"]
    assert 'dir="rtl"' in parts(arabic)[1]
