import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerqa.errors import Invalid
from peerqa.paging import Cursor, cut, read_cursor

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.integers(1, 2**31 - 1),
)
def test_a_cursor_comes_back_as_it_was(at, row_id):
    assert read_cursor(Cursor(at, row_id).encode()) == Cursor(at, row_id)


def test_a_cursor_is_safe_in_a_url():
    text = Cursor(NOON, 1).encode()

    assert text.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", [None, ""])
def test_no_cursor_is_the_first_page(text):
    assert read_cursor(text) is None


def test_another_zone_means_the_same_instant():
    there = NOON.astimezone(timezone(timedelta(hours=5)))

    assert read_cursor(encoded([there.isoformat(), 7])) == Cursor(NOON, 7)


DAMAGED = {
    "letters": "hello",
    "one letter": "a",
    "other alphabets": "Käse☃",
    "half of one": Cursor(NOON, 7).encode()[:-9],
    "no json": base64.urlsafe_b64encode(b"[1,").decode(),
    "no text": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "deep": base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    "a number": encoded(5),
    "nothing": encoded(None),
    "an object": encoded({"at": 1, "id": 2}),
    "one part": encoded([NOON.isoformat()]),
    "three parts": encoded([NOON.isoformat(), 1, 2]),
    "no instant": encoded(["noon", 1]),
    "a number for the instant": encoded([5, 1]),
    "no zone": encoded(["2026-06-01T12:00:00", 1]),
    "before the first year": encoded(["0001-01-01T00:00:00+23:59", 1]),
    "after the last year": encoded(["9999-12-31T23:59:59-23:59", 1]),
    "a text for the id": encoded([NOON.isoformat(), "1"]),
    "a fraction for the id": encoded([NOON.isoformat(), 1.5]),
    "a truth for the id": encoded([NOON.isoformat(), True]),
    "an id that no row has": encoded([NOON.isoformat(), 2**31]),
    "an enormous id": base64.urlsafe_b64encode(b'["2026-06-01T12:00Z", 1e999]').decode(),
    "an id of 5,000 digits": base64.urlsafe_b64encode(
        b'["2026-06-01T12:00Z",' + b"9" * 5000 + b"]"
    ).decode(),
    "a negative id": encoded([NOON.isoformat(), -1]),
    "no id": encoded([NOON.isoformat(), 0]),
    "a character zero": "\x00",
    "half a character": "\ud800",
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_cursor_is_refused_with_a_sentence(text):
    with pytest.raises(Invalid) as refused:
        read_cursor(text)

    assert (refused.value.status, refused.value.field) == (422, "after")
    assert "first page" in str(refused.value)


@given(
    st.text(st.characters(), max_size=80)
    | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
)
def test_whatever_is_sent_is_a_cursor_or_is_refused(text):
    try:
        cursor = read_cursor(text)
    except Invalid:
        return
    assert cursor is None or isinstance(cursor, Cursor)


def test_a_page_that_is_full_without_more_has_no_next():
    page = cut([3, 2, 1], limit=3, cursor_of=lambda row: Cursor(NOON, row))

    assert (page.rows, page.next) == ([3, 2, 1], None)


def test_a_row_too_many_makes_a_next_page_after_the_last_that_is_shown():
    page = cut([4, 3, 2, 1], limit=3, cursor_of=lambda row: Cursor(NOON, row))

    assert page.rows == [4, 3, 2]
    assert read_cursor(page.next) == Cursor(NOON, 2)
