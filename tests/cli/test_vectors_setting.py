"""PEERQA_VECTORS=pgvector where it cannot be: one sentence, at start and by the doctor."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import make_url

from peerqa.settings import BadSetting, read_settings
from tests.indexer.in_postgres import connect
from tests.postgres import drop_database, postgres_url
from tests.reliability.service import free_port


@pytest.mark.parametrize("address", [None, "sqlite:////tmp/peerqa.db"])
def test_pgvector_without_postgresql_is_refused(address):
    with pytest.raises(BadSetting, match=r"PEERQA_VECTORS: .*PEERQA_DATABASE_URL"):
        read_settings(vectors="pgvector", database_url=address)
    assert read_settings(database_url=address).vectors == "faiss"


def test_an_unknown_index_is_refused():
    with pytest.raises(BadSetting, match=r"PEERQA_VECTORS: .*faiss"):
        read_settings(vectors="hnswlib")


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_both_ways_to_name_a_postgresql_will_do(scheme):
    settings = read_settings(vectors="pgvector", database_url=f"{scheme}://host/name")

    assert settings.vectors == "pgvector"


@pytest.fixture
def teller():
    """The address of a database without the extension, for an account that may not install it."""
    url = postgres_url()
    with connect(url) as owner:
        owner.execute("CREATE ROLE teller LOGIN; GRANT ALL ON SCHEMA public TO teller")
    yield make_url(url).set(username="teller").render_as_string()
    with connect(url) as owner:
        owner.execute("DROP OWNED BY teller; DROP ROLE teller")
    drop_database(url)


@pytest.mark.postgresql
def test_a_database_without_pgvector_is_refused_in_one_sentence(teller, tmp_path):
    environment = os.environ | {
        "PEERQA_HOME": str(tmp_path), "PEERQA_VECTORS": "pgvector", "PEERQA_DATABASE_URL": teller,
    }  # fmt: skip
    for command in (["serve", "--port", str(free_port())], ["doctor"]):
        ran = subprocess.run(
            [sys.executable, "-m", "peerqa", *command], env=environment,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ran.returncode == 1
        assert "Traceback" not in ran.stderr
        assert "CREATE EXTENSION vector" in ran.stdout + ran.stderr
