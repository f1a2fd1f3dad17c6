"""Databases that are really written to: what commits, locks and races do cannot be rolled back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from peerqa.app import create_app, migrate_empty
from peerqa.database import db
from peerqa.settings import Settings
from tests.postgres import drop_database, postgres_url

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def open_app(home: Path, address: str | None, **more: object) -> Flask:
    """Return an app of its own, as another process would have."""
    app = create_app(
        Settings(
            home=home,
            database_url=address,
            model_dir=home / "no-model",
            secret_key="k" * 32,
            **more,
        )
    )
    app.testing = True
    return app


@pytest.fixture(params=KINDS)
def fresh_kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def address(fresh_kind: str) -> Iterator[str | None]:
    """The address of a database of the test's own; None for SQLite in its home."""
    url = postgres_url() if fresh_kind == "postgresql" else None
    yield url
    if url:
        drop_database(url)


@pytest.fixture
def empty_app(home: Path, address: str | None) -> Iterator[Flask]:
    """An app whose database has no tables yet."""
    app = open_app(home, address)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def fresh_app(empty_app: Flask) -> Flask:
    """An app on a database that the test may commit to."""
    migrate_empty(empty_app)
    return empty_app


@pytest.fixture
def engine(empty_app: Flask) -> Engine:
    with empty_app.app_context():
        return db.engine
