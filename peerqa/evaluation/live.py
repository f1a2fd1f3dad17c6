"""The gate's figures from what colleagues said to the hits that they were shown.

Confirmed and refused hits are the labels; of what was only shown or opened nothing is known, and it
does not count. Hits that were never shown cannot be judged, so recall is of what was shown, and
both shares see only people who said something.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from indexer.evaluation import Judged, judge_gate
from peerqa.evaluation.figures import gate_as_json
from peerqa.models import LookUp, LookUpHit, Organization

FEWEST_JUDGED = 50  # hits below which the figures are hardly more than chance
FEWEST_OF_EACH = 10  # confirmed, and refused


@dataclass(frozen=True)
class Evidence:
    """The hits that something was said to, look-up by look-up."""

    look_ups: Sequence[Judged]

    @property
    def confirmed(self) -> int:
        """Hits that answered."""
        return sum(sum(each.right) for each in self.look_ups)

    @property
    def refused(self) -> int:
        """Hits that did not."""
        return sum(len(each.right) for each in self.look_ups) - self.confirmed

    @property
    def is_enough(self) -> bool:
        """Whether the figures mean something."""
        enough = self.confirmed + self.refused >= FEWEST_JUDGED
        return enough and min(self.confirmed, self.refused) >= FEWEST_OF_EACH


def read_evidence(session: Session, organization: Organization) -> Evidence:
    """Return what was said, the likeliest hit of each look-up first."""
    rows = session.execute(
        select(LookUpHit.look_up_id, LookUpHit.probability, LookUpHit.outcome)
        .join(LookUp, LookUp.id == LookUpHit.look_up_id)
        .where(
            LookUp.organization_id == organization.id,
            LookUpHit.outcome.in_(("confirmed", "refused")),
            LookUpHit.probability.is_not(None),
        )
        .order_by(LookUpHit.look_up_id, LookUpHit.probability.desc(), LookUpHit.id)
    )
    hits: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for look_up_id, probability, outcome in rows:
        assert probability is not None, "the query leaves these out"
        hits[look_up_id].append((probability, outcome == "confirmed"))
    return Evidence([_judged(each) for each in hits.values()])


def _judged(hits: Sequence[tuple[float, bool]]) -> Judged:
    right = [is_right for _, is_right in hits]
    return Judged([probability for probability, _ in hits], right, any(right))


def evaluate_live(
    session: Session, organization: Organization, *, target: float
) -> Mapping[str, object]:
    """Return the gate's figures at a target, and how much they rest on."""
    evidence = read_evidence(session, organization)
    return {
        "organization": organization.name,
        "gate": gate_as_json(judge_gate(evidence.look_ups, target)),
        "look_ups": len(evidence.look_ups),
        "confirmed": evidence.confirmed,
        "refused": evidence.refused,
        "enough": evidence.is_enough,
        "notes": list(_notes(evidence)),
    }


def _notes(evidence: Evidence) -> Iterator[str]:
    if not evidence.is_enough:
        yield (
            f"Too little was said for figures that mean something: {evidence.confirmed} hits were "
            f"confirmed and {evidence.refused} refused. It takes {FEWEST_JUDGED} together, and "
            f"{FEWEST_OF_EACH} of each."
        )
    yield (
        "Only hits that were shown, and that somebody confirmed or refused, are known: what was "
        "missed is not among them, and recall is of what was shown."
    )
