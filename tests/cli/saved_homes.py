"""What is in the database of an installation, and whether another one has the same."""

from contextlib import closing

from peerqa.backups import open_sqlite


def rows(home) -> dict[str, list[str]]:
    with closing(open_sqlite(home / "peerqa.db")) as opened:
        names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: sorted(map(repr, opened.execute(f'SELECT * FROM "{name}"'))) for (name,) in names
        }


def is_copy(copy, source) -> bool:
    """Whether all rows are the same; the trail hears of a backup after it was made."""
    found, there = rows(copy), rows(source)
    for home in (found, there):
        numbers = home.pop("sqlite_sequence")
        home["numbers"] = [each for each in numbers if "audit_entry" not in each]
    is_begun = set(found.pop("audit_entry")) <= set(there.pop("audit_entry"))
    return is_begun and found == there
