"""The whole product on a database of its own, once with each index, and each process committing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from peerqa import outbox
from peerqa.app import create_app, migrate_empty
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.search.engine import SearchEngine
from peerqa.search.upkeep import Upkeep
from peerqa.settings import Settings
from tests.postgres import drop_database, postgres_url


class Product:
    """An installation: one worker, and a web process that can be started again."""

    def __init__(self, app: Flask, encoder) -> None:
        self.app = app
        self.settings: Settings = app.extensions["peerqa.settings"]
        self.encoder = encoder
        self.worker = Upkeep(self._process())
        self.restart()

    def restart(self) -> None:
        """Start the web process again."""
        self.web = self._process()

    def restart_worker(self) -> None:
        self.worker = Upkeep(self._process())

    def work(self) -> None:
        """Let the worker do what was asked for."""
        while outbox.drain({"index": self.worker.update}, now=utc_now):
            pass

    def _process(self) -> SearchEngine:
        engine = SearchEngine(self.settings)
        engine.encoders.use(self.encoder)
        return engine


def make_product(home: Path, vectors: str, encoder, *, url: str | None = None) -> Product:
    """Make an installation with its tables; the caller is in its app context."""
    settings = Settings(
        home=home, database_url=url, vectors=vectors, model_dir=home / "no-model",
        secret_key="k" * 32,
    )  # fmt: skip
    app = create_app(settings, with_doors=False)
    migrate_empty(app)
    return Product(app, encoder)


@pytest.fixture(
    scope="module",
    params=["faiss", pytest.param("pgvector", marks=pytest.mark.postgresql)],
)
def vectors(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def database(vectors: str) -> Iterator[str | None]:
    if vectors == "faiss":
        yield None
        return
    url = postgres_url()
    yield url
    drop_database(url)


def in_context(product: Product) -> Iterator[Product]:
    with product.app.app_context():
        try:
            yield product
        finally:
            db.session.remove()
            db.engine.dispose()
