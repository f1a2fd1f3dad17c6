"""The kinds of news: how each is said, how it is chosen, and how often it is mailed by default.

Defaults are calm: at once comes only what somebody waits for; the rest waits for a morning.
"""

from dataclasses import dataclass

from peerqa.errors import N_
from peerqa.models.notifying.mail_choice import Frequency

OPEN = "open"  # no news, but open questions that one may know
OTHER = "other"  # news of a kind that has no row here


@dataclass(frozen=True)
class Kind:
    """One kind of news."""

    sentence: str  # %(name)s: who did it
    label: str  # what stands in the settings
    default: Frequency
    nobody: str = N_("A colleague")  # who did it, where that is not known


KINDS: dict[str, Kind] = {
    "answered": Kind(
        N_("%(name)s answered your question"),
        N_("Somebody answers my question"),
        Frequency.IMMEDIATE,
    ),
    "commented": Kind(
        N_("%(name)s commented on what you wrote"),
        N_("Somebody comments on what I wrote"),
        Frequency.IMMEDIATE,
    ),
    "mentioned": Kind(N_("%(name)s named you"), N_("Somebody names me"), Frequency.IMMEDIATE),
    "invited": Kind(
        N_("You are asked whether you know this"),
        N_("Colleagues hope that I know an answer"),
        Frequency.IMMEDIATE,
    ),
    "duplicate": Kind(
        N_("%(name)s found that your question was asked before"),
        N_("My question was asked before"),
        Frequency.IMMEDIATE,
    ),
    "merged": Kind(
        N_("%(name)s merged your question with another one"),
        N_("My question is merged with another one"),
        Frequency.DAILY,
    ),
    "accepted": Kind(
        N_("%(name)s says that your answer solved it"),
        N_("My answer solved it"),
        Frequency.DAILY,
    ),
    "solved": Kind(
        N_("Your answer solved it for somebody who did not have to ask"),
        N_("My answer solved it for somebody who did not have to ask"),
        Frequency.WEEKLY,
    ),
    "doubted": Kind(
        N_("%(name)s says that an answer is no longer right"),
        N_("An answer that is mine, or that I keep, is no longer right"),
        Frequency.DAILY,
    ),
    "verified": Kind(
        N_("%(name)s vouches that your answer is right"),
        N_("Somebody vouches that my answer is right"),
        Frequency.WEEKLY,
    ),
    "retired": Kind(
        N_("%(name)s says that what you wrote held once, and does no more"),
        N_("Something I wrote is retired"),
        Frequency.DAILY,
    ),
    "handed": Kind(
        N_("%(name)s asks you to look whether an answer is still right"),
        N_("Somebody hands me an answer to review"),
        Frequency.DAILY,
    ),
    "nudged": Kind(
        N_("Did an answer solve it? Say so, and others will find it"),
        N_("My question has answers, and I did not say whether they helped"),
        Frequency.WEEKLY,
    ),
    "followed-answer": Kind(
        N_("%(name)s answered a question that you follow"),
        N_("Somebody answers a question that I follow"),
        Frequency.DAILY,
    ),
    "followed-question": Kind(
        N_("%(name)s asked where you follow"),
        N_("Somebody asks where I follow a topic or a space"),
        Frequency.DAILY,
    ),
    "saved-search": Kind(
        N_("%(name)s asked what a saved search of yours looks for"),
        N_("Somebody asks what a saved search of mine looks for"),
        Frequency.DAILY,
    ),
    "unfair": Kind(
        N_("A check took points back; “What your help was worth” says why, and how to appeal"),
        N_("A check of votes takes points of mine back"),
        Frequency.DAILY,
    ),
    "fairness-decided": Kind(
        N_("An admin decided about points that a check took back"),
        N_("An admin decides about points that a check took back"),
        Frequency.DAILY,
    ),
    "moderated": Kind(
        N_("A steward decided about something that you wrote, and says why"),
        N_("A steward decides about what I wrote"),
        Frequency.IMMEDIATE,
    ),
    OTHER: Kind(N_("Something happened here"), N_("Anything else"), Frequency.DAILY),
    OPEN: Kind(
        "", N_("Open questions on topics that I have answered about"), Frequency.WEEKLY
    ),
}  # fmt: skip


def kind_of(reason: str) -> str:
    """Return the kind that news with this reason is of."""
    return reason if reason in KINDS else OTHER
