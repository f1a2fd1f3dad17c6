"""What an organization knows of right and wrong hits: feedback, and its duplicate links.

That somebody posted a question after hits were shown is not taken for a refusal: often they never
read them, and a question that an earlier one answers in part is asked all the same.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from indexer.calibration import CONSERVATIVE_PRIOR, bar
from indexer.feedback import Judgement
from peerqa.models import LookUp, LookUpHit, Organization, Question
from peerqa.models.space import Visibility
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import Hit, Reader

MOST_FEEDBACK = 5_000  # the latest that was said
MOST_LINKS = 200  # the latest links; looking one up twice takes about 20 ms
CLAIMS = 3  # hits of a look-up that are judged: as many as are ever shown

_FEEDBACK = (
    select(
        LookUpHit.id,
        LookUpHit.question_id,
        LookUpHit.similarity,
        LookUpHit.gap,
        LookUpHit.probability,
        LookUpHit.outcome,
        LookUp.pseudonym,
    )
    .join(LookUp, LookUp.id == LookUpHit.look_up_id)
    .where(
        LookUp.organization_id == bindparam("organization"),
        LookUp.hour_at >= bindparam("since"),
        LookUpHit.outcome.in_(("confirmed", "refused")),
        LookUpHit.model == bindparam("model"),
        LookUpHit.similarity.is_not(None),
        LookUpHit.gap.is_not(None),
    )
    .order_by(LookUpHit.id.desc())
    .limit(MOST_FEEDBACK)
)


@dataclass(frozen=True)
class Link:
    """A question that was marked as a duplicate."""

    question_id: int
    title: str
    space_id: int
    original_id: int
    family: Collection[int]  # all questions that stand for this original, and itself
    author_id: int | None  # None: nobody is named
    is_open: bool  # the whole organization may read it


@dataclass(frozen=True)
class Evidence:
    """What is there to learn from."""

    feedback: Sequence[Judgement]
    claims: Sequence[bool]  # beside the feedback: the hit claimed to answer when it was shown
    links: Sequence[Link]
    digest: str  # the same for the same evidence

    def count(self, *, answered: bool) -> int:
        """Return how many hits were confirmed, or refused."""
        return sum(each.answered is answered for each in self.feedback)


@dataclass(frozen=True)
class Rehearsal:
    """A link's title looked up: without itself, and as if it had never been asked at all."""

    asked_before: Sequence[Judgement]
    never_asked: Sequence[Judgement]

    @property
    def is_found(self) -> bool:
        """Whether its original is among the hits."""
        return any(each.answered for each in self.asked_before)


def read_evidence(
    session: Session, organization: Organization, *, model: str, since: datetime
) -> Evidence:
    """Return the evidence of this organization alone, as far as its figures are of this model."""
    originals = find_originals(session, organization)
    rows = session.execute(
        _FEEDBACK, {"organization": organization.id, "model": model, "since": since}
    ).all()
    feedback = [
        Judgement(
            float(row.similarity),
            float(row.gap),
            row.outcome == "confirmed",
            originals.get(row.question_id, row.question_id),
            row.pseudonym,
            was_shown=True,
        )
        for row in rows
    ]
    links = read_links(session, originals)
    least = bar(organization.precision_target)
    claims = [row.probability is not None and row.probability >= least for row in rows]
    said = [[row.id, row.outcome] for row in rows]
    linked = [[link.question_id, link.original_id, link.title] for link in links]
    judged_by = [model, organization.precision_target, *astuple(CONSERVATIVE_PRIOR)]
    digest = hashlib.sha256(json.dumps([judged_by, said, linked]).encode()).hexdigest()
    return Evidence(feedback, claims, links, digest)


def rehearse(
    session: Session, engine: SearchEngine, organization: Organization, link: Link, *, model: str
) -> Rehearsal | None:
    """Look a link's title up as its asker would have; None when it cannot be done now.

    A question that was asked before is half the story, and learned from alone it would make every
    first hit likely. So the same title is judged as if nobody had asked it yet, too.
    """
    reader = Reader(
        organization.id,
        organization.precision_target,
        organization.language,
        frozenset({link.space_id}),
    )

    def look(without: Collection[int]) -> Sequence[Judgement]:
        hits = engine.rehearse(session, reader, title=link.title, without=without).hits
        claims = [hit for hit in hits if hit.question.live_count][:CLAIMS]
        return [judged for hit in claims if (judged := _judged(hit, link, model)) is not None]

    asked_before = look({link.question_id})
    if not asked_before:
        return None
    return Rehearsal(asked_before, look(link.family))


def _judged(hit: Hit, link: Link, model: str) -> Judgement | None:
    if hit.similarity is None or hit.gap is None or hit.model != model:
        return None  # found by words alone, or a new model came in between
    return Judgement(
        hit.similarity,
        hit.gap,
        hit.question.id in link.family,
        link.original_id,
        f"link {link.question_id}",
        was_shown=False,
    )


def find_originals(session: Session, organization: Organization) -> dict[int, int]:
    """Return duplicate → the question at the end of its links; links in a circle are left out."""
    rows = session.execute(
        select(Question.id, Question.duplicate_of_id).where(
            Question.organization_id == organization.id, Question.duplicate_of_id.is_not(None)
        )
    )
    steps = {row.id: row.duplicate_of_id for row in rows if row.duplicate_of_id is not None}
    ends = {start: _end(start, steps) for start in steps}
    return {start: end for start, end in ends.items() if end is not None}


def _end(start: int, steps: Mapping[int, int]) -> int | None:
    seen = {start}
    while (after := steps.get(start)) is not None:
        if after in seen:
            return None
        seen.add(after)
        start = after
    return start


def read_links(
    session: Session, originals: Mapping[int, int], *, most: int = MOST_LINKS
) -> Sequence[Link]:
    """Return the latest links to originals that can be shown, with their answers."""
    families: dict[int, set[int]] = {}
    for question_id, original_id in originals.items():
        families.setdefault(original_id, {original_id}).add(question_id)
    latest = sorted(originals, reverse=True)[: 2 * most]  # some will not do
    original = aliased(Question)
    rows = session.execute(
        select(
            Question.id,
            Question.title,
            Question.space_id,
            Question.author_id,
            Question.visibility,
        ).where(Question.id.in_(latest), Question.deleted_at.is_(None))
    ).all()
    ends = {originals[row.id] for row in rows}
    answered = set(
        session.scalars(
            select(original.id).where(
                original.id.in_(ends), original.deleted_at.is_(None), original.answer_count > 0
            )
        )
    )
    links = [
        Link(
            row.id,
            row.title,
            row.space_id,
            end,
            frozenset(families[end]),
            row.author_id,
            row.visibility == Visibility.ORGANIZATION,
        )
        for row in rows
        if (end := originals[row.id]) in answered
    ]
    return sorted(links, key=lambda link: -link.question_id)[:most]
