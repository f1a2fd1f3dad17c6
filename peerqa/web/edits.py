"""Editing without overwriting: the version that was read travels with the form.

When somebody else was faster, the person sees what differs, word by word, keeps what was typed, and
saves again on top of the version shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from peerqa.errors import N_, Invalid
from peerqa.models import Post, Question
from peerqa.paging import read_id
from peerqa.services.posts import EditConflict
from peerqa.web.differences import Change, compare


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
        return cls(post.version, conflict.sentence, compare(stored, typed.replace("\r\n", "\n")))


def read_version() -> int:
    """Read the version that the person began to edit.

    Raises:
        Invalid: the form was damaged.
    """
    version = read_id(request.form.get("version"))
    if version is None:
        raise Invalid(N_("This page is too old or damaged. Reload it and try again."))
    return version
