"""Which columns refer to a table: who joins or removes its rows forgets none of them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column

from peerqa.database import Base


def columns_to(target: str) -> Iterator[Column[Any]]:
    """Yield every column of every table that refers to one, such as "member.id"."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == target for key in column.foreign_keys):
                yield column
