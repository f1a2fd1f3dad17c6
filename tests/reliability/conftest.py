"""The arena: where sixteen threads race on a database that really commits."""

import os
from collections.abc import Iterator

import pytest

from peerqa.app import create_app, migrate_empty
from peerqa.settings import Settings
from tests.postgres import drop_database, postgres_url
from tests.reliability.arena import THREADS, Arena, Stage

# Each race once, and on fresh rows 20 times in the long run, since a lucky order hides it.
ROUNDS = int(os.environ.get("PEERQA_ROUNDS", "10")) // 10 or 1


@pytest.fixture(scope="module")
def arena(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    home = tmp_path_factory.mktemp(f"arena-{database_kind}")
    address = postgres_url() if database_kind == "postgresql" else None
    settings = Settings(
        home=home,
        database_url=address,
        model_dir=home / "no-model",
        secret_key="k" * 32,
        web_threads=THREADS,
        write_wait_seconds=60,
    )
    app = create_app(settings)
    engine = migrate_empty(app)
    yield Arena(app)
    engine.dispose()
    if address:
        drop_database(address)


@pytest.fixture(params=range(ROUNDS))
def stage(arena: Arena, request: pytest.FixtureRequest) -> Stage:
    return arena.stage()
