"""Refusals that a person reads: a sentence that says what to do, a code for programs, a status.

The sentence is a gettext message with %(name)s places; the one handler of each front door
translates it, so that services stay free of the web. Mark every sentence with N_().
"""

from typing import ClassVar


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a sentence for extraction; the error handler translates it."""
    return sentence


class PeerQAError(Exception):
    """A refusal with its sentence, and with context for the log and the places in the sentence."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, sentence: str, **context: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.context = context

    def __str__(self) -> str:
        return self.sentence % self.context if self.context else self.sentence


class Invalid(PeerQAError):
    """What was sent cannot be taken as it is."""

    code = "invalid"
    status = 422

    def __init__(self, sentence: str, *, field: str | None = None, **context: object) -> None:
        super().__init__(sentence, **context)
        self.field = field


class NotSignedIn(PeerQAError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "not-signed-in"
    status = 401


class NotAllowed(PeerQAError):
    """The person may see the thing, but not do this to it."""

    code = "not-allowed"
    status = 403


class NotFound(PeerQAError):
    """It does not exist, or the person may not know that it does: the two look the same."""

    code = "not-found"
    status = 404


class Conflict(PeerQAError):
    """It no longer is as the person believed."""

    code = "conflict"
    status = 409


class Busy(PeerQAError):
    """The machine cannot take this now, but will soon."""

    code = "busy"
    status = 503
    retry_after_seconds: ClassVar[int] = 2


class TooSoon(PeerQAError):
    """The person does this faster than it is taken."""

    code = "too-soon"
    status = 429
    retry_after_seconds: int = 1
