"""Editing without overwriting: the version that was read travels with the form.

When somebody else was faster, the person sees what differs, word by word, keeps what was typed, and
saves again on top of the version shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask import request

from peerqa.errors import N_, Invalid
from peerqa.models import Post, Question
from peerqa.services.posts import EditConflict
from peerqa.web.pages import read_id

MOST_COMPARED = 400_000  # pairs of words; beyond it the two texts stand one after the other
_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Change:
    """A piece of two texts: kept by both, in the stored one only, or in the typed one only."""

    kind: str  # same, gone or new
    text: str


@dataclass(frozen=True)
class Editing:
    """What an edit form carries beside its fields."""

    version: int
    sentence: str = ""
    changes: Sequence[Change] = ()

    @classmethod
    def after(cls, conflict: EditConflict, post: Post, typed: str) -> "Editing":
        """Return the state after somebody else was faster."""
        stored = f"{post.title}\n\n{post.body}" if isinstance(post, Question) else post.body
        return cls(post.version, conflict.sentence, compare(stored, typed))


def read_version() -> int:
    """Read the version that the person began to edit.

    Raises:
        Invalid: the form was damaged.
    """
    version = read_id(request.form.get("version"))
    if version is None:
        raise Invalid(N_("This page is too old or damaged. Reload it and try again."))
    return version


def compare(stored: str, typed: str) -> list[Change]:
    """Return what differs, word by word."""
    old = _WORDS.findall(stored)
    new = _WORDS.findall(typed.replace("\r\n", "\n"))
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    changes = [
        Change("same", "".join(old[:head])),
        *_compare_middle(middle_old, middle_new),
        Change("same", "".join(old[len(old) - tail :])),
    ]
    return [change for change in changes if change.text]


def _compare_middle(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    if len(old) * len(new) > MOST_COMPARED:
        return [Change("gone", "".join(old)), Change("new", "".join(new))]
    changes = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", "".join(old[a:b])))
        else:
            changes += [Change("gone", "".join(old[a:b])), Change("new", "".join(new[c:d]))]
    return changes


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many words two sequences begin with alike."""
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count
