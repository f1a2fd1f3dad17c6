"""What the tests of copying look at."""

import numpy as np
import psycopg
from sqlalchemy import create_engine, inspect, make_url, select

from peerqa.models import Organization

KILLED = """
import os, signal, sys, time
from peerqa import copying
def stop(*_args, **_more):
    print("copied", flush=True)
    time.sleep(60)
copying._set_sequences = stop
from peerqa.__main__ import main
sys.argv = ["peerqa", "copy-database", sys.argv[1]]
main()
"""


def odd_vector(session):
    firm = session.scalars(select(Organization.id)).first()
    vector = np.array([0.1, np.nan, -0.0], "<f4").tobytes()
    return {
        "organization_id": firm, "post_id": 1_000_000, "question_id": 1, "kind": "note",
        "model": "äöü \u2028 '%s'\\N\t", "text_hash": "", "revision": 0, "vector": vector,
    }  # fmt: skip


def tables_of(url):
    engine = create_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def in_target(url, statement):
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return connection.execute(statement).all()
    finally:
        engine.dispose()


def in_target_only(url, statements):
    address = make_url(url)
    with psycopg.connect(
        dbname=address.database, host=address.query["host"], user="postgres", autocommit=True
    ) as connection:
        connection.execute(statements)


def refused(ran, code):
    assert ran.status == 1, ran.said
    error = ran.json["error"]
    assert error["code"] == code
    return error["message"]
