"""Opening SQLite as a server database: WAL, commits on disk before the reply, foreign keys on."""

from time import monotonic, sleep
from typing import Any

OPENING_SECONDS = 5.0  # that another process may take to make the file
RETRY_SECONDS = 0.01


def open_connection(connection: Any, _record: object) -> None:  # Any: sqlite3's or pysqlite3's
    """Make a connection durable and strict; what the engine calls for each new one."""
    connection.isolation_level = None  # the driver must not begin transactions by itself
    connection.execute("PRAGMA busy_timeout=5000")
    _write_ahead(connection)
    for pragma in (
        "synchronous=FULL",  # NORMAL does not fsync before the reply
        "foreign_keys=ON",
        "mmap_size=0",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:  # Any: as above
    """Have the file written ahead, for good.

    Of processes that open a new file at once one turns it; to the others SQLite says at once that
    it is locked, whatever the timeout, where two that wait would wait for each other.
    """
    until = monotonic() + OPENING_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except connection.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(RETRY_SECONDS)
        else:
            return
