"""What the one who is asked has said."""

from enum import StrEnum


class State(StrEnum):
    """Where an invitation is."""

    OPEN = "open"
    TAKEN = "taken"  # "I am on it", until taken_until
    PASSED = "passed"


class PassReason(StrEnum):
    """Why somebody passes; each is a sentence in web/routing/said.py."""

    NOT_MINE = "not-mine"  # and is asked less about what is near
    NO_TIME = "no-time"
    ELSEWHERE = "elsewhere"  # it was answered elsewhere
