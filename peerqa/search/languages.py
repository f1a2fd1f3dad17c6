"""Whether people write in a language that the model is not made for, by their newest posts.

For admins, on their page and in `peerqa doctor`; what is measured of it stands in the README.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from indexer.language import is_english
from peerqa.models import Organization, Post

SAMPLE = 300  # newest posts of an organization whose language is looked at
CHARACTERS = 500  # of each of them
FEWEST_JUDGED = 10
MOST_IN_OTHER_LANGUAGES = 0.2
_MULTILINGUAL = (
    "multilingual",
    "labse",
    "bge-m3",
    "distiluse",
    "xlm",
    "gte-multi",
    "embeddinggemma",
)


@dataclass(frozen=True)
class Languages:
    """Of how many posts the language could be told, and how many of these are not English."""

    judged: int
    others: int

    @property
    def are_many(self) -> bool:
        """Whether a model for English alone finds too many of them less well."""
        return self.judged >= FEWEST_JUDGED and self.others > MOST_IN_OTHER_LANGUAGES * self.judged


def is_multilingual(model: str) -> bool:
    """Tell by its name whether a model is made for many languages."""
    return any(name in model.lower() for name in _MULTILINGUAL)


def languages_of(session: Session, organization: Organization) -> Languages:
    """Look at the newest posts of an organization: one query, of their beginnings."""
    newest = (
        select(func.substr(Post.plain, 1, CHARACTERS))
        .where(
            Post.organization_id == organization.id,
            Post.kind.in_(("question", "answer")),
            Post.deleted_at.is_(None),
        )
        .order_by(Post.id.desc())
        .limit(SAMPLE)
    )
    judged = [is_english(text) for text in session.scalars(newest)]
    known = [each for each in judged if each is not None]
    return Languages(len(known), known.count(False))
