"""Before the transaction: what is here already, and the texts of what is not.

Nothing is locked meanwhile, so batches checks by the mark that no other import came between.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peerqa.markup import MAX_LENGTH, render
from peerqa.models import ImportBatch, ImportedThing, Organization, Space
from peerqa.services.exchange.html import to_markdown
from peerqa.services.exchange.report import Notice, Step
from peerqa.services.exchange.spool import CHUNK, Spool
from peerqa.services.exchange.waiting import Known
from peerqa.services.organizations import get_organization, read_name


@dataclass(frozen=True)
class Target:
    """Where an import goes.

    Args:
        organization: its name, made when missing; None for the only one there is.
        space: its name, made when missing.
        reader: which kind of file it is from.
        in_space: things have their names within the space, not within the organization.
    """

    organization: str | None
    space: str
    reader: str
    in_space: bool = False

    def source(self, space_id: int) -> str:
        """Name what external ids belong to."""
        return f"{self.reader}:{space_id}" if self.in_space else self.reader


class Mark(NamedTuple):
    """The state of an organization's imports: it changes with every import and every undoing."""

    newest_batch: int
    undone_count: int


def check_target(session: Session, target: Target) -> int | None:
    """Return the id of the organization, or None when it has yet to be made.

    Raises:
        NotFound: no name was given and there is no organization.
        SeveralOrganizations: no name was given and there are several.
    """
    read_name(target.space)
    if target.organization is None:
        return get_organization(session).id
    name = read_name(target.organization)
    return session.scalar(select(Organization.id).where(Organization.name == name))


def recall(session: Session, spool: Spool, target: Target) -> Mark:
    """Put into the spool what earlier imports brought from the same source."""
    organization_id = check_target(session, target)
    space_id = session.scalar(
        select(Space.id).where(
            Space.organization_id == organization_id, Space.name == read_name(target.space)
        )
    )
    rows = session.execute(
        select(
            ImportedThing.kind, ImportedThing.external_id, ImportedThing.id,
            ImportedThing.thing_id, ImportedThing.state, ImportedThing.version,
            ImportedThing.vote_count,
        ).where(
            ImportedThing.organization_id == organization_id,
            ImportedThing.source == target.source(space_id or 0),
        ),
        execution_options={"yield_per": 1000},
    )  # fmt: skip
    spool.remember(Known(*row) for row in rows)
    return read_mark(session, organization_id)


def read_mark(session: Session, organization_id: int | None) -> Mark:
    """Return how far the imports of an organization are."""
    newest, undone = session.execute(
        select(func.max(ImportBatch.id), func.count(ImportBatch.undone_at)).where(
            ImportBatch.organization_id == organization_id
        )
    ).one()
    return Mark(newest or 0, undone)


def render_texts(spool: Spool, *, step: Step) -> None:
    """Convert and render what is new or changed; the slow part of an import, about 2 ms a post."""
    rows: list[tuple[str, str, str, str]] = []
    total = spool.count_texts()
    for count, (ref, text, is_html) in enumerate(spool.texts(), 1):
        body = to_markdown(text) if is_html else text.replace("\r\n", "\n").strip()
        if len(body) > MAX_LENGTH:
            spool.notice(Notice.LONG_TEXTS)
        rendered = render(body)
        rows.append((ref, body, rendered.html, rendered.plain))
        if len(rows) == CHUNK:
            spool.add_rendered(rows)
            rows.clear()
            step("rendering", count, total)
    spool.add_rendered(rows)
