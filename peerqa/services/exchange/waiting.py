"""What is read back from the spool: posts that wait to be written, and what is known of them."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Known:
    """A thing that an earlier import brought."""

    kind: str
    external_id: str
    id: int  # of the imported thing
    thing_id: int
    state: str
    version: int
    votes: int


@dataclass(frozen=True)
class Waiting:
    """A post to be written, or written before; texts are empty in a dry run."""

    kind: str
    ref: str
    external_id: str
    state: str
    author: str | None
    title: str
    created_at: datetime | None
    edited_at: datetime | None
    votes: int
    body: str
    html: str
    plain: str
    parent_id: int | None  # of the question or answer that it stands under
    thread_id: int | None  # of the question above
    known: Known | None


def read_waiting(row: sqlite3.Row) -> Waiting:
    """Make a post of a row of the spool."""
    known = row["known_id"] is not None and Known(
        row["kind"], row["external_id"], row["known_id"], row["known_thing"],
        row["known_state"], row["known_version"], row["known_votes"],
    )  # fmt: skip
    return Waiting(
        kind=row["kind"], ref=row["ref"], external_id=row["external_id"], state=row["state"],
        author=row["author"], title=row["title"], created_at=_read(row["created_at"]),
        edited_at=_read(row["edited_at"]), votes=row["votes"], body=row["body"] or "",
        html=row["html"] or "", plain=row["plain"] or "", parent_id=row["parent_id"],
        thread_id=row["thread_id"], known=known or None,
    )  # fmt: skip


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
