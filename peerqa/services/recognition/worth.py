"""What help was worth: points of the lines that stand, as a function of nothing but these.

Lines are taken in the order of what happened, never of when they were written, so what arrives
late, goes and comes back ends in the same points. Nothing stored can therefore be stale: a line is
worth what the others of its day, its post and its pair of people leave for it.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """What somebody is thanked for."""

    ACCEPTED = "accepted"
    HELPFUL = "helpful"  # "helped me too"
    SOLVED = "solved"  # without asking
    VERIFIED = "verified"
    GUIDE = "guide"


NOMINAL = {
    Reason.ACCEPTED: 15,
    Reason.HELPFUL: 5,
    Reason.SOLVED: 2,
    Reason.VERIFIED: 5,
    Reason.GUIDE: 10,
}
HELPS_SOMEBODY = (Reason.ACCEPTED, Reason.HELPFUL, Reason.SOLVED)
OF_A_PAIR = (5, 3, 1)  # "helped me too" between the same two in a month; the rest earns nothing
A_DAY = 60
A_POST = 60


class Line(NamedTuple):
    """A line of one member's ledger that stands."""

    at: datetime  # in UTC: days and months are UTC's
    reason: str
    post_id: int
    giver: str


def weigh(lines: Iterable[Line]) -> dict[Line, int]:
    """Return what each line of one member is worth, in points from 0 to 15.

    No line is given twice. Equal instants are ordered by what they are, not by which came first.
    """
    pairs: Counter[tuple[str, int, int]] = Counter()
    days: Counter[object] = Counter()
    posts: Counter[int] = Counter()
    worth = {}
    for line in sorted(set(lines)):
        points = NOMINAL[Reason(line.reason)]
        if line.reason == Reason.HELPFUL:
            pair = (line.giver, line.at.year, line.at.month)
            points = OF_A_PAIR[pairs[pair]] if pairs[pair] < len(OF_A_PAIR) else 0
            pairs[pair] += 1
        day = line.at.date()
        points = max(0, min(points, A_DAY - days[day], A_POST - posts[line.post_id]))
        days[day] += points
        posts[line.post_id] += points
        worth[line] = points
    return worth
