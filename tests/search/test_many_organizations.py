"""Hundreds of organizations in one process: those looked into last stay open, all answer right."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from indexer.faiss_index import write_base
from peerqa.models import Embedding, IndexRevision, Organization
from peerqa.search import indexes
from peerqa.search.indexes import Indexes
from tests.conftest import NOON
from tests.fakes import WordsEncoder
from tests.indexer.test_faiss_index import owners_of

# What differs between databases is not looked at here.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

MANY = 300
ROWS = 6
FEW = 20


@pytest.fixture(scope="module")
def encoder():
    return WordsEncoder(dimension=16)


@pytest.fixture(scope="module")
def saved(tmp_path_factory, encoder):
    """A base for each of many organizations; question 10 × n + i is the i-th of organization n."""
    folder = tmp_path_factory.mktemp("indexes")
    keeper = Indexes(folder)
    for n in range(1, MANY + 1):
        write_base(
            keeper.folder_of(n, encoder.model),
            model=encoder.model,
            dimension=encoder.dimension,
            revision=1,
            ids=range(ROWS),
            owners=[10 * n + i for i in range(ROWS)],
            vectors=encoder.encode([text_of(n, i) for i in range(ROWS)]),
        )
    return folder


def text_of(n, i):
    return f"question {i} of organization {n}"


@pytest.fixture
def keeper(saved, monkeypatch):
    monkeypatch.setattr(indexes, "MOST_OPEN", FEW)
    monkeypatch.setattr(indexes, "OPENING_SECONDS", 30.0)  # the machine may be busy
    return Indexes(saved)


def open_files(folder):
    """Count the descriptors and the maps of files in the folder."""
    links = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
    maps = Path("/proc/self/maps").read_text().splitlines()
    return (
        sum(link.startswith(str(folder)) for link in links),
        sum(str(folder) in line for line in maps),
    )


def look_into(keeper, session, n, encoder, i=2):
    index = keeper.find(session, n, encoder)
    return owners_of(index.search(encoder.encode([text_of(n, i)])[0], k=1))


def test_all_answer_right_and_few_stay_open(session, keeper, saved, encoder):
    for _ in range(2):  # reopened when they are looked into again
        for n in range(1, MANY + 1):
            assert look_into(keeper, session, n, encoder) == [10 * n + 2]

    descriptors, maps = open_files(saved)
    assert 0 < descriptors <= 2 * FEW
    assert 0 < maps <= 3 * FEW


def test_the_one_in_use_is_not_taken_away(session, keeper, encoder):
    held = keeper.find(session, 1, encoder)
    for n in range(2, 2 * FEW):
        look_into(keeper, session, n, encoder)

    assert keeper.find(session, 1, encoder) is not held  # it was let go
    query = encoder.encode([text_of(1, 4)])[0]
    assert owners_of(held.search(query, k=1)) == [14]  # and is whole for whoever has it


def test_those_looked_into_last_stay_open(session, keeper, encoder):
    index = keeper.find(session, 1, encoder)
    for n in range(2, 2 * FEW):
        look_into(keeper, session, n, encoder)
        assert keeper.find(session, 1, encoder) is index


def test_memory_of_ones_own_is_bounded_too(session, keeper, organization, encoder, monkeypatch):
    monkeypatch.setattr(indexes, "MOST_PRIVATE_BYTES", 50_000)
    for n in range(1, FEW):
        look_into(keeper, session, n, encoder)

    held = [place.index.private_bytes for place in keeper._places.values()]
    assert 0 < sum(held) <= 50_000
    monkeypatch.setattr(indexes, "MOST_PRIVATE_BYTES", 0)
    assert look_into(keeper, session, 1, encoder) == [12]  # the one in use stays, whatever it takes
    assert len(keeper._places) == 1


def test_a_base_that_was_replaced_is_let_go_though_nobody_looks(
    session, keeper, saved, encoder, monkeypatch
):
    monkeypatch.setattr(indexes, "STALE_SECONDS", 0.0)
    look_into(keeper, session, 299, encoder)
    rows = encoder.encode([text_of(299, i) for i in range(ROWS)])
    write_base(
        keeper.folder_of(299, encoder.model), model=encoder.model, dimension=encoder.dimension,
        revision=1, ids=range(ROWS), owners=[2990 + i for i in range(ROWS)], vectors=rows,
    )  # fmt: skip

    look_into(keeper, session, 1, encoder)

    assert "(deleted)" not in "".join(
        line for line in Path("/proc/self/maps").read_text().splitlines() if str(saved) in line
    )
    assert look_into(keeper, session, 299, encoder) == [2992]


def test_many_threads_find_what_is_theirs(house, keeper, encoder):
    wrong = []

    def look(first):
        with house.app_context():
            from peerqa.database import db

            for n in range(first, MANY, 7):
                if (found := look_into(keeper, db.session(), n, encoder)) != [10 * n + 2]:
                    wrong.append((n, found))
            db.session.remove()

    threads = [threading.Thread(target=look, args=(first,)) for first in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_process_far_behind_goes_on_where_it_ended(session, tmp_path, encoder, monkeypatch):
    monkeypatch.setattr(indexes, "MOST_CAUGHT_UP", 10)
    organization = Organization(name="Large", created_at=NOON)
    session.add(organization)
    session.flush()
    session.merge(IndexRevision(organization_id=organization.id, revision=30))
    session.execute(
        insert(Embedding),
        [
            {
                "organization_id": organization.id, "post_id": 90_000 + n, "question_id": n,
                "kind": "title", "model": encoder.model, "text_hash": "", "revision": n,
                "vector": np.float32(encoder.encode([f"text {n}"])[0]).tobytes(),
            }
            for n in range(1, 31)
        ],
    )  # fmt: skip
    keeper = Indexes(tmp_path)

    turns = 0
    while (index := keeper.find(session, organization.id, encoder)) is None:
        turns += 1
        assert turns < 10, "it never caught up"

    assert (turns, index.size) == (2, 30)
