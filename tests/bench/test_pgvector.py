import pytest
from click.testing import CliRunner

from peerqa.__main__ import MORE
from peerqa.bench.pgvector import NoPostgres, compare, measure_pgvector, own_schema
from peerqa.bench.table import lines_of_pgvector
from peerqa.cli import commands
from tests.bench.test_vectors import REAL
from tests.indexer.in_postgres import address, connection  # noqa: F401 - fixtures
from tests.indexer.test_faiss_index import unit_vectors

pytestmark = pytest.mark.postgresql


def test_both_are_measured_and_the_schema_goes(tmp_path, connection, monkeypatch):  # noqa: F811
    monkeypatch.setattr("indexer.pgvector_build.build.__kwdefaults__", {"graph_from": 100})
    queries = unit_vectors(10, seed=5, dimension=32)
    with own_schema(connection) as tables:
        figures = compare(connection, tables, tmp_path, REAL, queries, 2_000, lambda _: None)

    assert figures["recall_at_10"] >= 0.97
    assert figures["faiss_recall_at_10"] >= 0.9
    assert figures["ratio_to_faiss"] > 0
    assert figures["width"] >= 400
    assert figures["table_bytes_a_vector"] > 2 * 32
    left = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'peerqa_bench%'"
    assert connection.execute(left).fetchone() == (0,)
    said = list(lines_of_pgvector({"pgvector": figures, "synthetic": "Mixtures.", "seconds": 2.0}))
    assert "MISSED" not in said[0]


def test_without_a_postgresql_it_says_what_to_name(monkeypatch, tmp_path):
    monkeypatch.setattr("peerqa.bench.pgvector.find_spec", lambda _: None)
    with pytest.raises(NoPostgres, match="--database"):
        measure_pgvector(_no_app, 1_000, 10, print, database=None)
    away = f"postgresql://nobody@/none?host={tmp_path}"
    with pytest.raises(NoPostgres, match="does not answer"):
        measure_pgvector(_no_app, 1_000, 10, print, database=away)


def test_it_is_measured_with_a_number_of_vectors_only():
    ran = CliRunner().invoke(commands(_no_app, MORE), ["bench", "--index", "pgvector"])

    assert ran.exit_code == 2
    assert "--vectors" in ran.stderr


def _no_app():
    raise AssertionError("nothing is encoded where there is nothing to measure")
