"""pgvector's tables damaged, of another dimension or gone, and databases that know no vectors."""

from contextlib import suppress

import numpy as np
import pytest

from indexer.errors import (
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnavailable,
    IndexUnsupported,
)
from indexer.pgvector_build import build
from indexer.pgvector_connection import require_extension
from indexer.pgvector_tables import Place
from indexer.pgvector_upkeep import Found, compare, follow, is_whole
from tests.indexer.in_postgres import (
    COUNT,
    HERE,
    TABLES,
    VECTORS,
    base_of,
    connect,
    opened,
    write_rows,
)
from tests.indexer.test_faiss_index import owners_of

pytestmark = pytest.mark.postgresql


def test_a_table_of_another_dimension_is_not_searched(rows):
    follow(rows, TABLES, Place(1, HERE.model, 16))  # its rows are of no length that fits

    with pytest.raises(IndexMismatch, match="16 dimensions"):
        opened(rows, HERE)
    assert build(rows, TABLES, HERE) == COUNT
    assert owners_of(opened(rows, HERE).search(VECTORS[7], k=1)) == [1]


def test_rows_of_another_length_are_left_out(rows):
    write_rows(rows, HERE, [(1_000, 500, VECTORS[3][:5])], revision=5)

    for _ in range(2):
        assert opened(rows, HERE).similarities(VECTORS[3], [500]) == {}
        assert 500 not in owners_of(opened(rows, HERE).search(VECTORS[3], k=101))
        build(rows, TABLES, HERE)
    assert is_whole(rows, TABLES, HERE, base_of(rows, HERE))


DAMAGE = {
    "dropped": "DROP TABLE peerqa_vectors.base_1",
    "without its vectors": "ALTER TABLE peerqa_vectors.base_1 DROP COLUMN vector",
    "of another type": "ALTER TABLE peerqa_vectors.base_1 DROP COLUMN vector, ADD vector text",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_table_that_cannot_be_read_says_so_and_costs_no_transaction(rows, damage):
    follow(rows, TABLES, HERE)
    rows.execute(DAMAGE[damage])
    index = opened(rows, HERE)

    with rows.transaction():
        with pytest.raises(IndexUnavailable):
            index.search(VECTORS[7], k=1)
        assert rows.execute("SELECT count(*) FROM embedding").fetchone() == (COUNT,)
    with suppress(IndexDamaged, IndexMissing):
        assert not is_whole(rows, TABLES, HERE, base_of(rows, HERE))

    build(rows, TABLES, HERE)
    assert owners_of(opened(rows, HERE).search(VECTORS[7], k=1)) == [1]


def test_altered_and_lost_vectors_never_give_a_wrong_hit_and_are_told(rows):
    build(rows, TABLES, HERE)
    name = f"peerqa_vectors.base_{base_of(rows, HERE).id}"
    rows.execute(f"UPDATE {name} SET vector = (SELECT vector FROM {name} WHERE id = 0)")
    rows.execute(f"DELETE FROM {name} WHERE id BETWEEN 10 AND 19")
    rows.execute(f"INSERT INTO {name} (id, owner, vector) SELECT 5000, 9, vector FROM {name}"
                 " WHERE id = 0")  # fmt: skip

    for each in opened(rows, HERE).search(VECTORS[0], k=100):
        mine = VECTORS[4 * each.owner : 4 * each.owner + 4] @ VECTORS[0]
        assert np.isclose(mine, each.similarity, atol=1e-5).any()
    assert compare(rows, TABLES, HERE) == Found(missing=COUNT - 1, unknown=1)
    assert not is_whole(rows, TABLES, HERE, base_of(rows, HERE))

    build(rows, TABLES, HERE)
    assert compare(rows, TABLES, HERE) == Found(0, 0)


def test_a_database_without_the_extension_says_what_to_do(address):
    with connect(address) as owner:
        owner.execute("DROP EXTENSION IF EXISTS vector CASCADE")
        owner.execute("CREATE ROLE plain LOGIN")
        try:
            with (
                connect(address, user="plain") as plain,
                pytest.raises(IndexUnsupported, match="CREATE EXTENSION vector"),
            ):
                require_extension(plain)
            require_extension(owner)
            owner.execute("DROP SCHEMA IF EXISTS peerqa_vectors CASCADE")
            with (
                connect(address, user="plain") as plain,
                pytest.raises(IndexUnsupported, match="CREATE SCHEMA peerqa_vectors"),
            ):
                follow(plain, TABLES, HERE)
        finally:
            owner.execute("DROP ROLE plain")


def test_an_old_extension_is_refused(connection, monkeypatch):
    require_extension(connection)
    monkeypatch.setattr("indexer.pgvector_connection.OLDEST_VERSION", (0, 9))

    with pytest.raises(IndexUnsupported, match=r"0\.8"):
        require_extension(connection)


def test_an_extension_that_goes_and_comes_back(rows):
    build(rows, TABLES, HERE, graph_from=1)
    index = opened(rows, HERE)
    rows.execute("DROP EXTENSION vector CASCADE")

    with pytest.raises(IndexUnavailable):
        index.search(VECTORS[7], k=1)
    # whoever may install it does; who may not: see above
    assert build(rows, TABLES, HERE, graph_from=1) == COUNT
    assert owners_of(opened(rows, HERE).search(VECTORS[7], k=1)) == [1]


def test_a_connection_that_breaks_is_told_apart_from_damage(rows, address):
    follow(rows, TABLES, HERE)
    with connect(address) as broken:
        index = opened(broken, HERE)
        rows.execute("SELECT pg_terminate_backend(%s)", [broken.info.backend_pid])
        with pytest.raises(IndexUnavailable) as refusal:
            index.search(VECTORS[7], k=1)
    assert not isinstance(refusal.value, IndexDamaged)
