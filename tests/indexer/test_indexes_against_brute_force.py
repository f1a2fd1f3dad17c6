"""Whatever is put, removed, saved, erased and reopened: each index answers as a dictionary would.

Two processes follow the same rows, as the product does: by revision, on top of the base, which they
open anew when it is newer than what they have seen. The rows stand for the database; for pgvector
they are in one.
"""

import tempfile
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from numpy.typing import NDArray

from indexer.errors import IndexMissing
from indexer.faiss_base import open_base
from indexer.faiss_index import Change, OrganizationIndex, write_base
from indexer.lists import Layout
from indexer.pgvector_build import build
from indexer.pgvector_connection import Connection
from indexer.pgvector_tables import Place
from indexer.pgvector_upkeep import Followed, Found, compare, follow, sweep
from indexer.saving import erase_from_base
from tests.groups import find_lack
from tests.indexer.in_postgres import (
    TABLES,
    begin_again,
    connect,
    opened,
    stored_ids,
    write_rows,
)
from tests.indexer.test_faiss_index import DIMENSION, MODEL, owners_of, unit_vectors
from tests.postgres import drop_database, postgres_url

POOL = unit_vectors(40).astype(np.float16).astype(np.float32)  # stored in halves, they stay equal
QUERIES = unit_vectors(3, seed=7)
EVERY_LIST = 10_000

rows = st.tuples(st.integers(0, 25), st.integers(0, 8), st.integers(0, 39))


class Processes(RuleBasedStateMachine):
    """Rows, their base, and two processes."""

    layout: ClassVar[Layout | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self._temporary.name)
        self.rows: dict[int, tuple[int, NDArray[np.float32] | None, int]] = {}
        self.revision = 0
        self.base_revision = 0
        self.indexes = [self._opened(), self._opened()]

    def teardown(self) -> None:
        self._temporary.cleanup()

    @rule(put=st.lists(rows, min_size=1, max_size=12))
    def put_or_edit(self, put):
        self.revision += 1
        for row, owner, n in put:
            self.rows[row] = (owner, POOL[n], self.revision)
        self._written()

    @rule(gone=st.lists(st.integers(0, 27), min_size=1, max_size=10))
    def delete(self, gone):
        self.revision += 1
        for row in self.rows.keys() & gone:
            self.rows[row] = (self.rows[row][0], None, self.revision)
        self._written()

    def _written(self):
        """Bring the rows to where the index finds them."""

    @rule()
    def save(self):
        kept = {row: (owner, v) for row, (owner, v, _) in self.rows.items() if v is not None}
        write_base(
            self.folder,
            model=MODEL,
            dimension=DIMENSION,
            revision=self.revision,
            ids=list(kept),
            owners=[owner for owner, _ in kept.values()],
            vectors=np.array([v for _, v in kept.values()], np.float32).reshape(-1, DIMENSION),
            layout=self.layout,
        )
        self.base_revision = self.revision
        self.rows = {row: each for row, each in self.rows.items() if each[1] is not None}

    @rule()
    def erase(self):
        changed = [row for row, each in self.rows.items() if each[2] > self.base_revision]
        try:
            erase_from_base(self.folder, changed, revision=self.revision)
        except IndexMissing:
            return
        base = open_base(self.folder, model=MODEL, dimension=DIMENSION)
        left = np.setdiff1d(np.arange(base.count), base.erased)
        assert not set(base.ids[left].tolist()) & set(changed)

    @rule(which=st.integers(0, 1))
    def restart(self, which):
        self.indexes[which] = self._opened()

    @rule(which=st.integers(0, 1), k=st.integers(1, 7), exclude=st.sets(st.integers(0, 8)))
    def look_up(self, which, k, exclude):
        self._agrees(which, k, exclude)

    @invariant()
    def the_first_process_agrees(self):
        self._agrees(0, 4, set())

    def _agrees(self, which, k, exclude):
        index = self._followed(which)
        alive = {row: (owner, v) for row, (owner, v, _) in self.rows.items() if v is not None}
        assert list(index.ids()) == sorted(alive)
        for query in QUERIES:
            best: dict[int, float] = {}
            for owner, vector in alive.values():
                if owner not in exclude:
                    best[owner] = max(best.get(owner, -2.0), float(vector @ query))
            found = index.search(query, k=k, exclude=exclude)
            wanted = sorted(best, key=lambda owner: -best[owner])[:k]
            # The same vector in the base and in the delta differs in the last bit: a tie may
            # be broken either way.
            owners = owners_of(found)
            assert len(set(owners)) == len(owners) == len(wanted)
            assert [best[owner] for owner in owners] == [
                pytest.approx(best[owner], abs=1e-5) for owner in wanted
            ]
            assert index.similarities(query, wanted) == {
                owner: pytest.approx(best[owner], abs=1e-5) for owner in wanted
            }

    def _followed(self, which) -> OrganizationIndex:
        if self.indexes[which].revision < self.base_revision:
            self.indexes[which] = self._opened()
        index = self.indexes[which]
        changed = sorted(
            ((revision, row) for row, (*_, revision) in self.rows.items()
             if revision > index.revision)
        )  # fmt: skip
        if changed:
            changes = [Change(row, *self.rows[row][:2]) for _, row in changed]
            index.apply(changes, revision=changed[-1][0])
        return index

    def _opened(self) -> OrganizationIndex:
        try:
            return OrganizationIndex.open(self.folder, model=MODEL, dimension=DIMENSION)
        except IndexMissing:
            return OrganizationIndex.empty(model=MODEL, dimension=DIMENSION)


class DividedProcesses(Processes):
    """The same on a base in lists, all of which are looked through."""

    layout = Layout(lists_from=1, whole_below=1, probes=EVERY_LIST)


class OneListProcesses(Processes):
    """The same, looking through one list to begin with: k are found all the same."""

    layout = Layout(lists_from=6, whole_below=3, most_lists=1)


class TablesInPostgres(Processes):
    """The same on pgvector, row by row: processes hold nothing but their connection."""

    graph_from: ClassVar[int] = 10_000
    place: ClassVar[Place] = Place(1, MODEL, DIMENSION)
    connections: ClassVar[list[Connection]]

    def __init__(self) -> None:
        begin_again(self.connections[0])
        super().__init__()

    def _written(self):
        new = [
            (row, *self.rows[row][:2]) for row in self.rows if self.rows[row][2] == self.revision
        ]
        write_rows(self.connections[0], self.place, new, revision=self.revision)

    @rule(which=st.integers(0, 1))
    def save(self, which=0):
        build(self.connections[which], TABLES, self.place, graph_from=self.graph_from)
        for row in [row for row, each in self.rows.items() if each[1] is None]:
            del self.rows[row]
        self.connections[which].execute("DELETE FROM embedding WHERE vector IS NULL")

    @rule(which=st.integers(0, 1))
    def erase(self, which=0):
        assert follow(self.connections[which], TABLES, self.place) is Followed.ALL
        alive = {row for row, each in self.rows.items() if each[1] is not None}
        assert stored_ids(self.connections[which], self.place) == alive
        assert compare(self.connections[which], TABLES, self.place) == Found(0, 0)

    @rule(which=st.integers(0, 1))
    def drop_everything(self, which):
        self.connections[which].execute("DROP SCHEMA IF EXISTS peerqa_vectors CASCADE")

    @rule()
    def sweep(self):
        if self.connections[0].execute("SELECT to_regclass('peerqa_vectors.base')").fetchone()[0]:
            sweep(self.connections[0], TABLES, [1])

    def _followed(self, which):
        return opened(self.connections[which], self.place)

    def _opened(self):
        return None


class GraphInPostgres(TablesInPostgres):
    """The same on a table with a graph."""

    graph_from = 1


@pytest.fixture(scope="module", autouse=True)
def connections(request):
    """Two processes' connections, where there is a PostgreSQL."""
    if find_lack("postgresql"):
        yield
        return
    url = postgres_url()
    with connect(url) as one, connect(url) as other:
        TablesInPostgres.connections = [one, other]
        yield
    drop_database(url)


few = settings(max_examples=25, stateful_step_count=25, deadline=None)

TestProcesses = Processes.TestCase
TestProcesses.settings = few
TestDividedProcesses = DividedProcesses.TestCase
TestDividedProcesses.settings = few
TestOneListProcesses = OneListProcesses.TestCase
TestOneListProcesses.settings = few

# A statement takes longer than a look into memory; make test-long does more of them.
fewer = settings(max_examples=8, stateful_step_count=20, deadline=None)
many = settings(max_examples=100, stateful_step_count=40, deadline=None)

TestTablesInPostgres = pytest.mark.postgresql(TablesInPostgres.TestCase)
TestTablesInPostgres.settings = fewer
TestGraphInPostgres = pytest.mark.postgresql(GraphInPostgres.TestCase)
TestGraphInPostgres.settings = fewer


@pytest.mark.long
@pytest.mark.postgresql
@pytest.mark.parametrize("machine", [TablesInPostgres, GraphInPostgres])
def test_many_ways_through_postgres(machine):
    run_state_machine_as_test(machine, settings=many)
