"""How the database answers a look-up. SQLite keeps no statistics, so it guesses."""

import pytest
from sqlalchemy import event

from peerqa.search.hits import reader_of
from peerqa.search.sight import visible


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # PostgreSQL has statistics
def test_the_few_candidates_are_read_by_their_ids(session, question, alice, closed_space):
    heard = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: heard.append(call[2:4]))

    assert visible(session, reader_of(alice), [question.id]).keys() == {question.id}

    statement, values = next(each for each in heard if "FROM post" in each[0])
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert not [step for step in plan if "SCAN question" in step[3] or "_organization" in step[3]]
