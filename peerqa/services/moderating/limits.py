"""How often somebody may do something: counted by the clock hour, in the database.

So it holds for all processes and hosts together, exactly: one statement adds one and says how many
there are. The count is in the transaction of the act, so what fails for another reason counts not.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from peerqa.database import dialect_name
from peerqa.errors import N_, TooSoon
from peerqa.models.moderating.rate_count import RateCount
from peerqa.secrets import InstanceKey

HOUR = timedelta(hours=1)
_USE = "rate"


class TooMany(TooSoon):
    """The person did this as often as it is taken in an hour."""

    code = "too-many"


def take(
    session: Session, key: InstanceKey, act: str, who: object, *, most: int, at: datetime
) -> None:
    """Count an act of somebody's, and refuse it where it is one too many in this hour.

    Args:
        who: a member's id, or an address; stored as a keyed digest of this hour alone.
        most: in an hour; 0: as often as they like.

    Raises:
        TooMany: with the seconds until it is taken again.
    """
    if not most:
        return
    until = at.replace(minute=0, second=0, microsecond=0) + HOUR
    digest = key.digest(_USE, act, who, until.isoformat())
    if _add_one(session, digest, until) > most:
        seconds = int((until - at).total_seconds()) + 1
        refusal = TooMany(
            N_("That was a lot for one hour, so this waits. Try again in %(minutes)s minutes."),
            minutes=-(-seconds // 60),
        )
        refusal.retry_after_seconds = seconds
        raise refusal


def _add_one(session: Session, digest: str, until: datetime) -> int:
    """Return how many there are now; of many at once each hears another number."""
    insert = sqlite.insert if dialect_name(session) == "sqlite" else postgresql.insert
    statement = insert(RateCount).values(digest=digest, count=1, until=until)
    added = statement.on_conflict_do_update(
        index_elements=["digest"], set_={"count": RateCount.count + 1}
    ).returning(RateCount.count)
    return int(session.connection().execute(added).scalar_one())


def delete_past(session: Session, *, at: datetime) -> None:
    """Forget the hours that are over."""
    session.execute(delete(RateCount).where(RateCount.until <= at))
