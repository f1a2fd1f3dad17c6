"""pgvector's tables: two at once, half done, damaged, gone, and filters that leave most out."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psycopg
import pytest

from indexer import pgvector_index, pgvector_upkeep
from indexer.errors import (
    IndexDamaged,
    TooFarBehind,
)
from indexer.pgvector_build import build
from indexer.pgvector_connection import guarded
from indexer.pgvector_tables import _REGISTER, Place, make_base, make_register
from indexer.pgvector_upkeep import Followed, Found, compare, follow, retire, sweep, vacuum
from tests.indexer.in_postgres import (
    COUNT,
    HERE,
    TABLES,
    VECTORS,
    base_of,
    connect,
    opened,
    stored_ids,
    write_rows,
)
from tests.indexer.test_faiss_index import owners_of, unit_vectors
from tests.reliability.service import wait_until

pytestmark = pytest.mark.postgresql


def test_what_was_written_is_found_before_any_table_is_made(rows):
    index = opened(rows, HERE)

    assert owners_of(index.search(VECTORS[7], k=1)) == [1]
    assert (index.revision, index.late_count, len(index.ids())) == (4, COUNT, COUNT)


def test_another_organization_and_another_model_are_not_found(rows):
    for place in (Place(2, HERE.model, 32), Place(1, "words@2", 32)):
        follow(rows, TABLES, place)
        assert opened(rows, place).search(VECTORS[7], k=5) == []
        assert opened(rows, place).similarities(VECTORS[7], [1]) == {}


def test_a_row_that_died_is_not_found_though_the_table_has_it_still(rows):
    build(rows, TABLES, HERE, graph_from=1)
    write_rows(rows, HERE, [(28, 7, None)], revision=5)
    write_rows(rows, HERE, [(29, 7, VECTORS[300])], revision=6)

    index = opened(rows, HERE)

    assert {28, 29} <= stored_ids(rows, HERE)
    assert 28 not in index.ids()
    assert index.similarities(VECTORS[28], [7])[7] < 0.999
    assert index.search(VECTORS[29], k=1)[0].similarity < 0.999
    follow(rows, TABLES, HERE)
    assert 28 not in stored_ids(rows, HERE)
    assert compare(rows, TABLES, HERE) == Found(0, 0)


@pytest.mark.parametrize("graph_from", [1, 10_000], ids=["graph", "row by row"])
def test_what_is_left_out_costs_no_recall(rows, graph_from):
    build(rows, TABLES, HERE, graph_from=graph_from)
    kept = {3, 50, 77, 98}

    for query in unit_vectors(5, seed=9, dimension=32):
        found = opened(rows, HERE).search(query, k=4, exclude=set(range(100)) - kept)
        true = sorted(kept, key=lambda owner: -(VECTORS[4 * owner : 4 * owner + 4] @ query).max())
        assert owners_of(found) == true


def test_the_graph_goes_on_where_the_nearest_are_left_out(connection):
    vectors = unit_vectors(3_000, dimension=32)
    write_rows(connection, HERE, [(n, n, vectors[n]) for n in range(3_000)], revision=1)
    build(connection, TABLES, HERE, graph_from=1)
    index, query = opened(connection, HERE), unit_vectors(1, seed=4, dimension=32)[0]
    order = np.argsort(-(vectors @ query)).tolist()

    found = index.search(query, k=10, exclude=set(order[:1_500]))

    assert len(set(owners_of(found)) & set(order[1_500:1_510])) >= 9


def test_hundreds_of_equal_vectors_hide_no_other_question(connection):
    same = np.repeat(VECTORS[:1], 300, axis=0)
    write_rows(connection, HERE, [(n, 1, v) for n, v in enumerate(same)], revision=1)
    write_rows(connection, HERE, [(n, n, VECTORS[n]) for n in range(300, 310)], revision=2)
    build(connection, TABLES, HERE, graph_from=1)

    found = opened(connection, HERE).search(VECTORS[0], k=5)

    assert len(found) == 5
    assert found[0].owner == 1


def test_a_look_up_takes_over_so_much_and_no_more(rows, monkeypatch):
    monkeypatch.setattr(pgvector_index, "MOST_LATE", 100)
    with pytest.raises(TooFarBehind):
        opened(rows, HERE)

    follow(rows, TABLES, HERE)

    assert opened(rows, HERE).late_count == 0


def test_whole_revisions_are_taken_over_at_a_time(rows, monkeypatch):
    monkeypatch.setattr(pgvector_upkeep, "MOST_FOLLOWED", 150)
    lefts = [follow(rows, TABLES, HERE) for _ in range(4)]

    assert lefts == [Followed.MORE, Followed.MORE, Followed.MORE, Followed.ALL]
    monkeypatch.setattr(pgvector_upkeep, "MOST_FOLLOWED", 50)
    write_rows(rows, HERE, [(n, n // 4, VECTORS[n]) for n in range(100)], revision=5)
    assert follow(rows, TABLES, HERE) is Followed.TOO_MUCH
    assert compare(rows, TABLES, HERE).missing == 0  # the same vectors; and building takes it all
    assert build(rows, TABLES, HERE) == COUNT


def test_what_changes_while_a_table_is_built_is_in_it(rows, address, monkeypatch):
    follow(rows, TABLES, HERE)

    def change(*_):
        with connect(address) as other:
            write_rows(other, HERE, [(0, 0, None), (1, 9, VECTORS[1]), (900, 5, VECTORS[2])],
                       revision=5)  # fmt: skip
            follow(other, TABLES, HERE)
            other.execute("DELETE FROM embedding WHERE vector IS NULL")  # and leaves no tombstone

    monkeypatch.setattr("indexer.pgvector_build._make_graph", change)
    monkeypatch.setattr("indexer.pgvector_build._fitting_width", lambda *_: 400)
    build(rows, TABLES, HERE, graph_from=1)

    assert compare(rows, TABLES, HERE) == Found(0, 0)
    assert stored_ids(rows, HERE) == set(range(1, COUNT)) | {900}


def test_two_workers_at_once_take_over_each_change_once(rows, address):
    failed = []

    def work(number):
        try:
            with connect(address) as own:
                for turn in range(8):
                    follow(own, TABLES, HERE)
                    if turn % 4 == number:
                        build(own, TABLES, HERE, graph_from=1)
        except Exception as error:
            failed.append(error)
            raise

    workers = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for revision in range(5, 25):
        write_rows(rows, HERE, [(revision, 3, VECTORS[revision + 50])], revision=revision)
    for worker in workers:
        worker.join()

    assert failed == []
    assert follow(rows, TABLES, HERE) is Followed.ALL
    assert compare(rows, TABLES, HERE) == Found(0, 0)


def test_who_waits_for_the_register_finds_it_made(rows, address):
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with connect(address) as own, ThreadPoolExecutor(1) as other, connect(address) as watching:
        own.execute("SELECT to_regclass(%s)", [f"{TABLES.schema}.base"])  # and knows now: no schema
        with rows.transaction():
            rows.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTER])
            second = other.submit(make_register, own, TABLES)
            wait_until(lambda: watching.execute(waiting).fetchone() == (1,))
            make_register(rows, TABLES)
        second.result(timeout=10)

    assert follow(rows, TABLES, HERE) is Followed.ALL


def test_of_two_that_build_one_does(rows, address, monkeypatch):
    second = []

    def try_too(*_):
        with connect(address) as other:
            second.append(build(other, TABLES, HERE))
            assert sweep(other, TABLES, [1]) == []  # what is being built is nobody's to sweep

    monkeypatch.setattr("indexer.pgvector_build._make_graph", try_too)
    monkeypatch.setattr("indexer.pgvector_build._fitting_width", lambda *_: 400)

    assert build(rows, TABLES, HERE, graph_from=1) == COUNT
    assert second == [None]


KILLED_WHILE_BUILDING = """
import os, signal, sys
from indexer import pgvector_build
from tests.indexer.in_postgres import TABLES, connect
from tests.indexer.test_pgvector_tables import HERE
pgvector_build._make_graph = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
pgvector_build.build(connect(sys.argv[1]), TABLES, HERE, graph_from=1)
"""


def test_what_a_killed_worker_left_is_swept_and_built_again(rows, address):
    follow(rows, TABLES, HERE)
    died = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_BUILDING, address], env=os.environ, check=False
    )
    assert died.returncode == -9
    left = "SELECT count(*) FROM peerqa_vectors.base WHERE state = 'filling'"
    assert rows.execute(left).fetchone() == (1,)

    assert owners_of(opened(rows, HERE).search(VECTORS[7], k=1)) == [1]
    while not sweep(rows, TABLES, [1]):  # until the server has noticed
        pass

    assert rows.execute(left).fetchone() == (0,)
    assert build(rows, TABLES, HERE, graph_from=1) == COUNT
    assert base_of(rows, HERE).width > 0


def test_a_replaced_table_stays_for_a_moment_then_goes(rows, monkeypatch):
    follow(rows, TABLES, HERE)
    before = base_of(rows, HERE)
    build(rows, TABLES, HERE)
    assert sweep(rows, TABLES, [1]) == []

    monkeypatch.setattr(pgvector_upkeep, "LINGERS_SECONDS", 0)

    assert sweep(rows, TABLES, [1]) == [before.id]
    assert rows.execute(f"SELECT to_regclass('peerqa_vectors.base_{before.id}')").fetchone() == (
        None,
    )


def test_a_table_that_is_read_is_not_waited_for(rows, address, monkeypatch):
    monkeypatch.setattr(pgvector_upkeep, "LINGERS_SECONDS", 0)
    follow(rows, TABLES, HERE)
    before = base_of(rows, HERE)
    build(rows, TABLES, HERE)
    with connect(address) as reader, reader.transaction():
        reader.execute(f"SELECT 1 FROM peerqa_vectors.base_{before.id}")
        assert sweep(rows, TABLES, [1]) == []

    assert sweep(rows, TABLES, [1]) == [before.id]


def test_the_tables_of_an_organization_that_is_gone_go(rows):
    follow(rows, TABLES, HERE)

    assert len(sweep(rows, TABLES, [2, 3])) == 1
    assert base_of(rows, HERE) is None


def test_what_was_deleted_leaves_the_pages(rows):
    build(rows, TABLES, HERE)
    write_rows(rows, HERE, [(5, 1, None)], revision=5)
    follow(rows, TABLES, HERE)
    base = base_of(rows, HERE)
    flush, dead = (
        "SELECT pg_stat_force_next_flush()",
        "SELECT n_dead_tup FROM pg_stat_all_tables WHERE relname = %s",
    )
    rows.execute(flush)
    assert rows.execute(dead, [f"base_{base.id}"]).fetchone() == (1,)
    vacuum(rows, TABLES, base)
    rows.execute(flush)
    assert rows.execute(dead, [f"base_{base.id}"]).fetchone() == (0,)


def test_the_table_of_a_model_whose_rows_are_gone_goes(rows, monkeypatch):
    monkeypatch.setattr(pgvector_upkeep, "LINGERS_SECONDS", 0)
    follow(rows, TABLES, HERE)
    before = base_of(rows, HERE)
    retire(rows, TABLES, HERE)
    assert base_of(rows, HERE) == before

    rows.execute("DELETE FROM embedding")
    retire(rows, TABLES, HERE)

    assert sweep(rows, TABLES, [1]) == [before.id]


def test_a_place_has_one_current_table(rows):
    follow(rows, TABLES, HERE)

    with pytest.raises(IndexDamaged), guarded(rows) as cursor:
        make_base(cursor, TABLES, HERE, state="current")
    assert isinstance(psycopg.errors.UniqueViolation(), psycopg.Error)
