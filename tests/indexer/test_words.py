import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.words import content_word_count, query_terms


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("Error 0x80070005 on install", ["0x80070005"]),
        ("what does E-42 mean", ["E-42"]),
        ("HTTP-500 when saving", ["HTTP-500"]),
        ("HTTP 500 when saving", ["HTTP", "500"]),
        ("Zebra ZD420 jams", ["ZD420"]),
        ("ImportError in v2.3.1", ["v2.3.1"]),
        ("raise max_connections?", ["max_connections"]),
        ("VPN and SSO do not work", ["VPN", "SSO"]),
        ('it says "access is denied" again', ["access is denied"]),
        ("da steht „Zugriff verweigert“", ["Zugriff verweigert"]),
        ("VPN vpn VPN", ["VPN"]),
        ("Who is in IT?", []),
        ("plan for 2026, part 2", []),
        ("WHY DOES NOTHING WORK", []),
        ("don't use e.g. this", []),
    ],
)
def test_exact_tokens_are_kept_as_typed(text, exact):
    assert list(query_terms(text, "en").exact) == exact


def test_content_words_come_in_order_without_stop_words():
    terms = query_terms("How do I reset the password of my laptop and the laptop password?", "en")

    assert terms.content == ("reset", "password", "laptop")


def test_stop_words_are_those_of_the_language():
    text = "Wie kann ich die Rechnung an den Kunden schicken"

    assert query_terms(text, "de-AT").content == ("rechnung", "kunden", "schicken")
    assert "wie" in query_terms(text, "fr").content


def test_the_words_of_a_phrase_are_content_too():
    terms = query_terms('the message "access denied"', "en")

    assert terms.exact == ("access denied",)
    assert terms.content == ("message", "access", "denied")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("How do I", 0),
        ("reset my password", 2),
        ("reset VPN password", 3),
        ("VPN E-42", 2),
        ('"access denied"', 2),
        ('"denied"', 1),
        ("客户 发票", 2),
    ],
)
def test_content_words_are_counted_with_exact_tokens(text, count):
    assert content_word_count(text) == count


@given(text=st.text(), language=st.sampled_from(["en", "de", "xx", ""]))
def test_whatever_is_typed_is_read(text, language):
    terms = query_terms(text, language)

    assert all(terms.exact)
    assert all(terms.content)
    assert len({word.casefold() for word in terms.content}) == len(terms.content)
    assert content_word_count(text, language) >= 0
