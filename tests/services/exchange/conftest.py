"""Imports as the command does them, within a test's own transaction."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from peerqa.database import Base
from peerqa.models import Organization
from peerqa.services.exchange.batches import write_batch
from peerqa.services.exchange.csv_threads import read_csv
from peerqa.services.exchange.dump import open_dump
from peerqa.services.exchange.preparing import Target, recall, render_texts
from peerqa.services.exchange.report import Report
from peerqa.services.exchange.spool import Spool, open_spool
from peerqa.services.exchange.stackexchange import read_stackexchange
from tests.conftest import NOON
from tests.services.exchange.dumps import write_dump

Bring = Callable[..., Report]


def ignore(_label: str, _done: int, _total: int | None) -> None:
    """A step that nobody watches."""


def write(session: Session, spool: Spool, target: Target) -> Report:
    mark = recall(session, spool, target)
    render_texts(spool, step=ignore)
    report = write_batch(session, spool, target, mark=mark, at=NOON, step=ignore)
    session.expire_all()
    return report


@pytest.fixture
def bring(session: Session, organization: Organization, tmp_path: Path) -> Bring:
    """Return a function that imports a dump: name of a file → rows."""

    def run(space: str = "Meta", **files: list[str]) -> Report:
        path = write_dump(tmp_path / "dump", files)
        with open_spool(tmp_path) as spool, open_dump(path, spool.folder) as dump:
            read_stackexchange(dump, spool, at=NOON, step=ignore)
            return write(session, spool, Target(organization.name, space, "stackexchange"))

    return run


@pytest.fixture
def bring_csv(session: Session, organization: Organization, tmp_path: Path) -> Bring:
    """Return a function that imports a CSV file."""

    def run(content: str | bytes, space: str = "Help") -> Report:
        path = tmp_path / "faq.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with open_spool(tmp_path) as spool:
            read_csv(path, spool, at=NOON, step=ignore)
            return write(session, spool, Target(organization.name, space, "csv", in_space=True))

    return run


def figures(count) -> tuple[int, int, int, int]:
    """Added, unchanged, updated, kept."""
    return count.added, count.unchanged, count.updated, count.kept


def rows_of_every_table(session: Session) -> dict[str, list[tuple]]:
    """Everything in the database, but for what tells of imports and of work to do."""
    told = {"import_batch", "outbox", "audit_entry"}
    return {
        name: sorted(map(repr, session.execute(select(table)).all()))
        for name, table in Base.metadata.tables.items()
        if name not in told
    }


def count(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
