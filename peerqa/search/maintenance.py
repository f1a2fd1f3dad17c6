"""Looking at the indexes: how they stand, whether they equal the database, made anew by hand."""

import time
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from indexer.errors import IndexerError, IndexMissing, IndexUnavailable
from indexer.faiss_index import OrganizationIndex
from indexer.pgvector_tables import Place
from indexer.ports import Encoder
from peerqa.database import transaction
from peerqa.models import Embedding, Organization
from peerqa.search.engine import SearchEngine
from peerqa.search.indexes import catch_up
from peerqa.search.pgvector import PgvectorIndexes, place_of
from peerqa.search.pgvector_upkeep import PgvectorUpkeep, check_table, table_revision
from peerqa.search.saving import revision_of, save_base
from peerqa.search.texts import POST, in_sight
from peerqa.search.updating import bury_lost
from peerqa.search.upkeep import fill_all_gaps
from peerqa.services.organizations import list_organizations

LOOK_AGAIN_SECONDS = 1.0  # while another worker builds


@dataclass(frozen=True)
class IndexStatus:
    """How an organization's index stands."""

    organization: str
    model: str | None
    post_count: int  # that should have vectors
    indexed_count: int  # that have some
    vector_count: int
    base_revision: int | None  # None: no base, or an unusable one
    revision: int
    problem: str | None


@dataclass(frozen=True)
class CheckReport:
    """Whether the index is equal to the database."""

    missing_count: int  # vectors in the database that the index does not find
    ghost_count: int  # vectors in the index that the database does not know
    gap_count: int  # posts without a vector
    lost_count: int  # vectors of posts that are out of sight
    problem: str | None

    @property
    def is_equal(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None and not (
            self.missing_count or self.ghost_count or self.gap_count or self.lost_count
        )


def status(session: Session, engine: SearchEngine) -> list[IndexStatus]:
    """Return how the index of each organization stands."""
    encoder = engine.find_encoder()
    return [
        _status_of(session, engine, organization, encoder)
        for organization in list_organizations(session)
    ]


def check(session: Session, engine: SearchEngine, organization: Organization) -> CheckReport:
    """Compare what a process would search now with the rows of the database."""
    encoder = engine.encoders.open()
    missing, unknown, problem = _compare(session, engine, organization, encoder)
    posts, indexed = _post_ids(session, organization, encoder.model)
    return CheckReport(
        missing_count=missing,
        ghost_count=unknown,
        gap_count=len(posts - indexed),
        lost_count=len(indexed - posts),
        problem=problem,
    )


def _compare(
    session: Session, engine: SearchEngine, organization: Organization, encoder: Encoder
) -> tuple[int, int, str | None]:
    """Return how many vectors are missing, how many are unknown, and what else is amiss."""
    if engine.tables is not None:
        return check_table(session, engine.tables, organization, encoder)
    stored = set(
        session.scalars(
            select(Embedding.id).where(
                Embedding.organization_id == organization.id,
                Embedding.model == encoder.model,
                Embedding.vector.is_not(None),
            )
        )
    )
    index, problem = _open(engine, organization, encoder)
    try:
        catch_up(session, index, organization.id)
    except IndexerError as error:
        problem = str(error)
    found = set(index.ids().tolist())
    return len(stored - found), len(found - stored), problem


def rebuild(session: Session, engine: SearchEngine, organization: Organization) -> int:
    """Fill every gap, bury what is lost, save a new base; returns its number of vectors."""
    encoder = engine.encoders.open()
    fill_all_gaps(encoder)
    with transaction() as writing:
        bury_lost(writing)
    if engine.tables is not None:
        return _rebuild_table(engine.tables, place_of(organization.id, encoder))
    return save_base(session, engine, organization, encoder)


def _rebuild_table(tables: PgvectorIndexes, place: Place) -> int:
    """Make the table anew, after whoever is doing so already."""
    keeper = PgvectorUpkeep(tables)
    while (count := keeper.rebuild(place)) is None:
        time.sleep(LOOK_AGAIN_SECONDS)
    return count


def _status_of(
    session: Session, engine: SearchEngine, organization: Organization, encoder: Encoder | None
) -> IndexStatus:
    model = encoder.model if encoder else None
    posts, indexed = _post_ids(session, organization, model)
    problem = None if encoder else f"the model is {engine.encoders.state()}"
    base_revision = None
    if encoder is not None:
        try:
            base_revision = _base_revision(session, engine, organization, encoder)
        except IndexMissing:
            pass  # a small organization needs none
        except IndexUnavailable as error:
            problem = str(error)
    return IndexStatus(
        organization=organization.name,
        model=model,
        post_count=len(posts),
        indexed_count=len(posts & indexed),
        vector_count=_vector_count(session, organization, model),
        base_revision=base_revision,
        revision=revision_of(session, organization.id),
        problem=problem,
    )


def _base_revision(
    session: Session, engine: SearchEngine, organization: Organization, encoder: Encoder
) -> int | None:
    if engine.tables is not None:
        return table_revision(session, engine.tables, organization, encoder)
    return _open_base(engine, organization, encoder).revision


def _open_base(
    engine: SearchEngine, organization: Organization, encoder: Encoder
) -> OrganizationIndex:
    return OrganizationIndex.open(
        engine.indexes.folder_of(organization.id, encoder.model),
        model=encoder.model,
        dimension=encoder.dimension,
    )


def _open(
    engine: SearchEngine, organization: Organization, encoder: Encoder
) -> tuple[OrganizationIndex, str | None]:
    empty = OrganizationIndex.empty(model=encoder.model, dimension=encoder.dimension)
    try:
        return _open_base(engine, organization, encoder), None
    except IndexMissing:
        return empty, None
    except IndexUnavailable as error:
        return empty, str(error)


def _vector_count(session: Session, organization: Organization, model: str | None) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(Embedding)
            .where(
                Embedding.organization_id == organization.id,
                Embedding.model == model,
                Embedding.vector.is_not(None),
            )
        )
        or 0
    )


def _post_ids(
    session: Session, organization: Organization, model: str | None
) -> tuple[set[int], set[int]]:
    """Return the posts that should have vectors, and those that have."""
    posts = in_sight().where(Organization.id == organization.id).with_only_columns(POST.c.id)
    indexed = select(Embedding.post_id).where(
        Embedding.organization_id == organization.id,
        Embedding.model == model,
        Embedding.vector.is_not(None),
    )
    return set(session.scalars(posts)), set(session.scalars(indexed))
