"""What is encoded: the texts that a post is found by.

A question has two texts, its title alone and its title with its body, and the
nearer one counts: a short look-up resembles the title, a long one resembles both.
An answer is a text of its own that counts for its question. Joining question and
answer in one text was measured and loses (precision at 1 from .89 to .82).
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

LONGEST_TEXT = 2_000
"""Characters. More than the 256 tokens that the model reads, in any language we
saw; what is beyond would cost tokenizing and change nothing."""


class Kind(StrEnum):
    """Which text of a post a vector stands for."""

    TITLE = "title"
    TITLE_BODY = "title_body"
    ANSWER = "answer"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Document:
    """One text to encode.

    Attributes:
        post: the post that the text is taken from.
        owner: the question that a hit is counted for.
        kind: (post, kind) is unique.
        text: plain, without markup.
    """

    post: int
    owner: int
    kind: Kind
    text: str


def text_hash(text: str) -> str:
    """Return 32 hex digits that stay the same on every machine and in every run."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def question_documents(post: int, title: str, body: str) -> list[Document]:
    """Return the title, and the title with the body when there is one."""
    title, body = title.strip(), body.strip()
    documents = [Document(post, post, Kind.TITLE, cut(title))]
    if body:
        documents.append(Document(post, post, Kind.TITLE_BODY, cut(f"{title}\n{body}")))
    return documents


def answer_document(post: int, owner: int, text: str) -> Document:
    """Return the text of an answer, counted for the question `owner`."""
    return Document(post, owner, Kind.ANSWER, cut(text.strip()))


def note_document(post: int, owner: int, text: str) -> Document:
    """Return the text of a guide or a session's note, counted for `owner`."""
    return Document(post, owner, Kind.NOTE, cut(text.strip()))


def cut(text: str) -> str:
    """Return the text, ended at a word when it is longer than `LONGEST_TEXT`."""
    if len(text) <= LONGEST_TEXT:
        return text
    at_word = max(text.rfind(space, 0, LONGEST_TEXT + 1) for space in " \n")
    return text[: at_word if at_word > LONGEST_TEXT // 2 else LONGEST_TEXT].rstrip()
